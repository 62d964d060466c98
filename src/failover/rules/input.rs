//! What every rule looks at, and the questions that several of them ask.

use super::{Facts, Judged, Said};
use crate::domain::act::Verb;
use crate::domain::judge::{DialPlanView, Picture, ServerView};
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::server::Server;
use crate::domain::topology::{FailoverMethod, Topology};
use crate::failover::plan::{Action, CommandStep, Content, DnsUpdate, Pair, Purpose};
use crate::failover::planner::{ZoneSeen, view};

/// What a plan is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// What is declared.
    pub topology: &'a Topology,
    /// The plan.
    pub plan: &'a Content,
    /// What is seen now.
    pub picture: &'a Picture,
    /// What else is known.
    pub facts: &'a Facts,
}

impl<'a> Input<'a> {
    pub(super) fn is_dns(&self) -> bool {
        self.plan.method == FailoverMethod::Dns
    }

    /// Messages of the plan, in order.
    pub(super) fn updates(&self) -> impl Iterator<Item = &'a DnsUpdate> {
        self.plan.steps.iter().filter_map(|step| match &step.action {
            Action::DnsUpdate(update) => Some(&**update),
            _ => None,
        })
    }

    /// The messages that change records.
    pub(super) fn moves(&self) -> impl Iterator<Item = &'a DnsUpdate> {
        self.updates().filter(|update| update.purpose == Purpose::Move)
    }

    /// Commands of the plan, in order.
    pub(super) fn commands(&self) -> impl Iterator<Item = &'a CommandStep> {
        self.plan.steps.iter().filter_map(|step| match &step.action {
            Action::Command(command) => Some(&**command),
            _ => None,
        })
    }

    /// Servers that are taken out of service.
    pub(super) fn disabled(&self) -> impl Iterator<Item = &'a Fqdn> {
        self.commands().filter(|command| command.call.verb == Verb::Disable).map(|command| &command.call.server)
    }

    /// Servers that take part: who is left, who takes over, whose name moves, who is commanded.
    pub(super) fn targets(&self) -> Vec<&'a Fqdn> {
        let paired = self.plan.pairs.iter().flat_map(|pair| [&pair.server, &pair.leaves, &pair.enters]);
        let mut targets: Vec<&Fqdn> = paired.chain(self.commands().map(|command| &command.call.server)).collect();
        targets.sort();
        targets.dedup();
        targets
    }

    /// Each host that takes over, once, with one of its pairs.
    pub(super) fn entering(&self) -> Vec<&'a Pair> {
        let mut pairs: Vec<&Pair> = Vec::new();
        for pair in &self.plan.pairs {
            if !pairs.iter().any(|known| known.enters == pair.enters) {
                pairs.push(pair);
            }
        }
        pairs
    }

    pub(super) fn view(&self, server: &Fqdn) -> Option<&'a ServerView> {
        view(self.picture, server)
    }

    /// Judges something about a server that has to be declared and in the picture.
    pub(super) fn about(&self, fqdn: &Fqdn, judge: impl FnOnce(&'a Server, &'a ServerView) -> Said) -> Judged {
        let said = match (self.topology.server(fqdn), self.view(fqdn)) {
            (Some(server), Some(view)) => judge(server, view),
            _ => Said::CannotTell("the topology file does not have this server any more".to_owned()),
        };
        Judged::new(fqdn, said)
    }

    /// The dial plans that are moved, as they are seen.
    pub(super) fn dial_plans(&self) -> impl Iterator<Item = &'a DialPlanView> {
        self.picture.dial_plans.iter().filter(|view| self.plan.dial_plans.contains(&view.name))
    }

    /// A zone as its write primary shows it now.
    pub(super) fn zone_seen(&self, zone: &Fqdn) -> Result<&'a ZoneSeen, String> {
        match &self.facts.seen {
            None => Err("the write primary was not asked".to_owned()),
            Some(Err(why)) => Err(why.clone()),
            Some(Ok(seen)) => seen.zones.get(zone).ok_or_else(|| format!("{zone} was not asked for")),
        }
    }

    /// Whether a server's state is told by a command.
    pub(super) fn has_state_command(&self, server: &Server) -> bool {
        use crate::domain::topology::Backend;
        let backend = server.backend.as_ref().and_then(|backend| self.topology.backends.get(backend));
        matches!(backend, Some(Backend::Command(command)) if !command.state.is_empty())
    }

    /// Views of a site's servers.
    pub(super) fn site_views(&self, site: &SiteName) -> impl Iterator<Item = &'a ServerView> {
        let site = self.picture.sites.iter().find(move |view| view.name == *site);
        site.into_iter().flat_map(|site| &site.servers)
    }
}

/// A fact that a rule needs: what it says, or why nothing can be said.
pub(super) fn told<T>(fact: Option<&Result<T, String>>, unconfigured: &str, judge: impl FnOnce(&T) -> Said) -> Said {
    match fact {
        None => Said::NotChecked(unconfigured.to_owned()),
        Some(Err(why)) => Said::CannotTell(why.clone()),
        Some(Ok(value)) => judge(value),
    }
}

/// Joins names for a sentence.
pub(super) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}
