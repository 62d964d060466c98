//! Servers that offer one version of TLS alone: the same certificate in the same words, each with what was negotiated.

use super::peers::{ask, has_openssl, openssl, serve, switchboard};

const UM1: &str = "um1.tukwila.contoso.com";

/// Options, version, a word of the suite, whether the key was proved.
const SERVERS: &[(&[&str], &str, &str, bool)] = &[
    (&["-tls1", "-cipher", "ALL:@SECLEVEL=0"], "1.0", "CBC", false),
    (&["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"], "1.2", "TLS_RSA_WITH_AES_128_CBC_SHA", false),
    (&["-tls1_3"], "1.3", "TLS_AES_256_GCM_SHA384", true),
];

#[test]
fn one_certificate_is_read_in_the_same_words_from_every_age_of_server() {
    if !has_openssl() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    openssl(
        dir.path(),
        &format!(
            "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN={UM1} -addext subjectAltName=DNS:{UM1} -addext basicConstraints=critical,CA:FALSE -keyout um1.key -out um1.pem"
        ),
    );
    let (_, json) = ask(dir.path(), &["--file", "um1.pem", "--name", UM1]);
    let at = json["at"].as_str().unwrap();
    let mut certificates = Vec::new();
    for (options, version, suite, proved) in SERVERS {
        let server = serve(dir.path(), "um1.pem", "um1.key", options);
        let listener = format!("127.0.0.1:{}", server.port);
        let output = switchboard(dir.path(), &[&listener, "--name", UM1, "--at", at]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{text}");
        let session = text.lines().find(|line| line.starts_with("  session")).unwrap();
        let proof = if *proved { "the peer proved its key" } else { "read without proof of the key" };
        assert!(session.contains(&format!("TLS {version}")) && session.contains(suite), "{session}");
        assert!(session.contains(proof), "{session}");
        let rest = text.lines().skip(1).filter(|line| !line.starts_with("  session") && !line.starts_with("  note"));
        certificates.push(rest.map(str::to_owned).collect::<Vec<_>>());
    }
    assert!(certificates[0].iter().any(|line| line.contains(UM1) && line.contains("self-signed")));
    assert!(certificates.iter().all(|lines| *lines == certificates[0]), "{certificates:#?}");
}
