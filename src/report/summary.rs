//! What is left on the shell's screen when a console ends: how it stood, for how long it was watched, what was worst, which runs go on
//! without it, and what is left to do about each.

use std::fmt::Write as _;

use super::words::ago;
use crate::app::Model;
use crate::app::runs::{RunSeen, RunView};
use crate::domain::clean::Clean;
use crate::domain::finding::{Finding, Severity};
use crate::domain::health::Health;
use crate::failover::plan::OpenItem;
use crate::failover::run::Event;

/// How many findings are named, and how many runs of each kind.
const MOST: usize = 10;

/// The last state, in a few lines of plain text; nothing in it steers a terminal.
#[must_use]
pub fn summary(model: &Model) -> String {
    let mut text = format!("{}\n", first_line(model));
    findings(model, &mut text);
    prepared(model, &mut text);
    let (open, over): (Vec<&RunSeen>, Vec<&RunSeen>) = model.runs.iter().partition(|seen| is_open(seen));
    for seen in open.iter().take(MOST) {
        open_run(seen, &mut text);
    }
    let over = over.iter().filter_map(|seen| Some((*seen, seen.view.as_ref().ok()?)));
    let left: Vec<_> = over.filter(|(_, view)| !view.run.open_items().is_empty()).collect();
    for (seen, view) in left.iter().take(MOST) {
        line(&mut text, 0, &format!("run {}, {}", seen.id, view.run.say()));
        items("left to do", view.run.open_items(), &mut text);
        line(&mut text, 2, &format!("when that is done: switchboard runs close {} --reason TEXT", seen.id));
    }
    let more = open.len().saturating_sub(MOST) + left.len().saturating_sub(MOST);
    if more > 0 {
        line(&mut text, 0, &format!("and {more} more runs; `switchboard runs list` names them all"));
    }
    text
}

/// Writes one line, cleaned: what it repeats came from servers, zones, commands and people.
fn line(text: &mut String, indent: usize, said: &str) {
    let _ = writeln!(text, "{}{}", " ".repeat(indent), Clean::new(said));
}

fn first_line(model: &Model) -> Clean {
    let picture = &model.picture;
    let servers = || picture.sites.iter().flat_map(|site| &site.servers);
    let up = servers().filter(|server| server.health == Health::Up).count();
    let sure = match (picture.isolated, picture.waiting) {
        (true, _) => ", this console is cut off: nothing here is sure".to_owned(),
        (false, 0) => String::new(),
        (false, waiting) => format!(", {waiting} answers still to come"),
    };
    format!(
        "switchboard {}, {}, watched for {}: {up} of {} servers up, {} critical, {} warnings{sure}",
        model.topology.console.name,
        model.now.strftime("%Y-%m-%d %H:%M UTC"),
        ago(model.started, model.now),
        servers().count(),
        model.count(Severity::Critical),
        model.count(Severity::Warning),
    )
    .into()
}

/// What needs somebody, the worst first; what was acknowledged or is expected is counted.
fn findings(model: &Model, text: &mut String) {
    let needs = |finding: &&Finding| finding.severity > Severity::Info && model.muted(finding).is_none();
    let serious: Vec<&Finding> = model.picture.findings.iter().filter(needs).collect();
    for finding in serious.iter().take(MOST) {
        let since = ago(finding.since, model.now);
        line(text, 2, &format!("{}  {}  {}  since {since}", finding.severity.word(), finding.subject, finding.message));
    }
    let more = serious.len().saturating_sub(MOST);
    if more > 0 {
        line(text, 2, &format!("and {more} more; `switchboard check` names them all"));
    }
    let muted = model.count_muted();
    if muted > 0 {
        line(text, 2, &format!("and {muted} acknowledged or expected"));
    }
}

/// A failover that was not started yet, or is being started in this moment.
fn prepared(model: &Model, text: &mut String) {
    match model.guide() {
        Some(guide) if guide.is_prepared() && guide.sent => {
            line(text, 0, "a run was being started in this moment: `switchboard runs list` says whether it was");
        }
        Some(guide) if guide.is_prepared() => {
            line(text, 0, "a failover was being prepared and was not started: nothing was changed");
        }
        _ => {}
    }
}

/// Runs that are not over; one that cannot be read may be such a one.
fn is_open(seen: &RunSeen) -> bool {
    seen.view.as_ref().map_or(true, RunView::is_open)
}

fn open_run(seen: &RunSeen, text: &mut String) {
    let id = &seen.id;
    let view = match &seen.view {
        Ok(view) => view,
        Err(why) => {
            line(text, 0, &format!("run {id}: its journal cannot be read: {why}"));
            return line(text, 2, &format!("look: switchboard runs verify {id}"));
        }
    };
    line(text, 0, &format!("run {id} is open, {}", view.run.say()));
    line(text, 2, &next(view));
    let minutes = view.events.iter().find_map(|(_, event)| match event {
        Event::Confirmed { commit_confirm_minutes, .. } => *commit_confirm_minutes,
        _ => None,
    });
    if let Some(minutes) = minutes.filter(|_| view.run.kept_by().is_none() && !view.run.is_turning()) {
        let say = format!("switchboard runs confirm {id} --reason TEXT");
        line(text, 2, &format!("turns back by itself after {minutes} min unless somebody says that it serves: {say}"));
    }
    items("left to do afterwards", view.run.open_items(), text);
}

/// What becomes of an open run now.
fn next(view: &RunView) -> String {
    let id = &view.run.plan().id;
    if view.living.is_some() && !view.run.state().waits_for_a_person() {
        return format!("goes on without this console: switchboard runs follow {id}");
    }
    let mut words: Vec<&str> = view.offers().iter().map(crate::failover::run::Ask::word).collect();
    words.dedup();
    let waits = if view.is_interrupted() { "its executor is gone; nothing goes on" } else { "waits for somebody" };
    format!("{waits}: switchboard runs {} {id}", words.join("|"))
}

fn items(label: &str, items: &[OpenItem], text: &mut String) {
    for item in items {
        line(text, 2, &format!("{label}: {}: {}", item.subject, item.says));
    }
}
