//! Revocation lists: from files and over HTTP, right and wrong ones, through the command and the watch.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use rcgen::{
    CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint, CrlScope, KeyIdMethod,
    RevocationReason, RevokedCertParams, SerialNumber,
};
use switchboard::domain::certificate::{Crl, CrlError, Reason};
use switchboard::domain::finding::Severity;
use switchboard::domain::observation::{CrlFailure, Outcome, ProbeId};

use super::bad::{Authority, below, key, leaf, root};
use super::peers::{ask, has_openssl, openssl, switchboard};
use super::watching::{Story, UM1, UM2, chain};

const AT: &str = "2026-06-01T12:00:00Z";
const REVOKED: RevocationReason = RevocationReason::KeyCompromise;

/// A list made on the first of May, good until a day of 2026.
fn list(until: (u8, u8), revoked: &[&[u8]]) -> CertificateRevocationListParams {
    let entry = |serial: &&[u8]| RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial),
        revocation_time: rcgen::date_time_ymd(2026, 4, 30),
        reason_code: Some(REVOKED),
        invalidity_date: None,
    };
    CertificateRevocationListParams {
        this_update: rcgen::date_time_ymd(2026, 5, 1),
        next_update: rcgen::date_time_ymd(2026, until.0, until.1),
        crl_number: SerialNumber::from(7u64),
        issuing_distribution_point: None,
        revoked_certs: revoked.iter().map(entry).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    }
}

fn signed(issuer: &Authority, params: &CertificateRevocationListParams) -> rcgen::CertificateRevocationList {
    params.signed_by(issuer).unwrap()
}

const LEAF: &[u8] = &[0x00, 0xc0, 0xff, 0xee];
const ISSUING: &[u8] = &[0x51];

/// A root, an authority below it, a leaf; written as `roots.pem` and `um1.pem`.
struct Pki {
    root: Authority,
    issuing: Authority,
}

impl Pki {
    fn new(dir: &Path) -> Self {
        let root = root("Contoso");
        let issuing = below(&root, |params| params.serial_number = Some(SerialNumber::from_slice(ISSUING)));
        let pki = Self { root, issuing };
        std::fs::write(dir.join("roots.pem"), pki.root.pem()).unwrap();
        std::fs::write(dir.join("um1.pem"), pki.leaf(LEAF) + &pki.issuing.pem()).unwrap();
        pki
    }

    fn leaf(&self, serial: &[u8]) -> String {
        let mut params = leaf(&[UM1]);
        params.serial_number = Some(SerialNumber::from_slice(serial));
        params.signed_by(&key(), &self.issuing).unwrap().pem()
    }
}

/// Exit code, the reason of the whole, the standing of the leaf and of the authority above it, and the trust of the roots.
fn asked(dir: &Path, crls: &[&str]) -> (Option<i32>, [String; 4]) {
    let crls: Vec<&str> = crls.iter().flat_map(|crl| ["--crl", crl]).collect();
    let base = ["--file", "um1.pem", "--roots", "roots.pem", "--at", AT];
    let (code, json) = ask(dir, &[&base[..], &crls].concat());
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let standing = |at: usize| word(&json["revocation"]["certificates"][at]["standing"]);
    (code, [word(&json["revocation"]["why"]), standing(0), standing(1), word(&json["trust"][0]["why"])])
}

