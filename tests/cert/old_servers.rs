//! Servers that offer one version of TLS alone: the same certificate in the same words, each with what was negotiated.

use super::peers::{ask, command, has_openssl, openssl, serve, switchboard};

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

/// Three servers of three ages, watched at once.
const TOPOLOGY: &str = r#"
[console]
name = "contoso.com"
interval = "200ms"
fall = 1
[trust]
lync = "um.pem"
[network.map]
"192.0.2.11:5061" = "127.0.0.1:PORT0"
"192.0.2.12:5061" = "127.0.0.1:PORT1"
"192.0.2.13:5061" = "127.0.0.1:PORT2"
[[site]]
name = "Tukwila"
[[site.server]]
fqdn = "um1.tukwila.contoso.com"
address = "192.0.2.11"
version = "14.3"
[[site.server]]
fqdn = "um2.tukwila.contoso.com"
address = "192.0.2.12"
version = "14.3"
[[site.server]]
fqdn = "um3.tukwila.contoso.com"
address = "192.0.2.13"
version = "14.3"
"#;

#[test]
fn check_and_cert_say_the_same_of_every_age_of_server() {
    if !has_openssl() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    openssl(
        dir.path(),
        "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=um.contoso.com -addext subjectAltName=DNS:*.tukwila.contoso.com -addext basicConstraints=critical,CA:FALSE -keyout um.key -out um.pem",
    );
    let servers: Vec<_> = SERVERS.iter().map(|row| serve(dir.path(), "um.pem", "um.key", row.0)).collect();
    let mut topology = TOPOLOGY.to_owned();
    for (number, server) in servers.iter().enumerate() {
        topology = topology.replace(&format!("PORT{number}"), &server.port.to_string());
    }
    std::fs::write(dir.path().join("switchboard.toml"), topology).unwrap();
    let check = |more: &[&str]| {
        let output =
            command(dir.path(), &[&["check", "--config", "switchboard.toml", "--state-dir", "."], more].concat());
        String::from_utf8(output.stdout).unwrap()
    };
    let document: serde_json::Value = serde_json::from_str(&check(&["--json"])).unwrap();
    let text = check(&[]);
    let mut leaves = Vec::new();
    for ((row, server), number) in SERVERS.iter().zip(&servers).zip(0..) {
        let service = &document["sites"][0]["servers"][number]["services"][0];
        let (_, json) = ask(dir.path(), &[&format!("127.0.0.1:{}", server.port), "--name", UM1]);
        assert_eq!(service["tls"], json["tls"], "{service}");
        assert_eq!(
            (&service["tls"]["version"], &service["tls"]["proved"]),
            (&row.1.into(), &row.3.into()),
            "{service}"
        );
        assert_eq!(service["certificate"]["sha256"], json["chain"][0]["sha256"]);
        let mut leaf = service["certificate"].clone();
        leaf["covers"] = true.into();
        leaves.push(leaf);
        let shown = switchboard(dir.path(), &[&format!("127.0.0.1:{}", server.port)]);
        let shown = String::from_utf8(shown.stdout).unwrap();
        let session = shown.lines().find_map(|line| line.strip_prefix("  session")).unwrap().trim().to_owned();
        assert!(text.contains(&session), "{session} is not in {text}");
    }
    assert!(leaves.iter().all(|leaf| *leaf == leaves[0] && leaf["self_signed"] == true), "{leaves:#?}");
}
