//! Finding by typing: the help (every action, with its keys) and the palette (actions, and everything that can be gone to). Enter
//! does it.

use tui_input::Input;

use super::action::{ACTIONS, Id, action};
use super::model::Model;
use super::subject::Subject;
use crate::domain::name::SiteName;

/// What a finder looks through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Over {
    /// Actions; about a finding or rule also what it means.
    Help {
        /// What the help was asked about.
        about: Option<Topic>,
    },
    /// Actions, and everything that can be gone to.
    Everything,
}

/// Something that the help explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// A finding.
    Finding {
        /// Its kind.
        id: &'static str,
        /// What it is about.
        subject: String,
    },
    /// What a rule said.
    Rule {
        /// The rule.
        id: String,
        /// About what.
        subject: String,
    },
    /// A guideline.
    Check(&'static str),
}

/// The dialog.
#[derive(Debug, Clone)]
pub struct Finder {
    /// What it looks through.
    pub over: Over,
    /// What was typed.
    pub query: Input,
    /// The chosen one.
    pub chosen: Option<Target>,
    /// The first line shown, where there is more above the list.
    pub top: usize,
}

/// Something that can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An action.
    Action(Id),
    /// Going to a thing.
    Go(Subject),
    /// Failing a site over.
    FailOver(SiteName),
    /// Bringing a site home.
    BringHome(SiteName),
}

/// A line of the finder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What Enter does.
    pub target: Target,
    /// In words.
    pub words: String,
    /// Why it cannot be done now.
    pub why_not: Option<&'static str>,
}

/// The most lines that are looked at: a screen shows fewer.
const MOST: usize = 200;

impl Finder {
    /// An empty one.
    #[must_use]
    pub fn new(over: Over) -> Self {
        Self { over, query: Input::default(), chosen: None, top: 0 }
    }

    /// What matches, in order: every word that was typed is in the line.
    #[must_use]
    pub fn found(&self, model: &Model) -> Vec<Found> {
        let query = self.query.value().to_lowercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        let matches = |found: &Found| {
            let line = found.words.to_lowercase();
            words.iter().all(|word| line.contains(word))
        };
        let mut found: Vec<Found> = self.all(model).filter(matches).collect();
        // "fail over dublin" is the line that begins so, not the one that leads to Dublin.
        let starts = |found: &Found| {
            let line = found.words.to_lowercase();
            (line.starts_with(query.trim()), words.first().is_some_and(|word| line.starts_with(word)))
        };
        found.sort_by_cached_key(|found| std::cmp::Reverse(starts(found)));
        found.truncate(MOST);
        found
    }

    /// The chosen line; the first one when the one that was chosen no longer matches.
    #[must_use]
    pub fn at(&self, found: &[Found]) -> usize {
        self.chosen.as_ref().and_then(|chosen| found.iter().position(|one| one.target == *chosen)).unwrap_or(0)
    }

    /// Keeps to the line that is marked now, whatever comes above it afterwards.
    pub(super) fn settle(&mut self, model: &Model) {
        let found = self.found(model);
        let at = self.at(&found);
        self.chosen = found.into_iter().nth(at).map(|found| found.target);
    }

    fn all<'a>(&'a self, model: &'a Model) -> Box<dyn Iterator<Item = Found> + 'a> {
        let actions = ACTIONS.iter().map(|row| Found {
            target: Target::Action(row.id),
            words: match self.over {
                Over::Help { .. } => row.help.to_owned(),
                Over::Everything => format!("{}: {}", row.name, row.help),
            },
            why_not: model.can(row.id).err(),
        });
        match self.over {
            Over::Help { .. } => Box::new(actions),
            Over::Everything => Box::new(places(model).chain(actions)),
        }
    }

    pub(super) fn step(&mut self, model: &Model, by: isize) {
        let found = self.found(model);
        let to = self.at(&found).saturating_add_signed(by).min(found.len().saturating_sub(1));
        self.chosen = found.into_iter().nth(to).map(|found| found.target);
    }
}

/// Sites first, then what stands in them, then runs.
fn places(model: &Model) -> impl Iterator<Item = Found> + '_ {
    let leave = super::when::may_leave(model).err();
    let go = move |subject: Subject, words: String| Found { target: Target::Go(subject), words, why_not: leave };
    let may = |id| action(id).and_then(|row| (row.when)(model).err());
    let (may_over, may_home) = (may(Id::FailOver), may(Id::BringHome));
    let sites = model.topology.sites.iter().flat_map(move |site| {
        let over = site.standby.as_ref().map(|to| Found {
            target: Target::FailOver(site.name.clone()),
            words: format!("fail over {} to {to}", site.name),
            why_not: may_over,
        });
        let home = site.standby.as_ref().map(|_| Found {
            target: Target::BringHome(site.name.clone()),
            words: format!("bring {} home", site.name),
            why_not: may_home,
        });
        let here = go(Subject::Site(site.name.clone()), format!("site {}", site.name));
        [Some(here), over, home].into_iter().flatten()
    });
    let servers = model.topology.servers().map(move |server| {
        go(Subject::Server(server.fqdn.clone()), format!("server {} in {}", server.fqdn, server.site))
    });
    let pools = model
        .topology
        .pools
        .iter()
        .map(move |pool| go(Subject::Pool(pool.fqdn.clone()), format!("pool {}", pool.fqdn)));
    let plans = model
        .topology
        .dial_plans
        .iter()
        .map(move |plan| go(Subject::Plan(plan.name.clone()), format!("dial plan {}", plan.name)));
    let runs = model.runs.iter().map(move |run| {
        let words = run.view.as_ref().map_or_else(ToString::to_string, |view| {
            format!("{} → {} {}", view.run.plan().from, view.run.plan().to, view.run.state().word())
        });
        go(Subject::Run(run.id.clone()), format!("run {}  {words}", run.id))
    });
    sites.chain(servers).chain(pools).chain(plans).chain(runs)
}
