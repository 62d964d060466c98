//! What has to stay in sight about a site: whether it could be failed over now, and as long as it is true that it is away, that work
//! is declared, that runs left something to do.

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::app::runs::RunView;
use crate::app::{Model, Ready};
use crate::domain::judge::SiteView;
use crate::domain::name::SiteName;
use crate::failover::plan::OpenItem;
use crate::failover::run::State;
use crate::ui::layout::take_top;
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;
use crate::ui::text::width;
use crate::ui::words;

use super::{readiness, runs};

/// One of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    /// For the lines of the site's own page.
    pub(super) label: &'static str,
    pub(super) text: String,
    pub(super) role: Role,
    /// Whether it says that the site is away, or about to be.
    pub(super) is_away: bool,
}

/// What a note about something that is left to do begins with.
const TO_DO: &str = "to do: ";

impl Note {
    /// So much of it as fits into so many columns: which run it was goes first, then why something is left to do.
    pub(super) fn fitting(&self, columns: usize) -> &str {
        let without_run = self.text.rsplit_once(" (run ").map_or(self.text.as_str(), |(text, _)| text);
        let without_why = without_run.rsplit_once(": ").map_or(without_run, |(text, _)| text);
        let all = [self.text.as_str(), without_run, without_why];
        let all = &all[..if without_why.starts_with(TO_DO) { 3 } else { 2 }];
        all.iter().find(|text| width(text) <= columns).unwrap_or(&without_run)
    }
}

/// "→ Dublin READY, checked 40 s ago, about 90 s", or since when not, or why nobody asks. What says no has a line of its own.
pub(super) fn standing(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, site: &SiteView) {
    match of(model, site) {
        Some(ready) => readiness::standing(model, pen, line, ready),
        None => pen.left(line, &without_standing(model, site), Role::Dim),
    }
}

/// The first thing that says no, of a site that is at home.
pub(super) fn why_not(model: &Model, site: &SiteView) -> Option<String> {
    of(model, site).filter(|ready| !ready.ok && !is_away(model, site)).map(|ready| first_no(model, ready))
}

/// The first thing that says no; that it is about the whole site goes without saying beside its name.
pub(super) fn first_no(model: &Model, ready: &Ready) -> String {
    let why = ready.first_no.as_deref().unwrap_or_default();
    let whole = format!("site {}: ", ready.site);
    words::told(&model.names.shorten(why.strip_prefix(&whole).unwrap_or(why)))
}

/// Of a site that is away, or about to be: since when, and by whom.
pub(super) fn away_of(model: &Model, site: &SiteName, glyphs: &Glyphs) -> Option<Note> {
    away(model, model.picture.sites.iter().find(|view| view.name == *site)?, glyphs)
}

/// Where there is little room: a line for each thing that has to stay in sight, and for each site that the design fails over.
pub(super) fn lines(model: &Model, pen: &mut Pen<'_>, rest: &mut Rect) {
    let most = usize::from(rest.height) / 3;
    let (sites, glyphs) = (model.picture.sites.iter(), pen.glyphs());
    let all = sites.flat_map(|site| notes(model, site, glyphs).into_iter().map(move |note| (site, note)));
    for (site, note) in all.take(most) {
        let mut line = take_top(rest, 1);
        Pen::gap(&mut line, 1);
        pen.left(&mut line, &format!("{} ", site.name), Role::Text);
        let text = note.fitting(usize::from(line.width));
        pen.put(line, text, note.role);
    }
    let at_home = model.picture.sites.iter().filter(|site| !is_away(model, site));
    let ready = at_home.filter_map(|site| of(model, site));
    for ready in ready.take(most) {
        let mut line = take_top(rest, 1);
        Pen::gap(&mut line, 1);
        readiness::answer(model, pen, line, ready);
    }
}

/// In one word, for a list of sites.
pub(super) fn word(model: &Model, site: &SiteView) -> (&'static str, Role) {
    match of(model, site) {
        Some(ready) => readiness::word(ready),
        None => ("", Role::Dim),
    }
}

fn of<'a>(model: &'a Model, site: &SiteView) -> Option<&'a Ready> {
    model.readiness.as_ref()?.site(&site.name)
}

/// Why there is no answer: not judged yet, or the design does not fail it over.
fn without_standing(model: &Model, site: &SiteView) -> String {
    let stands_by: Vec<&str> = model
        .picture
        .dial_plans
        .iter()
        .filter(|plan| plan.to.as_ref() == Some(&site.name))
        .map(|plan| plan.site.as_str())
        .collect();
    let declared = model.topology.site(&site.name).and_then(|declared| declared.standby.as_ref());
    match (stands_by.first(), declared) {
        (Some(other), _) if site.standby => format!("standby for {other}"),
        _ if model.readiness.is_some() => "the design fails it over to nowhere".to_owned(),
        (_, Some(to)) => format!("fails over to {to}"),
        (_, None) => "no standby is declared".to_owned(),
    }
}