#[test]
fn a_list_says_of_each_certificate_whether_it_was_revoked() {
    let dir = tempfile::tempdir().unwrap();
    let pki = Pki::new(dir.path());
    let write = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
    let (good, bad) = (list((7, 1), &[&[9]]), list((7, 1), &[&[9], LEAF]));
    write("good.crl", signed(&pki.issuing, &good).pem().unwrap().as_bytes());
    write("bad.crl", signed(&pki.issuing, &bad).der());
    write("old.crl", signed(&pki.issuing, &list((5, 20), &[])).der());
    write("of-root.crl", signed(&pki.root, &list((7, 1), &[])).der());
    write("issuing-revoked.crl", signed(&pki.root, &list((7, 1), &[ISSUING])).der());
    let thief = below(&root("Contoso"), |_| {});
    write("thief.crl", signed(&thief, &good).der());
    let both = [signed(&pki.issuing, &good).pem().unwrap(), signed(&pki.root, &list((7, 1), &[])).pem().unwrap()];
    write("both.pem", both.concat().as_bytes());

    let of = |crls: &[&str]| asked(dir.path(), crls);
    let fine = |words: [&str; 4]| words.map(str::to_owned);
    assert_eq!(of(&[]), (Some(0), fine(["", "", "", ""])));
    assert_eq!(of(&["good.crl"]), (Some(0), fine(["", "good", "no-list", ""])));
    assert_eq!(of(&["both.pem"]), (Some(0), fine(["", "good", "good", ""])));
    assert_eq!(of(&["good.crl", "of-root.crl"]), (Some(0), fine(["", "good", "good", ""])));
    assert_eq!(of(&["bad.crl"]), (Some(1), fine(["revoked", "revoked", "no-list", "revoked"])));
    assert_eq!(of(&["good.crl", "issuing-revoked.crl"]), (Some(1), fine(["revoked", "good", "revoked", "revoked"])));
    assert_eq!(of(&["old.crl"]), (Some(1), fine(["list-expired", "good", "no-list", ""])));
    assert_eq!(of(&["of-root.crl"]), (Some(1), fine(["no-list", "no-list", "good", ""])));
    // Another key under the same name: its list says nothing, good or bad.
    assert_eq!(of(&["thief.crl"]).1[1], "no-list");

    let output =
        switchboard(dir.path(), &["--file", "um1.pem", "--roots", "roots.pem", "--crl", "bad.crl", "--at", AT]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("the certificate: REVOKED on 2026-04-30, reason key-compromise, serial 00c0ffee"), "{text}");
    assert!(text.contains("bad.crl: 2 revoked of") && text.contains("NOT TRUSTED, revoked"), "{text}");
}

#[test]
fn who_signed_a_list_has_to_be_known() {
    let dir = tempfile::tempdir().unwrap();
    let pki = Pki::new(dir.path());
    // The authority is not sent with the leaf, and no roots are named: nobody can tell whose list this is.
    std::fs::write(dir.path().join("alone.pem"), pki.leaf(LEAF)).unwrap();
    let bad = signed(&pki.issuing, &list((7, 1), &[LEAF]));
    std::fs::write(dir.path().join("bad.crl"), bad.der()).unwrap();
    let (code, json) = ask(dir.path(), &["--file", "alone.pem", "--name", UM1, "--crl", "bad.crl", "--at", AT]);
    assert_eq!((code, &json["revocation"]["why"]), (Some(1), &"list-unproven".into()), "{json}");
    // One byte of the list changed: the signature is wrong.
    let mut forged = bad.der().to_vec();
    let at = forged.windows(3).position(|three| three == [0xc0, 0xff, 0xee]).unwrap();
    forged[at + 2] ^= 1;
    std::fs::write(dir.path().join("forged.crl"), forged).unwrap();
    assert_eq!(asked(dir.path(), &["forged.crl"]).1[1], "unproven");
}

