//! What a frame costs on a model of 500 servers in 40 sites, and what it writes.
//!
//! `cargo bench --bench draw`. The peer in the same run is a bare buffer of the same size, filled and compared cell by cell.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first surprise and prints its figures"
)]

#[path = "../tests/console/support.rs"]
#[expect(dead_code, reason = "the bench needs a part of what the tests need")]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use switchboard::app::{Event, Model, update};
use switchboard::ui::Screen;

const FRAMES: usize = 300;
const ROUNDS: usize = 60;

fn main() {
    println!("500 servers in 40 sites, median of {FRAMES} frames\n");
    println!(
        "{:<10} {:>14} {:>14} {:>14} {:>12} {:>12}",
        "size", "same model", "one round on", "bare buffer", "bytes same", "bytes round"
    );
    for (columns, rows) in [(80, 24), (120, 34), (200, 50), (300, 100)] {
        measure(columns, rows);
    }
    pages();
    judging();
}

/// What a frame of each screen costs when nothing changed, and when one more round came in.
fn pages() {
    println!("\n{:<14} {:>14} {:>14} {:>12}", "200x50", "same model", "one round on", "bytes round");
    let plain = support::watched(support::large(40, 500), 20, &support::well);
    for (name, keys) in [
        ("sites", ""),
        ("one site", "Enter"),
        ("dial plans", "2"),
        ("certificates", "3"),
        ("dns", "4"),
        ("readiness", "5"),
        ("runs", "6"),
        ("events", "7"),
        ("filtered", "3 / s i t e : s i t e 0 7 Enter"),
        ("palette", ": u m 0 7"),
    ] {
        let mut model = plain.clone();
        support::drawn(&mut model, 200, 50, support::look("dark"));
        support::press(&mut model, keys);
        let mut screen = support::drawn(&mut model, 200, 50, support::look("dark"));
        let mut same_bytes = 0;
        let same = (0..FRAMES).map(|_| timed(|| same_bytes += screen.draw(&model).unwrap())).collect();
        assert_eq!(same_bytes, 0, "{name}: a model that is shown already writes nothing");
        let (mut changed, mut bytes) = (Vec::new(), 0);
        for round in 0..ROUNDS {
            next_round(&mut model, 20 + i64::try_from(round).unwrap());
            changed.push(timed(|| bytes += screen.draw(&model).unwrap()));
            Screen::writer(&mut screen).clear();
        }
        println!("{name:<14} {:>14?} {:>14?} {:>12}", median(same), median(changed), bytes / ROUNDS);
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn measure(columns: u16, rows: u16) {
    let mut model = support::watched(support::large(40, 500), 20, &support::well);
    let mut screen = support::drawn(&mut model, columns, rows, support::look("dark"));
    let mut same_bytes = 0;
    let same = (0..FRAMES).map(|_| timed(|| same_bytes += screen.draw(&model).unwrap())).collect();
    assert_eq!(same_bytes, 0, "a model that is shown already writes nothing");
    let (mut changed, mut bytes) = (Vec::new(), 0);
    for round in 0..FRAMES {
        next_round(&mut model, 20 + i64::try_from(round).unwrap());
        changed.push(timed(|| bytes += screen.draw(&model).unwrap()));
        Screen::writer(&mut screen).clear();
    }
    println!(
        "{:<10} {:>14?} {:>14?} {:>14?} {:>12} {:>12}",
        format!("{columns}x{rows}"),
        median(same),
        median(changed),
        bare(columns, rows),
        same_bytes,
        bytes / FRAMES
    );
}

fn next_round(model: &mut Model, round: i64) {
    let at = support::after(round * 5);
    let observations = support::round(&Arc::clone(&model.topology), round, at, &support::well);
    update(model, Event::Observed(observations), at);
}

/// The floor: every cell of a buffer set once and compared with the last one.
fn bare(columns: u16, rows: u16) -> Duration {
    let area = Rect::new(0, 0, columns, rows);
    let (mut next, shown) = (Buffer::empty(area), Buffer::empty(area));
    let line = "x".repeat(usize::from(columns));
    let frames = (0..FRAMES).map(|_| {
        timed(|| {
            next.reset();
            for y in 0..rows {
                next.set_string(0, y, &line, Style::default());
            }
            std::hint::black_box(shown.diff(&next).len());
        })
    });
    median(frames.collect())
}

/// What it costs to take one round of 1,000 results in and judge them.
fn judging() {
    let mut model = support::watched(support::large(40, 500), 20, &support::well);
    let times = (0..50).map(|round| timed(|| next_round(&mut model, 20 + round))).collect();
    println!("\none round of {} results taken in and judged: {:?}", 2 * 500 + 4, median(times));
}
