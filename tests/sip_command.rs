//! `switchboard probe` through the real binary, against listeners of the test's own.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use switchboard::wire::sip::{Framer, Reply};

fn switchboard(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.arg("probe").args(arguments).env_clear().stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A TCP listener that answers each connection's first request.
fn listener(code: u16, reason: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut framer, mut chunk) = (stream.unwrap(), Framer::new(), [0; 2048]);
            let message = loop {
                match framer.next_message().unwrap() {
                    Some(message) => break message,
                    None => match stream.read(&mut chunk).unwrap() {
                        0 => return,
                        count => framer.push(&chunk[..count]),
                    },
                }
            };
            let reply = Reply::to(&message, code, reason)
                .header("Server", "RTCC/5.0.0.0 MSExchangeUM/15.01.2507.017")
                .header("ms-diagnostics", "15030;reason=\"Failed\x1b[31m to route\"");
            stream.write_all(&reply.to_bytes()).unwrap();
        }
    });
    address
}

#[test]
fn a_listener_that_answers_is_alive_whatever_its_code() {
    for (code, reason) in [(200, "OK"), (503, "Service Unavailable")] {
        let uri = format!("sip:{};transport=tcp", listener(code, reason));
        let output = switchboard(&[&uri]);
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{shown}");
        assert!(shown.starts_with("alive: 127.0.0.1 port "), "{shown}");
        assert!(shown.contains(&format!("{code} {reason} in ")) && shown.contains("MSExchangeUM"), "{shown}");
        assert!(shown.contains("15030") && !shown.contains('\u{1b}'), "{shown:?}");
        let output = switchboard(&["--json", &uri]);
        let json = json(&output);
        assert_eq!((&json["version"], &json["alive"], &json["code"]), (&1.into(), &true.into(), &code.into()));
        assert_eq!(
            (json["reason"].as_str(), &json["tls"], &json["certificate"]),
            (Some(reason), &Value::Null, &Value::Null)
        );
        assert!(json["rtt_ms"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn a_listener_that_is_not_there_ends_with_1_and_says_why() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    for uri in
        [format!("sip:{address};transport=tcp"), format!("sip:{address};transport=udp"), format!("sips:{address}")]
    {
        let output = switchboard(&[&uri]);
        assert_eq!(output.status.code(), Some(1), "{uri}");
        assert!(text(&output.stdout).starts_with("NOT ALIVE: ") && text(&output.stdout).contains("refused"));
        let json = json(&switchboard(&[&uri, "--json"]));
        assert_eq!((&json["alive"], &json["code"]), (&false.into(), &Value::Null));
        assert!(json["detail"].as_str().unwrap().contains("refused"));
    }
}

#[test]
fn a_name_without_an_address_ends_with_1() {
    let output = switchboard(&["sip:um1.invalid:5060;transport=tcp", "--json", "--timeout", "5s"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(json(&output)["detail"].as_str().unwrap().contains("no address"));
}

#[test]
fn what_cannot_be_asked_ends_with_3() {
    for arguments in [
        &["um1:5061"][..],
        &["sip:um1;transport=sctp"],
        &["sips:um1", "--roots", "/nonexistent.pem"],
        &["sips:um1", "--cert", "/nonexistent.pem", "--key", "/nonexistent.pem"],
        &["sip:um1;transport=tcp", "--cert", "/nonexistent.pem", "--key", "/nonexistent.pem"],
        &["sips:[::1]:5061"],
    ] {
        let output = switchboard(arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}
