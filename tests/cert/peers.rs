//! The command under test, and `openssl` as a server and as an old authority.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// `switchboard cert`.
pub(crate) fn switchboard(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, &[&["cert"], arguments].concat())
}

pub(crate) fn command(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.args(arguments).current_dir(dir).env_clear().stdin(Stdio::null()).output().unwrap()
}

/// The exit code and the JSON.
pub(crate) fn ask(dir: &Path, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = switchboard(dir, &[arguments, &["--json"]].concat());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {told}")))
}

/// A running `openssl s_server`, ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves a chain file (leaf first) with its key.
pub(crate) fn serve(dir: &Path, chain: &str, key: &str, options: &[&str]) -> Server {
    let pem = std::fs::read_to_string(dir.join(chain)).unwrap();
    let second = pem.match_indices("-----BEGIN").nth(1).map(|(at, _)| at);
    let mut command = Command::new("openssl");
    command.args(["s_server", "-accept", "127.0.0.1:0", "-cert", chain, "-key", key, "-naccept", "99"]);
    if let Some(at) = second {
        std::fs::write(dir.join("above.pem"), &pem[at..]).unwrap();
        command.args(["-cert_chain", "above.pem"]);
    }
    let mut child = command
        .args(options)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The line `ACCEPT 127.0.0.1:port` is how the chosen port is learned.
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| line.ok()?.strip_prefix("ACCEPT ")?.rsplit_once(':')?.1.parse().ok()).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    Server { child, port }
}

pub(crate) fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split_whitespace()).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Looks for `openssl`. Its absence is a failure where `CI` says so, and a loud skip elsewhere.
pub(crate) fn has_openssl() -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "openssl is missing");
        eprintln!("SKIPPED: openssl is not installed");
    }
    found
}
