//! The crash matrix: the executor is killed at every point of every step, and the run goes on to its end, or back.
//!
//! The quick slice runs always. The whole matrix: `cargo test --test crash -- --ignored`.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, and tells its cells")]

mod run_support;

use std::collections::BTreeMap;

use run_support::live::{Live, answer, bounded};
use serde_json::Value;
use switchboard::demo::Design;
use switchboard::executor::crash::{Point, VARIABLE};
use switchboard::failover::plan::{Plan, StepId};
use switchboard::failover::planner::Request;

/// One cell: where the executor dies, and whether the command's child dies with it.
#[derive(Debug, Clone)]
struct Cell {
    step: String,
    point: Point,
    with_child: bool,
}

impl Cell {
    fn value(&self) -> String {
        format!("{}{}:{}", if self.with_child { "!" } else { "" }, self.step, self.point.word())
    }

    /// Whether the intent is on disk, so that nobody may say what became of it before it was observed.
    fn is_intended(&self) -> bool {
        self.point != Point::BeforeIntent
    }
}

/// Goes back and forth between the sites, one cell a trip.
struct Matrix {
    live: Live,
    away: bool,
    cells: u32,
}

impl Matrix {
    async fn start(design: Design) -> Self {
        Self::on(Live::start(design).await)
    }

    fn on(live: Live) -> Self {
        Self { live, away: false, cells: 0 }
    }

    async fn plan(&self) -> Plan {
        self.live.plan(&Request { back: self.away, ..Live::request("Tukwila") }).await
    }

    /// Confirms a plan whose executor dies in the cell; gives how `runs show` has it afterwards.
    async fn die(&self, plan: &Plan, cell: &Cell) -> Value {
        let mut command = self.live.failover(self.live.state(), plan, &[]);
        command.env(VARIABLE, cell.value());
        let (code, said) = answer(&bounded(command).await);
        let (_, shown) = self.live.runs(&["show", plan.id.as_str()]).await;
        assert_eq!(shown["interrupted"], true, "{cell:?} did not kill: {code} {said:#} {shown:#}");
        self.nobody_is_left_without_service(cell).await;
        shown
    }

    /// The words for the step are true: it was not begun, or nobody knows.
    fn classified(shown: &Value, cell: &Cell) {
        let list = if cell.is_intended() { "unknown" } else { "not_changed" };
        let step = cell.step.trim_start_matches("undo-");
        let named = |list: &str| {
            let lines = shown[list].as_array().unwrap();
            lines.iter().any(|line| line.as_str().unwrap().starts_with(&format!("{step}:")))
        };
        assert!(named(list), "{cell:?}: {shown:#}");
    }

    async fn nobody_is_left_without_service(&self, cell: &Cell) {
        let picture = self.live.picture().await;
        for plan in &picture.dial_plans {
            assert!(plan.in_service > 0, "{cell:?} left {} without a server in service", plan.name);
        }
    }

    /// The demo's own ledgers: nothing took effect twice in one run.
    fn nothing_twice(&self, plan: &Plan, cell: &Cell) {
        let mut counts: BTreeMap<(String, String), u32> = BTreeMap::new();
        let board = self.live.demo.faults();
        for effect in board.effects().iter().filter(|effect| effect.applied && effect.run == plan.id.as_str()) {
            *counts.entry((effect.server.clone(), format!("{:?}", effect.verb))).or_default() += 1;
        }
        assert!(counts.values().all(|count| *count == 1), "{cell:?}: {counts:?}");
        let moves = |entry: &&switchboard::demo::dns::Entry| {
            entry.changes.iter().any(|change| change.kind == "A") && touches(entry, plan)
        };
        let times = board.primary().ledger().iter().filter(moves).count();
        let planned = plan.steps.iter().filter(|step| step.id == StepId::new("move")).count();
        assert_eq!(times, planned, "{cell:?}: address records were changed that often");
    }

    /// Dies there, goes on, arrives.
    async fn resumed(&mut self, cell: &Cell) {
        let plan = self.plan().await;
        let shown = self.die(&plan, cell).await;
        Self::classified(&shown, cell);
        let (code, ended) = self.live.runs(&["resume", plan.id.as_str()]).await;
        assert_eq!((code, ended["state"].as_str()), (0, Some("completed")), "{cell:?}: {ended:#}");
        self.nothing_twice(&plan, cell);
        self.away = !self.away;
        self.cells += 1;
    }

    /// Dies there on the way, and is taken back.
    async fn rolled_back(&mut self, cell: &Cell) {
        let plan = self.plan().await;
        let shown = self.die(&plan, cell).await;
        Self::classified(&shown, cell);
        let (code, ended) = self.live.runs(&["rollback", plan.id.as_str()]).await;
        assert_eq!((code, ended["state"].as_str()), (0, Some("rolled-back")), "{cell:?}: {ended:#}");
        self.nobody_is_left_without_service(cell).await;
        self.cells += 1;
    }

    /// Dies on the way back, too, and is taken back all the same.
    async fn dies_twice(&mut self, first: &Cell, second: &Cell) {
        let plan = self.plan().await;
        self.die(&plan, first).await;
        let mut rollback = self.live.command(self.live.state(), &["runs", "--json", "rollback", plan.id.as_str()]);
        rollback.env(VARIABLE, second.value());
        bounded(rollback).await;
        let (_, shown) = self.live.runs(&["show", plan.id.as_str()]).await;
        assert_eq!(shown["interrupted"], true, "{second:?} did not kill: {shown:#}");
        self.nobody_is_left_without_service(second).await;
        let (code, ended) = self.live.runs(&["rollback", plan.id.as_str()]).await;
        assert_eq!((code, ended["state"].as_str()), (0, Some("rolled-back")), "{second:?}: {ended:#}");
        self.nobody_is_left_without_service(second).await;
        self.cells += 1;
    }
}

