//! Everything that the console knows and shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::finding::{Finding, Severity};
use crate::domain::judge::{DialPlanView, Picture, PoolView, ServerView, ServiceView, SiteView};
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::server::Service;
use crate::domain::topology::Topology;
use crate::domain::watch::Watch;

use super::action::{self, Id};
use super::dialog::Dialog;
use super::filter::Filter;
use super::guide::Guide;
use super::keymap::Keymap;
use super::log::{Log, Mark};
use super::names::Names;
use super::page::{Page, Pane};
use super::runs::{RunView, Runs};
use super::sequence::Pending;
use super::subject::Subject;
use super::trainer::Trainer;
use crate::domain::attention::{Attention, Ear, Muted};
use crate::readiness::Readiness;

/// How much fits on the terminal, told by the drawing side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// How many sites fit as cards; with more sites than that there is one line per site.
    pub cards: usize,
    /// Whether cards lie side by side.
    pub side_by_side: bool,
    /// How many lines a page key moves.
    pub page: usize,
}

impl Default for Shape {
    fn default() -> Self {
        Self { cards: 2, side_by_side: true, page: 10 }
    }
}

/// What does not change while the console runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who looks, and where: `ana@jump-dub1`.
    pub operator: String,
    /// Time zone of the second clock.
    pub zone: TimeZone,
    /// Whether nothing may be changed from here.
    pub read_only: bool,
    /// Whether there is a state directory to keep runs in.
    pub can_run: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { operator: String::new(), zone: TimeZone::UTC, read_only: false, can_run: false }
    }
}

/// Everything that the console knows and shows.
#[derive(Debug, Clone)]
pub struct Model {
    /// What is declared.
    pub topology: Arc<Topology>,
    /// What was observed.
    pub watch: Watch,
    /// What was judged from it.
    pub picture: Picture,
    /// The moment that is shown.
    pub now: Timestamp,
    /// When the console started.
    pub started: Timestamp,
    /// When the topology file was read last.
    pub read: Timestamp,
    /// What does not change.
    pub settings: Settings,
    /// How much fits.
    pub shape: Shape,
    /// The screen.
    pub page: Page,
    /// The pane of each screen that the arrows move in, where it is not the first.
    pub panes: BTreeMap<Page, Pane>,
    /// What lies over the screen, innermost last.
    pub dialogs: Vec<Dialog>,
    /// What is selected in each pane.
    pub chosen: BTreeMap<Pane, Subject>,
    /// Panes in which a person has selected something: they keep it.
    pub kept: BTreeSet<Pane>,
    /// How each pane is sorted, where it is not as at first.
    pub sorted: BTreeMap<Pane, usize>,
    /// What is shown.
    pub filter: Filter,
    /// The site that was opened from the list of sites.
    pub opened: Option<SiteName>,
    /// What changed and when.
    pub log: Log,
    /// Guidelines, and whether each site could be failed over; `None` before the first judgement.
    pub readiness: Option<Readiness>,
    /// Runs of the state directory.
    pub runs: Runs,
    /// What operators said.
    pub attention: Attention,
    /// The demo's faults, where this process runs the demo.
    pub trainer: Option<Trainer>,
    /// Which key does what.
    pub keymap: Keymap,
    /// Short names of hosts.
    pub names: Names,
    /// The worst finding of each subject that nothing mutes.
    pub worst: BTreeMap<String, Severity>,
    /// How many results each service brought so far: a latency ring is drawn in place, so that it does not move on screen.
    pub results: BTreeMap<(Fqdn, Service), usize>,
    /// What is wrong with the topology file, while an older one is kept.
    pub file_problem: Option<String>,
    /// One line for the operator, until a moment.
    pub notice: Option<(String, Timestamp)>,
    /// What was asked to be told twice, cancel or quit, and until when the same again quits.
    pub quitting: Option<(Id, Timestamp)>,
    /// Since when the display is held still.
    pub paused: Option<Timestamp>,
    /// Whether new critical findings ring.
    pub bell: bool,
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// Keys of a sequence that were pressed so far.
    pub pending: Pending,
    /// Questions asked so far; an answer names the one that it answers.
    pub(super) tickets: u64,
    /// A dialog that is lent out asks to be closed.
    pub(super) closing: bool,
}

/// How long a line for the operator stays.
const NOTICE: jiff::SignedDuration = jiff::SignedDuration::from_secs(8);

impl Model {
    /// A console that has seen nothing yet.
    #[must_use]
    pub fn new(mut watch: Watch, settings: Settings, keymap: Keymap, now: Timestamp) -> Self {
        let topology = Arc::clone(watch.topology());
        let picture = watch.picture(now);
        let names = Names::new(&topology);
        let mut model = Self {
            topology,
            watch,
            picture,
            now,
            started: now,
            read: now,
            settings,
            shape: Shape::default(),
            page: Page::Sites,
            panes: BTreeMap::new(),
            dialogs: Vec::new(),
            chosen: BTreeMap::new(),
            kept: BTreeSet::new(),
            sorted: BTreeMap::new(),
            filter: Filter::default(),
            opened: None,
            log: Log::default(),
            readiness: None,
            runs: Runs::default(),
            attention: Attention::default(),
            trainer: None,
            keymap,
            names,
            worst: BTreeMap::new(),
            results: BTreeMap::new(),
            file_problem: None,
            notice: None,
            quitting: None,
            paused: None,
            bell: true,
            mouse: false,
            pending: Pending::default(),
            tickets: 0,
            closing: false,
        };
        model.settle();
        model
    }