#[test]
fn lists_that_cannot_be_used_say_why() {
    let dir = tempfile::tempdir().unwrap();
    let pki = Pki::new(dir.path());
    std::fs::write(dir.path().join("text.crl"), "nothing\n").unwrap();
    for (place, said) in [
        ("absent.crl", "No such file"),
        ("text.crl", "not a readable revocation list"),
        ("um1.pem", "not a readable revocation list"),
        ("https://pki.contoso.com/a.crl", "http://"),
        ("ldap:///CN=CA", "http://"),
        ("http://", "no usable host"),
        ("http://a:0/", "no usable host"),
    ] {
        let output = switchboard(dir.path(), &["--file", "um1.pem", "--name", UM1, "--crl", place]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{place}: {told}");
        assert!(told.contains(said), "{place}: {told}");
    }
    // A scope of leaves alone is understood.
    let mut leaves = list((7, 1), &[LEAF]);
    let uris = vec!["http://pki.contoso.com/issuing.crl".to_owned()];
    leaves.issuing_distribution_point = Some(CrlIssuingDistributionPoint {
        distribution_point: CrlDistributionPoint { uris },
        scope: Some(CrlScope::UserCertsOnly),
    });
    std::fs::write(dir.path().join("leaves.crl"), signed(&pki.issuing, &leaves).der()).unwrap();
    assert_eq!(asked(dir.path(), &["leaves.crl"]).1[1], "revoked");
}

#[test]
fn delta_and_indirect_lists_and_unknown_extensions_are_refused() {
    if !has_openssl() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    openssl(dir.path(), "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=CA -keyout ca.key -out ca.pem");
    std::fs::write(dir.path().join("index.txt"), "").unwrap();
    let config = "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\n\
                  [delta]\n2.5.29.27=critical,DER:020101\n\
                  [indirect]\nissuingDistributionPoint=critical,@idp\n[idp]\nindirectCRL=TRUE\n\
                  [odd]\n1.2.3.4=critical,DER:0500\n[mild]\n1.2.3.4=DER:0500\n";
    std::fs::write(dir.path().join("ca.cnf"), config).unwrap();
    for (section, said) in [
        ("delta", Err(CrlError::Delta)),
        ("indirect", Err(CrlError::Indirect)),
        ("odd", Err(CrlError::Extension("1.2.3.4".to_owned()))),
        ("mild", Ok(())),
    ] {
        openssl(
            dir.path(),
            &format!(
                "ca -config ca.cnf -gencrl -crldays 7 -keyfile ca.key -cert ca.pem -crlexts {section} -out list.pem"
            ),
        );
        let read = Crl::read(&std::fs::read(dir.path().join("list.pem")).unwrap());
        assert_eq!(read.map(drop), said, "{section}");
    }
}

/// Answers one question after another with the same bytes, and keeps what was asked.
fn http_server(answer: Vec<u8>) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/issuing.crl", listener.local_addr().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).unwrap() == 0 {
                    break;
                }
                asked.push(byte[0]);
            }
            let _ = tell.send(String::from_utf8_lossy(&asked).into_owned());
            let _ = stream.write_all(&answer);
        }
    });
    (url, told)
}

#[test]
fn a_list_is_fetched_from_where_the_authority_publishes_it() {
    let dir = tempfile::tempdir().unwrap();
    let pki = Pki::new(dir.path());
    let bad = signed(&pki.issuing, &list((7, 1), &[LEAF])).der().to_vec();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\nContent-Length: {}\r\n\r\n", bad.len());
    let (url, told) = http_server([head.as_bytes(), &bad].concat());
    assert_eq!(asked(dir.path(), &[&url]).1[..2], ["revoked", "revoked"]);
    let question = told.recv().unwrap();
    assert!(question.starts_with("GET /issuing.crl HTTP/1.0\r\nHost: 127.0.0.1:"), "{question}");

    let cut = [head.as_bytes(), &bad[..bad.len() / 2]].concat();
    for (answer, said) in [
        (b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec(), "404 Not Found"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/x\r\n\r\n".to_vec(), "redirects are not followed"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n".to_vec(), "encoded"),
        (cut, "cut off"),
        (b"SIP/2.0 400 Bad Request\r\n\r\n".to_vec(), "no HTTP"),
        (b"HTTP/1.1 200 OK\r\n\r\nhello".to_vec(), "not a readable revocation list"),
    ] {
        let (url, _told) = http_server(answer);
        let (code, json) = ask(dir.path(), &["--file", "um1.pem", "--name", UM1, "--crl", &url, "--at", AT]);
        assert_eq!((code, &json["revocation"]["why"]), (Some(1), &"list-unreachable".into()), "{json}");
        assert!(json["revocation"]["sources"][0]["error"].as_str().unwrap().contains(said), "{json}");
    }
    // Nobody listens; and somebody who never answers is not waited for beyond the deadline.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for (address, said) in [(gone, "refused"), (silent.local_addr().unwrap(), "in time")] {
        let url = format!("http://{address}/a.crl");
        let question = ["--file", "um1.pem", "--name", UM1, "--crl", &url, "--timeout", "300ms"];
        let (_, json) = ask(dir.path(), &question);
        assert!(json["revocation"]["sources"][0]["error"].as_str().unwrap().contains(said), "{json}");
    }
}

impl Story {
    /// The list at a place was read, or not.
    fn read_list(&mut self, source: &str, read: Result<&[u8], CrlFailure>) {
        let lists = read.map(|der| Crl::read(der).unwrap().into_iter().map(Into::into).collect());
        self.absorb(ProbeId::Crl { source: source.to_owned() }, Outcome::Crl(lists));
    }
}

