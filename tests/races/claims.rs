//! 200 rounds up to the decision: the same executors, each on a thread of its own, against the demo's real DNS server. A run claims
//! the fence and lets it go again; what comes between is tried elsewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use switchboard::demo::Design;
use switchboard::demo::dns::Entry;
use switchboard::domain::clean::Clean;
use switchboard::domain::judge::Picture;
use switchboard::domain::marker::Marker;
use switchboard::executor::attach::{View, Who, view};
use switchboard::executor::confirm::{Confirmation, check, write};
use switchboard::executor::execute::{Order, execute};
use switchboard::executor::store::Store;
use switchboard::failover::plan::{Action, Content, MarkerBefore, Plan, Purpose, StepId};
use switchboard::failover::run::{End, State};

use crate::run_support::live::Live;

const ROUNDS: usize = 200;

/// A plan's way into and out of the fence, without what it is for.
fn up_to_the_claim(mut content: Content) -> Plan {
    content.steps.retain(|step| ["claim", "close"].contains(&step.id.as_str()));
    let mut claimed: Option<Marker> = None;
    for step in &mut content.steps {
        let Action::DnsUpdate(update) = &mut step.action else { unreachable!() };
        let marker = update.marker.as_mut().unwrap();
        match (update.purpose, &claimed) {
            (Purpose::Close, Some(claim)) => {
                marker.before = MarkerBefore::WrittenBy(StepId::new("claim"));
                marker.after = Marker { seq: claim.seq + 1, run: None, ..claim.clone() };
            }
            _ => claimed = Some(marker.after.clone()),
        }
    }
    content.open_items.clear();
    assert_eq!(content.steps.len(), 2);
    Plan::seal(content)
}

/// One round: how many consoles, whether on one state directory, whether some want to go the other way, and how far apart they are.
#[derive(Debug, Clone, Copy)]
struct Round {
    number: usize,
    consoles: usize,
    shared: bool,
    opposite: bool,
    apart: Duration,
}

impl Round {
    fn new(number: usize) -> Self {
        let apart = Duration::from_millis([0, 0, 0, 1, 4, 12][number / 4 % 6]);
        let (shared, opposite) = (number.is_multiple_of(2), (number / 2).is_multiple_of(2));
        Self { number, consoles: 2 + number / 4 % 7, shared, opposite, apart }
    }

    fn site(&self, console: usize) -> &'static str {
        if self.opposite && (console + self.number / 8) % 2 == 1 { "Dublin" } else { "Tukwila" }
    }
}

/// A console: an operator, a state directory, a plan.
struct Console {
    who: Who,
    state: PathBuf,
    plan: Plan,
}

/// Types the phrase and carries the run as far as it goes, on a thread and a runtime of its own, as a process would.
fn confirm(console: &Console, live: &Live, start: &Barrier, wait: Duration) -> View {
    let (store, config) = (Store::new(&console.state), live.demo.topology_file());
    let phrase = console.plan.confirm();
    let confirmation = Confirmation { phrase: &phrase, commit_confirm: None, config: &config, who: &console.who };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    start.wait();
    runtime.block_on(async {
        tokio::time::sleep(wait).await;
        check(&console.plan, &live.topology, &confirmation, live.clock.now()).unwrap();
        let dir = write(&store, &console.plan, &confirmation, live.clock.now()).unwrap();
        let order = Order {
            state_dir: console.state.clone(),
            run: console.plan.id.clone(),
            by: console.who.by.clone(),
            host: console.who.host.clone(),
            crash: None,
            renew_at: None,
        };
        execute(order, &|_| None).await.unwrap();
        view(&dir).unwrap()
    })
}

async fn consoles(live: &Live, picture: &Picture, dir: &Path, round: Round) -> Vec<Console> {
    let seen = live.seen().await;
    let one = |index: usize| {
        let content = live.plan_from(picture, &seen, &Live::request(round.site(index)));
        let state = dir.join(format!("round-{}", round.number));
        let state = if round.shared { state } else { state.join(format!("console-{index}")) };
        let who = Who {
            by: format!("op{index}@jump{index}").into(),
            host: format!("jump{index}").into(),
            account: format!("uid {index}").into(),
        };
        Console { who, state, plan: up_to_the_claim(content) }
    };
    (0..round.consoles).map(one).collect()
}

