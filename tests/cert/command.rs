//! The command's own manners: usage, listeners that are none, files that hold no certificate.

use std::net::TcpListener;

use super::peers::{ask, switchboard};

#[test]
fn what_cannot_be_asked_ends_with_3() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("empty.pem"), "nothing\n").unwrap();
    for arguments in [
        &[][..],
        &["um1"],
        &["um1:0"],
        &["[::1]:5061"],
        &["--file", "absent.pem"],
        &["--file", "empty.pem", "--name", "um1"],
        &["--file", "empty.pem", "um1:5061"],
        &["um1:5061", "--name", "a..b"],
        &["um1:5061", "--roots", "absent.pem"],
        &["um1:5061", "--at", "tomorrow"],
    ] {
        let output = switchboard(dir.path(), arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_listener_that_is_not_there_or_is_no_tls_ends_with_1_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (code, json) = ask(dir.path(), &[&gone, "--name", "um1.contoso.com"]);
    assert_eq!((code, json["ok"].as_bool()), (Some(1), Some(false)));
    assert!(json["detail"].as_str().unwrap().contains("refused"), "{json}");
    assert_eq!((&json["names"][0]["why"], &json["valid"]["why"]), (&"unreadable".into(), &"no-certificate".into()));
}

#[test]
fn bytes_that_are_no_certificate_are_reported_and_never_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let pem = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
    std::fs::write(dir.path().join("odd.pem"), pem).unwrap();
    let (code, json) = ask(dir.path(), &["--file", "odd.pem", "--name", "um1", "--roots", "odd.pem"]);
    assert_eq!(code, Some(1));
    assert_eq!((&json["names"][0]["why"], &json["trust"][0]["why"]), (&"unreadable".into(), &"unreadable".into()));
    assert!(json["chain"][0]["error"].is_string());
}
