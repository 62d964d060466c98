//! Rounds of readiness as a console has them: on their own clock, beside the probes, remembered over restarts.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use switchboard::config;
use switchboard::demo::{Demo, Design, Options};
use switchboard::domain::topology::Topology;
use switchboard::domain::watch::{SinceBook, Watch};
use switchboard::probe::{Clock, Network, Supervisor};
use switchboard::readiness::{Readiness, Ready, ReadyBook, Status};
use switchboard::runtime::Memory;
use switchboard::runtime::readiness::{Judge, Rounds, Sight};
use tokio::runtime::Handle;

/// A console without a screen.
struct Bench {
    demo: Demo,
    dir: tempfile::TempDir,
    clock: Clock,
    topology: Arc<Topology>,
}

impl Bench {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::start();
        let demo_clock = clock.clone();
        let program = env!("CARGO_BIN_EXE_switchboard");
        let mut options = Options::new(dir.path().join("demo"), program, Arc::new(move || demo_clock.now()));
        (options.design, options.interval) = (Design::Dns, Duration::from_millis(200));
        let demo = Demo::start(options).await.unwrap();
        let topology = Arc::new(config::load(&demo.topology_file(), &|_| None).unwrap());
        Self { demo, dir, clock, topology }
    }

    fn memory(&self) -> Memory {
        Memory::of(&self.dir.path().join("state"), &self.topology.console.name)
    }

    fn open(&self) -> Watching {
        let book: ReadyBook = self.memory().load_ready().unwrap();
        let judge = Judge::new(Arc::clone(&self.topology), self.clock.clone(), book).unwrap();
        Watching {
            rounds: Rounds::new(judge, &self.topology, Some(self.memory()), Handle::current()),
            supervisor: Network::new(Arc::clone(&self.topology), &self.clock).unwrap().watch(&Handle::current()),
            watch: Watch::new(Arc::clone(&self.topology), SinceBook::default()),
            clock: self.clock.clone(),
        }
    }
}

struct Watching {
    rounds: Rounds,
    supervisor: Supervisor,
    watch: Watch,
    clock: Clock,
}

impl Watching {
    /// Takes results in, as a console does, until the next round of readiness is done.
    async fn next(&mut self) -> Readiness {
        loop {
            tokio::select! {
                readiness = self.rounds.finished() => return readiness,
                () = self.supervisor.changed() => {}
            }
            for observation in self.supervisor.take() {
                self.watch.absorb(observation);
            }
            let picture = self.watch.picture(self.clock.now());
            if self.rounds.is_due(&picture) {
                self.rounds.begin(Sight::of(&self.watch, picture.clone(), &TimeZone::UTC));
                assert!(!self.rounds.is_due(&picture), "one at a time");
            }
        }
    }
}

fn tukwila(readiness: &Readiness) -> Ready {
    readiness.sites.iter().find(|ready| ready.site.as_str() == "Tukwila").unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_sees_readiness_come_and_go_and_remembers_when_it_was_green() {
    let bench = Bench::start().await;
    let mut console = bench.open();
    let first = console.next().await;
    assert_eq!(first.checks.len(), 14);
    assert_eq!(first.check("R14").unwrap().status, Status::Ok, "the first round waits for the probes: {first:#?}");
    let green = tukwila(&first);
    assert_eq!((green.ok, green.last_green, green.since), (true, Some(first.at), Some(first.at)));

    bench.demo.faults().on("um3", "stop").await.unwrap();
    let broken = loop {
        let next = console.next().await;
        if !tukwila(&next).ok {
            break tukwila(&next);
        }
    };
    assert!(broken.first_no.as_ref().unwrap().contains("um3") && broken.known, "{broken:?}");
    assert!(broken.last_green.unwrap() < broken.checked && broken.since == Some(broken.checked), "{broken:?}");

    drop(console);
    let again = tukwila(&bench.open().next().await);
    assert_eq!((again.ok, again.since, again.last_green), (false, broken.since, broken.last_green), "over a restart");
    assert!(again.checked > broken.checked);
}