fn race(live: &Live, consoles: &[Console], round: Round) -> Vec<View> {
    let start = Barrier::new(consoles.len());
    std::thread::scope(|scope| {
        let spawn = |(index, console)| {
            let wait = round.apart * u32::try_from(index).unwrap();
            let start = &start;
            scope.spawn(move || confirm(console, live, start, wait))
        };
        let running: Vec<_> = consoles.iter().enumerate().map(spawn).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Where the state directories are: in memory where there is such a place, because who wins is tried here, and not the disk.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// What kept a run out: the lock of its state directory, the fence, or the look at what it would start from.
fn kept_out(view: &View) -> &'static str {
    let why = view.run.why().map_or("", Clean::as_str);
    match view.run.state() {
        State::Ended(End::Superseded) => "refused by the server",
        State::Ended(End::Cancelled) if why.contains("is held by run") => "the lock",
        State::Ended(End::Cancelled) if why.contains("marker") => "the last look",
        state => panic!("{state:?}: {why}"),
    }
}

/// One wins; whoever loses changed nothing, knows that, and says why.
fn one_wins(views: &[View], round: Round, tally: &mut BTreeMap<&'static str, u32>) -> usize {
    let won: Vec<usize> = (0..views.len()).filter(|index| views[*index].run.exit_code() == 0).collect();
    let told: Vec<_> = views.iter().map(|view| (view.run.state().word(), view.run.why())).collect();
    assert_eq!(won.len(), 1, "{round:?}: {told:#?}");
    assert_eq!(views[won[0]].run.state(), State::Ended(End::Completed));
    for view in views.iter().enumerate().filter(|(index, _)| *index != won[0]).map(|(_, view)| view) {
        let summary = view.run.summary();
        assert_eq!(view.run.exit_code(), 1, "{round:?}: {summary:?}");
        assert!(summary.changed.is_empty() && summary.unknown.is_empty(), "{round:?}: {summary:?}");
        *tally.entry(kept_out(view)).or_default() += 1;
    }
    won[0]
}

/// What the server itself has to say: it took the winner's claim and close, and not one byte of anybody else.
fn one_was_written(entries: &[Entry], winner: &Plan, round: Round) {
    let taken: Vec<&Entry> = entries.iter().filter(|entry| !entry.changes.is_empty()).collect();
    let names: Vec<&str> = taken.iter().flat_map(|entry| &entry.changes).map(|change| change.name.as_str()).collect();
    let marker = winner.fences[0].marker.as_str();
    assert_eq!(names, [marker, marker], "{round:?}: {taken:#?}");
    let text = |entry: &Entry| entry.changes[0].after.as_ref().unwrap().values.concat();
    assert!(text(taken[0]).contains(winner.id.as_str()), "{round:?}: {taken:#?}");
    assert!(text(taken[1]).contains("run=;"), "{round:?}: {taken:#?}");
    let others = entries.iter().filter(|entry| entry.changes.is_empty());
    assert!(others.map(|entry| entry.code.as_str()).all(|code| code != "NOERROR"), "{round:?}: {entries:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_to_eight_consoles_one_claims_the_fence_in_each_of_200_rounds() {
    let live = Arc::new(Live::start(Design::Dns).await);
    let (mut tally, mut sites) = (BTreeMap::new(), BTreeMap::new());
    let dir = scratch();
    // Nothing but markers changes.
    let picture = live.picture().await;
    for number in 0..ROUNDS {
        let round = Round::new(number);
        let consoles = consoles(&live, &picture, dir.path(), round).await;
        let before = live.demo.faults().primary().ledger().len();
        let racing = Arc::clone(&live);
        let (consoles, views) = tokio::task::spawn_blocking(move || {
            let views = race(&racing, &consoles, round);
            (consoles, views)
        })
        .await
        .unwrap();
        let winner = one_wins(&views, round, &mut tally);
        one_was_written(&live.demo.faults().primary().ledger()[before..], &consoles[winner].plan, round);
        *sites.entry(round.site(winner)).or_insert(0_u32) += 1;
        std::fs::remove_dir_all(dir.path().join(format!("round-{number}"))).unwrap();
    }
    eprintln!("{ROUNDS} rounds; kept out by {tally:?}; won for {sites:?}");
    for way in ["refused by the server", "the last look"] {
        assert!(tally.contains_key(way), "nobody lost like this: {way}");
    }
    assert_eq!(sites.len(), 2, "one direction never won");
}