/// Everything that has to stay in sight, the most pressing first.
pub(super) fn notes(model: &Model, site: &SiteView, glyphs: &Glyphs) -> Vec<Note> {
    let mut notes: Vec<Note> = away(model, site, glyphs).into_iter().collect();
    if let Some(window) = model.attention.window(&model.topology, site.name.as_str(), model.now) {
        notes.push(Note { label: "Work", text: words::window(window, model.now), role: Role::Warn, is_away: false });
    }
    notes.extend(on_hosts(model, site));
    // That it is away is told already.
    let left = model.runs.left_to_do().filter(|(_, item)| item.id != "away" || notes.is_empty());
    let left = left.filter(|(view, _)| view.run.plan().site == site.name);
    let left: Vec<Note> = left.map(|(view, item)| left_to_do(model, view, item)).collect();
    notes.extend(left);
    notes
}

fn left_to_do(model: &Model, view: &RunView, item: &OpenItem) -> Note {
    let about = runs::about(model, view, item);
    let text = format!("{TO_DO}{about} (run {})", words::run_id(view.run.plan().id.as_str()));
    Note { label: "Left", text, role: Role::Warn, is_away: false }
}

/// Since when it is away: as the run says, or as long as it was seen.
fn away_since(model: &Model, site: &SiteView) -> Option<Timestamp> {
    let carried = model.runs.carried_away(&site.name);
    let began = carried.and_then(|view| view.run.records_changed().or(view.run.times().1));
    [site.away, began].into_iter().flatten().min()
}

/// Whether its names or calls are elsewhere, or a run is about to carry them.
pub(super) fn is_away(model: &Model, site: &SiteView) -> bool {
    site.away.is_some() || model.runs.carried_away(&site.name).is_some()
}

/// Since when the site's names or calls are elsewhere, and who carried them there; or the run that is about to.
fn away(model: &Model, site: &SiteView, glyphs: &Glyphs) -> Option<Note> {
    let carried = model.runs.carried_away(&site.name);
    if let Some(view) = carried.filter(|view| view.is_open() && !view.only_watches()) {
        return Some(going(view, glyphs));
    }
    let since = away_since(model, site)?;
    let at = carried.map(|view| format!("at {} ", view.run.plan().to)).unwrap_or_default();
    let by = match carried {
        Some(view) => {
            let by = view.run.operator().map(|by| format!(" by {by}")).unwrap_or_default();
            format!("{by} (run {})", words::run_id(view.run.plan().id.as_str()))
        }
        None => ", by no run of this state directory".to_owned(),
    };
    let text = format!("AWAY {at}{}{by}", words::since(since, model.now));
    Some(Note { label: "Away", text, role: Role::Warn, is_away: true })
}

/// A run that is on its way.
fn going(view: &RunView, glyphs: &Glyphs) -> Note {
    let plan = view.run.plan();
    let by = view.run.operator().map(|by| format!(" by {by}")).unwrap_or_default();
    let word = if view.is_interrupted() { "INTERRUPTED" } else { view.run.state().word() };
    let text = format!("run {} {} {}: {word}{by}", plan.from, glyphs.arrow, plan.to);
    let stands = view.is_interrupted() || matches!(view.run.state(), State::Halted | State::Stuck);
    Note { label: "Run", text, role: if stands { Role::Down } else { Role::Warn }, is_away: true }
}

/// Work on single servers and pools of the site.
fn on_hosts(model: &Model, site: &SiteView) -> Vec<Note> {
    let servers = site.servers.iter().map(|server| &server.fqdn);
    let hosts = servers.chain(model.pools_of(site).map(|pool| &pool.fqdn));
    let open = hosts.filter_map(|host| {
        let scope = crate::domain::attention::Scope::Host(host.clone());
        let window = model.attention.windows.iter().find(|one| one.scope == scope && one.left(model.now).is_some())?;
        let text = format!("{}: {}", model.names.of(host.as_str()), words::window(window, model.now));
        Some(Note { label: "Work", text, role: Role::Warn, is_away: false })
    });
    open.collect()
}

/// The most pressing of these in at most sixteen columns, for a list of sites.
pub(super) fn brief(model: &Model, site: &SiteView) -> String {
    let carried = model.runs.carried_away(&site.name);
    if carried.is_some_and(|view| view.is_open() && !view.only_watches()) {
        return "run open".to_owned();
    }
    if let Some(since) = away_since(model, site) {
        return match words::age(since, model.now).as_str() {
            "now" => "AWAY just now".to_owned(),
            age => format!("AWAY {age}"),
        };
    }
    if let Some(window) = model.attention.window(&model.topology, site.name.as_str(), model.now) {
        return format!("work, {} left", words::countdown(window, model.now));
    }
    let left = model.runs.left_to_do().filter(|(view, _)| view.run.plan().site == site.name).count();
    if left == 0 { String::new() } else { format!("{left} left to do") }
}