#[test]
fn a_console_that_watches_tells_what_was_revoked_and_which_list_is_of_no_use() {
    let ours = root("Contoso");
    let issuing = below(&ours, |_| {});
    let mut story = Story::new(&ours.pem(), "crls = [\"issuing.crl\", \"http://pki.contoso.com/root.crl\"]");
    story.present(UM1, chain(UM1, &issuing, &[&issuing]));
    story.present(UM2, chain(UM2, &issuing, &[&issuing]));
    let serial = story.facts(UM1).serial.clone();
    assert!(story.lync(UM1).ok && story.ids().iter().all(|(id, _)| !id.starts_with("crl")), "not read yet");

    let serial = data_encoding::HEXLOWER.decode(serial.as_bytes()).unwrap();
    let bad = signed(&issuing, &list((7, 1), &[&serial])).der().to_vec();
    story.read_list("issuing.crl", Ok(&bad));
    let verdict = story.lync(UM1);
    assert_eq!((verdict.why, verdict.revoked.unwrap().reason), (Some("revoked"), Reason::KeyCompromise));
    let finding = story.finding("cert-revoked", UM1).unwrap();
    assert_eq!((finding.severity, finding.since.to_string().as_str()), (Severity::Critical, "2026-04-30T00:00:00Z"));
    let hex = data_encoding::HEXLOWER.encode(&serial);
    assert!(finding.evidence.contains(&hex) && finding.evidence.contains("key-compromise"), "{finding:?}");
    assert!(
        story.lync(UM2).ok
            && story.finding("cert-revoked", UM2).is_none()
            && story.finding("cert-untrusted", UM1).is_none()
    );

    // A newer list without it takes a hold back; an unreachable place keeps the last list and is told.
    story.read_list("issuing.crl", Ok(signed(&issuing, &list((7, 1), &[])).der()));
    assert!(story.lync(UM1).ok);
    story.read_list("issuing.crl", Ok(&bad));
    let down = || Err(CrlFailure::Unreachable("No such file".into()));
    story.read_list("http://pki.contoso.com/root.crl", down());
    let finding = story.finding("crl-unreachable", "http://pki.contoso.com/root.crl").unwrap();
    assert!(finding.severity == Severity::Warning && finding.evidence.contains("No such file"), "{finding:?}");
    for _ in 0..3 {
        story.read_list("issuing.crl", down());
    }
    assert!(story.finding("crl-unreachable", "issuing.crl").is_some() && story.lync(UM1).why == Some("revoked"));

    // Out of date, and signed by somebody else.
    story.now = "2026-07-02T00:00:00Z".parse().unwrap();
    let finding = story.finding("crl-expired", "issuing.crl").unwrap();
    assert_eq!(finding.since.to_string(), "2026-07-01T00:00:00Z");
    let mut forged = bad.clone();
    *forged.last_mut().unwrap() ^= 1;
    story.read_list("issuing.crl", Ok(&forged));
    assert!(
        story.finding("crl-unusable", "issuing.crl").is_some() && story.lync(UM1).ok,
        "a forged list revokes nothing"
    );
}

#[test]
fn a_changed_topology_file_takes_no_list_away_that_it_still_has() {
    let ours = root("Contoso");
    let issuing = below(&ours, |_| {});
    let lists = "crls = [\"issuing.crl\"]";
    let mut story = Story::new(&ours.pem(), lists);
    let shown = chain(UM1, &issuing, &[&issuing]);
    story.present(UM1, shown.clone());
    let serial = data_encoding::HEXLOWER.decode(story.facts(UM1).serial.as_bytes()).unwrap();
    story.read_list("issuing.crl", Ok(signed(&issuing, &list((7, 1), &[&serial])).der()));
    assert_eq!(story.lync(UM1).why, Some("revoked"));
    story.reload(&ours.pem(), lists);
    assert_eq!(story.lync(UM1).why, Some("revoked"));
    story.present(UM2, chain(UM2, &issuing, &[&issuing]));
    story.present(UM1, shown);
    assert_eq!(story.lync(UM1).why, Some("revoked"), "shown again");
    story.reload(&ours.pem(), "");
    assert!(story.lync(UM1).ok && story.certificate(UM1).revocation.is_none(), "lists are no longer asked for");
}
