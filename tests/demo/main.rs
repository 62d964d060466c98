//! The embedded topology over real sockets: what each fault looks like to a raw client, and the way in from other processes.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod client;
mod control;
mod field;
mod sip;
mod topology;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use switchboard::demo::{Demo, Options};
use switchboard::probe::Clock;

/// A demo in a directory of its own.
struct Bench {
    demo: Demo,
    map: BTreeMap<SocketAddr, SocketAddr>,
    dir: tempfile::TempDir,
}

impl Bench {
    async fn start(change: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = options(dir.path().join("demo"));
        change(&mut options);
        let demo = Demo::start(options).await.unwrap();
        let map = map_of(&std::fs::read_to_string(demo.topology_file()).unwrap());
        Self { demo, map, dir }
    }

    /// Where a declared address really is.
    fn at(&self, declared: &str) -> SocketAddr {
        self.map[&declared.parse().unwrap()]
    }
}

fn options(dir: PathBuf) -> Options {
    let clock = Clock::start();
    Options::new(dir, env!("CARGO_BIN_EXE_switchboard"), Arc::new(move || clock.now()))
}

/// The address map of a topology file, read without this program's own reader.
fn map_of(file: &str) -> BTreeMap<SocketAddr, SocketAddr> {
    let (_, map) = file.split_once("[network.map]\n").unwrap();
    let pair = |line: &str| {
        let (declared, real) = line.split_once(" = ").unwrap();
        (declared.trim_matches('"').parse().unwrap(), real.trim_matches('"').parse().unwrap())
    };
    map.lines().filter(|line| !line.is_empty()).map(pair).collect()
}