    /// Takes a new picture: notes what changed, keeps the selection where it can be kept.
    pub fn show(&mut self, picture: Picture) {
        self.log.compare(&self.picture, &picture);
        self.count_results(&picture);
        self.picture = picture;
        self.resettle();
    }

    /// Weighs the findings anew after they, or what was said of them, changed.
    pub(super) fn resettle(&mut self) {
        let mut worst: BTreeMap<String, Severity> = BTreeMap::new();
        for finding in self.picture.findings.iter().filter(|finding| self.muted(finding).is_none()) {
            let so_far = worst.entry(finding.subject.clone()).or_insert(finding.severity);
            *so_far = finding.severity.max(*so_far);
        }
        self.worst = worst;
        self.settle();
    }

    /// Why a finding asks for nobody now, when it does not.
    #[must_use]
    pub fn muted(&self, finding: &Finding) -> Option<Muted<'_>> {
        self.ear().muted(finding)
    }

    /// What operators said, as it counts now.
    #[must_use]
    pub fn ear(&self) -> Ear<'_> {
        Ear { attention: &self.attention, topology: &self.topology, now: self.now }
    }

    /// Shows one line to the operator for a while.
    pub(super) fn notice(&mut self, text: &str) {
        self.notice = self.now.checked_add(NOTICE).ok().map(|until| (text.to_owned(), until));
    }

    /// Takes another topology; what is known of things that it still has is kept.
    pub(super) fn adopt(&mut self, topology: Arc<Topology>) {
        self.watch.adopt(Arc::clone(&topology), self.now);
        self.names = Names::new(&topology);
        self.topology = topology;
        self.read = self.now;
        self.file_problem = None;
        self.log.note(self.now, Mark::Changed, "topology file", "changed, and read again".to_owned());
        self.notice("the topology file was changed, and read again");
    }

    /// Keeps the topology, because the file is wrong now.
    pub(super) fn keep_topology(&mut self, why: &str) {
        self.log.note(
            self.now,
            Mark::Came(Severity::Warning),
            "topology file",
            format!("wrong, the old one is kept: {why}"),
        );
        self.notice(&format!("the topology file is wrong, the old one is kept: {why}"));
        self.file_problem = Some(why.to_owned());
    }

    /// Takes the runs as they are now; what became of them is an event.
    pub(super) fn show_runs(&mut self, runs: Runs) {
        let now = self.now;
        for seen in runs.iter().rev() {
            let Ok(view) = &seen.view else { continue };
            let before = self.runs.get(&seen.id).map(|view| view.run.state());
            let known = self.runs.iter().len() > 0 || view.is_open();
            if known && before != Some(view.run.state()) {
                let plan = view.run.plan();
                let text = format!("{} → {}: {}", plan.from, plan.to, view.run.state().word());
                self.log.note(now, Mark::Changed, &format!("run {}", seen.id), text);
            }
        }
        self.runs = runs;
        self.settle();
    }

    /// Replaces selections of things that are gone.
    pub(super) fn settle(&mut self) {
        for pane in Pane::ALL {
            let items = self.items(pane);
            if !self.chosen.get(&pane).is_some_and(|chosen| items.contains(chosen)) {
                match items.into_iter().next() {
                    Some(first) => drop(self.chosen.insert(pane, first)),
                    None => drop(self.chosen.remove(&pane)),
                }
            }
        }
    }

    fn count_results(&mut self, new: &Picture) {
        let old: BTreeMap<_, _> = services(&self.picture).map(|(key, service)| (key, service.at)).collect();
        for (key, service) in services(new) {
            let count = self.results.entry(key.clone()).or_default();
            let renewed = old.get(&key).is_some_and(|at| *at != service.at);
            // Several results between two pictures all count while the history still grows.
            *count = (*count + usize::from(renewed)).max(service.history.len());
        }
    }

    /// Whether sites are drawn as cards; otherwise one line per site.
    #[must_use]
    pub fn as_cards(&self) -> bool {
        self.picture.sites.len() <= self.shape.cards
    }

    /// The site that was opened from the list.
    #[must_use]
    pub fn opened_site(&self) -> Option<&SiteView> {
        let opened = self.opened.as_ref()?;
        self.picture.sites.iter().find(|site| site.name == *opened)
    }

    /// The worst finding about a site, its servers and its pools.
    #[must_use]
    pub fn severity_of(&self, site: &SiteView) -> Option<Severity> {
        let servers = site.servers.iter().map(|server| server.fqdn.as_str());
        let pools = self.pools_of(site).map(|pool| pool.fqdn.as_str());
        let subjects = servers.chain(pools).chain([site.name.as_str()]);
        subjects.filter_map(|subject| self.worst.get(subject).copied()).max()
    }

    /// Where the arrows move.
    #[must_use]
    pub fn pane(&self) -> Pane {
        let panes = self.page.tab().panes;
        let chosen = self.panes.get(&self.page).copied().filter(|pane| panes.contains(pane));
        chosen.or(panes.first().copied()).unwrap_or(Pane::Sites)
    }

    /// What is selected where the arrows move.
    #[must_use]
    pub fn selected(&self) -> Option<&Subject> {
        self.chosen.get(&self.pane())
    }

    /// What the next key would be about: what is open, or what is selected; nothing that lies hidden under a failover.
    #[must_use]
    pub fn in_hand(&self) -> Option<Subject> {
        if self.guide().is_some() {
            return None;
        }
        let open = self.dialogs.iter().rev().find_map(|dialog| match dialog {
            Dialog::Inspect { subject, .. } => Some(subject),
            _ => None,
        });
        open.or(self.selected()).cloned()
    }

    /// The guided failover that is open.
    #[must_use]
    pub fn guide(&self) -> Option<&Guide> {
        self.dialogs.iter().find_map(|dialog| match dialog {
            Dialog::Guide(guide) => Some(&**guide),
            _ => None,
        })
    }

    /// The innermost dialog that help and palette lie over: what they offer is about that.
    #[must_use]
    pub fn beneath(&self) -> Option<&Dialog> {
        self.dialogs.iter().rev().find(|dialog| !matches!(dialog, Dialog::Find(_)))
    }

    /// The finding that the next key would be about.
    #[must_use]
    pub fn finding_in_hand(&self) -> Option<Subject> {
        self.in_hand().filter(|subject| matches!(subject, Subject::Finding { .. }))
    }

    /// The run that the open dialog is attached to, or the one that is selected.
    #[must_use]
    pub fn run_in_hand(&self) -> Option<&RunView> {
        let id = match (self.guide(), self.in_hand()) {
            (Some(guide), _) => guide.run.clone()?,
            (None, Some(Subject::Run(id))) => id,
            _ => return None,
        };
        self.runs.get(&id)
    }

    /// Whether an action can be used now, and why not.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn can(&self, id: Id) -> Result<(), &'static str> {
        action::action(id).map_or(Err("there is no such action"), |row| (row.when)(self))
    }

    /// How many lines a page key moves.
    pub(super) fn page_step(&self) -> isize {
        isize::try_from(self.shape.page.max(1)).unwrap_or(1)
    }

    /// A dial plan's view.
    #[must_use]
    pub fn dial_plan(&self, name: &crate::domain::name::DialPlanName) -> Option<&DialPlanView> {
        self.picture.dial_plans.iter().find(|plan| plan.name == *name)
    }

    /// Whether a thing is selected in the pane that has the arrows.
    #[must_use]
    pub fn is_selected(&self, subject: &Subject) -> bool {
        self.selected() == Some(subject)
    }

    /// A server's view.
    #[must_use]
    pub fn server(&self, fqdn: &Fqdn) -> Option<&ServerView> {
        let sites = &self.picture.sites;
        let known = self.names.place(fqdn).and_then(|(site, server)| sites.get(site)?.servers.get(server));
        let all = || sites.iter().flat_map(|site| &site.servers).find(|server| server.fqdn == *fqdn);
        known.filter(|server| server.fqdn == *fqdn).or_else(all)
    }

    /// A pool's view.
    #[must_use]
    pub fn pool(&self, fqdn: &Fqdn) -> Option<&PoolView> {
        self.picture.pools.iter().find(|pool| pool.fqdn == *fqdn)
    }

    /// How many findings of a severity ask for somebody.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let asks = |finding: &&Finding| finding.severity == severity && self.muted(finding).is_none();
        self.picture.findings.iter().filter(asks).count()
    }

    /// How many findings ask for nobody: acknowledged, or expected.
    #[must_use]
    pub fn count_muted(&self) -> usize {
        self.picture.findings.iter().filter(|finding| self.muted(finding).is_some()).count()
    }
}

/// The identity of a finding.
#[must_use]
pub fn finding_subject(finding: &Finding) -> Subject {
    Subject::Finding { id: finding.id, subject: finding.subject.clone() }
}

/// Every SIP service of a picture, with the name of its host.
fn services(picture: &Picture) -> impl Iterator<Item = ((Fqdn, Service), &ServiceView)> {
    let servers = picture.sites.iter().flat_map(|site| &site.servers);
    let of_servers = servers.flat_map(|server| server.services.iter().map(|service| (&server.fqdn, service)));
    let of_pools = picture.pools.iter().map(|pool| (&pool.fqdn, &pool.service));
    of_servers.chain(of_pools).map(|(fqdn, service)| ((fqdn.clone(), service.service), service))
}