/// Whether the update also wrote this run's marker.
fn touches(entry: &switchboard::demo::dns::Entry, plan: &Plan) -> bool {
    let ours = |change: &switchboard::demo::dns::Change| {
        change.after.iter().any(|records| records.values.iter().any(|value| value.contains(plan.id.as_str())))
    };
    entry.changes.iter().any(ours)
}

fn cells(steps: &[&str], points: &[Point], with_child: bool) -> Vec<Cell> {
    let cell = |step: &&str, point: &Point| Cell { step: (*step).to_owned(), point: *point, with_child };
    steps.iter().flat_map(|step| points.iter().map(move |point| cell(step, point))).collect()
}

/// The steps of this trip that change something; they differ between over and back.
fn effects(plan: &Plan) -> Vec<String> {
    plan.steps.iter().filter(|step| step.action.has_effect()).map(|step| step.id.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_killed_at_any_point_of_a_dns_run_is_resumed_to_the_end() {
    let mut matrix = Matrix::start(Design::Dns).await;
    for cell in cells(&["claim", "move", "close"], &Point::ALL, false) {
        matrix.resumed(&cell).await;
    }
    eprintln!("{} cells", matrix.cells);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_killed_in_an_enable_disable_run_is_resumed_to_the_end() {
    let mut matrix = Matrix::start(Design::EnableDisable).await;
    let slice = [
        (0, Point::AfterIntent, false),
        (0, Point::AfterSend, true),
        (0, Point::AfterSend, false),
        (2, Point::AfterSend, true),
        (2, Point::AfterEffect, false),
        (4, Point::BeforeOutcome, false),
        (4, Point::BeforeIntent, false),
        (5, Point::AfterSend, false),
    ];
    for (index, point, with_child) in slice {
        let steps = effects(&matrix.plan().await);
        let step = steps[index.min(steps.len() - 1)].clone();
        matrix.resumed(&Cell { step, point, with_child }).await;
    }
    eprintln!("{} cells", matrix.cells);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_killed_on_its_way_is_rolled_back_and_killed_again() {
    let mut matrix = Matrix::start(Design::Dns).await;
    for cell in cells(&["claim", "move"], &[Point::AfterIntent, Point::AfterSend], false) {
        matrix.rolled_back(&cell).await;
    }
    let first = Cell { step: "close".into(), point: Point::BeforeIntent, with_child: false };
    for second in cells(&["undo-move", "undo-claim"], &[Point::AfterIntent, Point::AfterSend], false) {
        matrix.dies_twice(&first, &second).await;
    }
    eprintln!("{} cells", matrix.cells);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_killed_in_a_fenced_run_of_commands_is_resumed_or_taken_back() {
    let mut matrix = Matrix::on(Live::start_fenced().await);
    for (step, point) in [("claim", Point::AfterSend), ("drain-um1", Point::AfterIntent), ("close", Point::AfterEffect)]
    {
        let step = if matrix.away { step.replace("um1", "um3") } else { step.to_owned() };
        matrix.resumed(&Cell { step, point, with_child: false }).await;
    }
    matrix.rolled_back(&Cell { step: "claim".into(), point: Point::AfterEffect, with_child: false }).await;
    let first = Cell { step: "close".into(), point: Point::BeforeIntent, with_child: false };
    let enabled = if matrix.away { "um1" } else { "um3" };
    for second in [format!("undo-drain-enable-{enabled}"), "undo-claim".into()] {
        matrix.dies_twice(&first, &Cell { step: second, point: Point::AfterSend, with_child: false }).await;
    }
    eprintln!("{} cells", matrix.cells);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the whole matrix takes many minutes: cargo test --test crash -- --ignored"]
async fn the_whole_matrix() {
    let mut total = 0;
    let fenced = Matrix::on(Live::start_fenced().await);
    for mut matrix in [Matrix::start(Design::Dns).await, Matrix::start(Design::EnableDisable).await, fenced] {
        let commands = effects(&matrix.plan().await).iter().any(|step| step.starts_with("enable"));
        // Twice as many trips as steps: each step is killed on the way over and on the way back.
        // A DNS run has no child that could live on or die.
        for with_child in if commands { vec![false, true] } else { vec![false] } {
            for point in Point::ALL {
                let most = 2 * effects(&matrix.plan().await).len();
                for trip in 0..most {
                    let step = effects(&matrix.plan().await)[trip / 2].clone();
                    matrix.resumed(&Cell { step, point, with_child }).await;
                    // The way back has steps of its own.
                    let step = effects(&matrix.plan().await)[trip / 2].clone();
                    matrix.rolled_back(&Cell { step, point, with_child }).await;
                }
            }
        }
        for point in Point::ALL {
            let steps = effects(&matrix.plan().await);
            let last = steps.last().unwrap().clone();
            for step in steps.iter().filter(|step| *step != "close" && **step != last) {
                let first = Cell { step: last.clone(), point: Point::BeforeIntent, with_child: false };
                let drains = step.starts_with("enable").then(|| format!("undo-drain-{step}"));
                for step in drains.into_iter().chain([format!("undo-{step}")]) {
                    matrix.dies_twice(&first, &Cell { step, point, with_child: false }).await;
                }
            }
        }
        total += matrix.cells;
    }
    eprintln!("{total} cells");
}
