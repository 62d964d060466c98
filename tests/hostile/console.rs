//! The console: what it writes to its terminal is its own, and nothing of what others wrote goes through.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use switchboard::demo::Design;

use crate::bench::Bench;
use crate::peers::Conduct;
use crate::run_support::live::PROGRAM;

/// What is looked for in all that the console wrote.
const WILD: &[&str] = &[
    "\u{1b}]0;",
    "\u{1b}]52",
    "\u{1b}[6n",
    "\u{7}",
    "\u{8}",
    "\u{9b}",
    "\u{9d}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "\u{e0041}",
    "\u{2028}",
    "\0",
];

/// Reads what comes within some time.
fn read(pty: &mut Pty, shown: &mut Vec<u8>, during: Duration, enough: impl Fn(&[u8]) -> bool) {
    let (start, mut buffer) = (Instant::now(), [0; 16000]);
    while start.elapsed() < during && !enough(shown) {
        let moment = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        if matches!(poll(&mut [PollFd::new(&*pty, PollFlags::IN)], Some(&moment)), Ok(1..)) {
            match pty.read(&mut buffer) {
                Ok(count @ 1..) => shown.extend_from_slice(&buffer[..count]),
                _ => return,
            }
        }
    }
}

fn look(bench: &Bench) -> Vec<u8> {
    let (mut pty, pts) = open().unwrap();
    pty.resize(pty_process::Size::new(50, 160)).unwrap();
    let command = Command::new(PROGRAM)
        .arg("--config")
        .arg(bench.live.demo.topology_file())
        .arg("--state-dir")
        .arg(bench.live.state())
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8");
    let mut child = command.spawn(pts).unwrap();
    let mut shown = Vec::new();
    let has_evil = |shown: &[u8]| String::from_utf8_lossy(shown).contains("EVIL");
    read(&mut pty, &mut shown, Duration::from_secs(30), has_evil);
    // Each server's page, each finding, the events, the help.
    let keys = [
        "\r", "\u{1b}", "j", "\r", "\u{1b}", "l", "\r", "\u{1b}", "j", "\r", "\u{1b}", "\t", "\t", "\r", "\u{1b}", "j",
        "\r", "\u{1b}", "e", "\u{1b}", "?", "\u{1b}",
    ];
    for key in keys {
        let before = shown.len();
        pty.write_all(key.as_bytes()).unwrap();
        // An escape that the next key follows at once would be one key with it, as Alt is sent.
        let follows = |shown: &[u8]| key != "\u{1b}" && shown.len() > before + 4000;
        read(&mut pty, &mut shown, Duration::from_millis(150), follows);
    }
    read(&mut pty, &mut shown, Duration::from_millis(500), |_| false);
    pty.write_all(b"q").unwrap();
    read(&mut pty, &mut shown, Duration::from_secs(5), |_| false);
    let _ = child.kill();
    child.wait().unwrap();
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_others_wrote_steers_the_terminal() {
    let bench = Bench::start(Design::Dns).await;
    bench.lead("192.0.2.11:5061", Conduct::Answers).await;
    bench.lead("192.0.2.12:5061", Conduct::Refuses).await;
    bench.lead("192.0.2.23:5061", Conduct::Redirects).await;
    bench.lead("192.0.2.24:5061", Conduct::Endless).await;
    bench.tool("json");
    bench.marker(crate::EVIL);
    let shown = tokio::task::spawn_blocking(move || look(&bench)).await.unwrap();
    let text = String::from_utf8_lossy(&shown);
    assert!(text.contains("EVIL") && text.contains("LIVE"), "it was not met by it");
    // What is left on the shell's screen at the end is text, too.
    let (_, left) = text.rsplit_once("\u{1b}[?1049l").unwrap();
    let left = left.split_once("switchboard ").map_or("", |(_, words)| words);
    assert!(left.contains("servers up") && left.contains("critical  "), "{left}");
    assert!(left.chars().all(|c| !crate::steers(c) || matches!(c, '\r' | '\n')), "{left:?}");
    for wild in WILD {
        assert!(!text.contains(wild), "{wild:?} went through");
    }
}
