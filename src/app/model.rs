//! Everything that the console knows and shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::finding::{Finding, Severity};
use crate::domain::judge::{Picture, PoolView, ServerView, ServiceView, SiteView};
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::server::Service;
use crate::domain::topology::Topology;
use crate::domain::watch::Watch;

use super::keymap::Keymap;
use super::log::Log;
use super::names::Names;
use super::subject::Subject;
use super::trainer::Trainer;

/// A screen of the tab line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Sites, dial plans, findings.
    Sites,
    /// What changed and when.
    Events,
}

/// A part of the Sites screen that the arrows move in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pane {
    /// Servers and pools of each site, or one line per site.
    Sites,
    /// The dial-plan matrix.
    Plans,
    /// What needs attention.
    Findings,
}

impl Pane {
    /// All panes, in the order in which Tab goes through them.
    pub const ALL: [Self; 3] = [Self::Sites, Self::Plans, Self::Findings];
}

/// What lies over the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overlay {
    /// Keys and signs; scrolled down by so many lines.
    Help {
        /// The first line shown.
        top: usize,
    },
    /// Everything about one thing.
    Inspect {
        /// What; it stays even when the selection moves.
        subject: Subject,
        /// The first line shown.
        top: usize,
    },
    /// The demo's faults.
    Faults,
}

/// How much fits on the terminal, told by the drawing side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

impl Default for Settings {
    fn default() -> Self {
        Self { operator: String::new(), zone: TimeZone::UTC, read_only: false }
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
    /// What does not change.
    pub settings: Settings,
    /// How much fits.
    pub shape: Shape,
    /// The screen.
    pub page: Page,
    /// What lies over it.
    pub overlay: Option<Overlay>,
    /// Where the arrows move.
    pub pane: Pane,
    /// What is selected in each pane.
    pub chosen: BTreeMap<Pane, Subject>,
    /// The site that was opened from the list of sites.
    pub opened: Option<SiteName>,
    /// The first event shown.
    pub events_top: usize,
    /// What changed and when.
    pub log: Log,
    /// The demo's faults, where this process runs the demo.
    pub trainer: Option<Trainer>,
    /// Which key does what.
    pub keymap: Keymap,
    /// Short names of hosts.
    pub names: Names,
    /// The worst finding of each subject.
    pub worst: BTreeMap<String, Severity>,
    /// How many results each service brought so far: a latency ring is drawn in place, so that it does not move on screen.
    pub results: BTreeMap<(Fqdn, Service), usize>,
    /// One line for the operator, until a moment.
    pub hint: Option<(&'static str, Timestamp)>,
}

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
            settings,
            shape: Shape::default(),
            page: Page::Sites,
            overlay: None,
            pane: Pane::Sites,
            chosen: BTreeMap::new(),
            opened: None,
            events_top: 0,
            log: Log::default(),
            trainer: None,
            keymap,
            names,
            worst: BTreeMap::new(),
            results: BTreeMap::new(),
            hint: None,
        };
        model.settle();
        model
    }

    /// Takes a new picture: notes what changed, keeps the selection where it can be kept.
    pub fn show(&mut self, picture: Picture) {
        self.log.compare(&self.picture, &picture);
        self.count_results(&picture);
        self.worst.clear();
        for finding in &picture.findings {
            let worst = self.worst.entry(finding.subject.clone()).or_insert(finding.severity);
            *worst = finding.severity.max(*worst);
        }
        self.picture = picture;
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

    /// What can be selected in a pane, in the order of the screen.
    #[must_use]
    pub fn items(&self, pane: Pane) -> Vec<Subject> {
        match pane {
            Pane::Sites if self.as_cards() => self.picture.sites.iter().flat_map(|site| self.things_of(site)).collect(),
            Pane::Sites => match self.opened_site() {
                Some(site) => self.things_of(site).collect(),
                None => self.ranked_sites().into_iter().map(|site| Subject::Site(site.name.clone())).collect(),
            },
            Pane::Plans => self.picture.dial_plans.iter().map(|plan| Subject::Plan(plan.name.clone())).collect(),
            Pane::Findings => self.picture.findings.iter().map(finding_subject).collect(),
        }
    }

    /// Servers and pools of a site, as they are selected.
    #[must_use]
    pub fn items_of(&self, site: &SiteView) -> Vec<Subject> {
        self.things_of(site).collect()
    }

    fn things_of<'a>(&'a self, site: &'a SiteView) -> impl Iterator<Item = Subject> + 'a {
        let servers = site.servers.iter().map(|server| Subject::Server(server.fqdn.clone()));
        servers.chain(self.pools_of(site).map(|pool| Subject::Pool(pool.fqdn.clone())))
    }

    /// Pools that stand in a site.
    pub fn pools_of<'a>(&'a self, site: &'a SiteView) -> impl Iterator<Item = &'a PoolView> + 'a {
        self.picture.pools.iter().filter(|pool| pool.site == site.name)
    }

    /// The site that was opened from the list.
    #[must_use]
    pub fn opened_site(&self) -> Option<&SiteView> {
        let opened = self.opened.as_ref()?;
        self.picture.sites.iter().find(|site| site.name == *opened)
    }

    /// Sites, worst first, then by name: a line does not move while nothing changes.
    #[must_use]
    pub fn ranked_sites(&self) -> Vec<&SiteView> {
        let mut sites: Vec<_> = self.picture.sites.iter().map(|site| (self.severity_of(site), site)).collect();
        sites.sort_by(|a, b| {
            let unhealthy = |site: &SiteView| site.servers.len().saturating_sub(site.healthy);
            b.0.cmp(&a.0).then(unhealthy(b.1).cmp(&unhealthy(a.1))).then(a.1.name.cmp(&b.1.name))
        });
        sites.into_iter().map(|(_, site)| site).collect()
    }

    /// The worst finding about a site, its servers and its pools.
    #[must_use]
    pub fn severity_of(&self, site: &SiteView) -> Option<Severity> {
        let servers = site.servers.iter().map(|server| server.fqdn.as_str());
        let pools = self.pools_of(site).map(|pool| pool.fqdn.as_str());
        let subjects = servers.chain(pools).chain([site.name.as_str()]);
        subjects.filter_map(|subject| self.worst.get(subject).copied()).max()
    }

    /// What is selected where the arrows move.
    #[must_use]
    pub fn selected(&self) -> Option<&Subject> {
        self.chosen.get(&self.pane)
    }

    /// Whether a thing is selected in the pane that has the arrows.
    #[must_use]
    pub fn is_selected(&self, subject: &Subject) -> bool {
        self.selected() == Some(subject)
    }

    /// A server's view.
    #[must_use]
    pub fn server(&self, fqdn: &Fqdn) -> Option<&ServerView> {
        self.picture.sites.iter().flat_map(|site| &site.servers).find(|server| server.fqdn == *fqdn)
    }

    /// A pool's view.
    #[must_use]
    pub fn pool(&self, fqdn: &Fqdn) -> Option<&PoolView> {
        self.picture.pools.iter().find(|pool| pool.fqdn == *fqdn)
    }

    /// How many findings have a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.picture.findings.iter().filter(|finding| finding.severity == severity).count()
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
