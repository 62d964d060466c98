//! What is to be done next, and what an operator can choose when nothing goes on by itself.

use super::{Ask, End, Phase, Run, Status, Todo, Way, Work};
use crate::domain::name::Fqdn;
use crate::failover::plan::{Action, Purpose, Step};

impl Run {
    /// What is to be done next. Depends on the events alone.
    #[must_use]
    pub fn next(&self) -> Todo {
        match self.phase {
            Phase::Draft | Phase::Ended(_) => Todo::Nothing,
            Phase::Halted if self.was_refused_at_the_door() => Todo::Close(End::Cancelled),
            Phase::Halted | Phase::Stuck => Todo::Ask(self.offers()),
            Phase::Going if self.wants_approval() => Todo::Ask(self.offers()),
            Phase::Going => self.next_going(),
        }
    }

    fn next_going(&self) -> Todo {
        if let Some(flight) = &self.in_flight {
            return Todo::Settle(flight.work);
        }
        if self.turning {
            return self.next_backwards();
        }
        if !self.rechecked {
            return Todo::Recheck;
        }
        let unfinished = self.steps.iter().enumerate().find(|(index, progress)| match progress.status {
            Status::Applied | Status::Recorded | Status::Passed | Status::NotProven | Status::LeftOut => false,
            Status::NotApplied(_) => !self.is_close(*index),
            Status::Unknown => !self.is_close(*index) && !self.is_left_out(*index),
            _ => true,
        });
        if let Some(step) = self.to_prove_again()
            && unfinished.is_none_or(|(first, _)| step < first)
        {
            return Todo::Look { step };
        }
        match unfinished {
            None => self.next_at_end(),
            Some((step, progress)) if progress.status == Status::Pending => self.next_step(step),
            Some(_) => Todo::Ask(self.offers()),
        }
    }

    fn next_step(&self, step: usize) -> Todo {
        // The fence is let go only when it is settled that the change stays.
        if self.is_close(step)
            && let Some(wait) = self.awaits_confirmation()
        {
            return wait;
        }
        match self.plan.steps.get(step) {
            Some(planned) if planned.action.has_effect() => Todo::Perform(self.work(step, Way::Do)),
            _ => Todo::Look { step },
        }
    }

    fn next_at_end(&self) -> Todo {
        self.awaits_confirmation().unwrap_or(Todo::Close(End::Completed))
    }

    fn awaits_confirmation(&self) -> Option<Todo> {
        let until = self.confirm_until?;
        if self.kept_by.is_some() { None } else { Some(Todo::AwaitConfirm { until }) }
    }

    /// The last effect that stands, or may stand, is taken back first. Before the fence is let go, records that were put back are
    /// read at every server that was read on the way.
    pub(super) fn next_backwards(&self) -> Todo {
        let standing = self.steps.iter().enumerate().rev().find(|(index, progress)| {
            (progress.status.stands() || progress.status == Status::Unknown)
                && self.plan.steps.get(*index).is_some_and(|step| step.action.has_effect())
        });
        let next = standing.map(|(step, _)| step);
        match (next, self.unread_back().next()) {
            (Some(step), None) => self.take_back(step),
            (Some(step), Some(_)) if !self.is_claim(step) => self.take_back(step),
            (_, Some(step)) => Todo::LookBack { step },
            (None, None) => Todo::Close(End::RolledBack),
        }
    }

    pub(super) fn work(&self, step: usize, way: Way) -> Work {
        let attempts = self.steps.get(step).map_or(0, |progress| progress.attempts);
        Work { step, way, attempt: attempts + 1 }
    }

    /// What can be chosen when the run is halted or stuck; hold comes first, it is the default.
    #[must_use]
    pub fn offers(&self) -> Vec<Ask> {
        if self.phase == Phase::Going && self.wants_approval() {
            return vec![Ask::Approve, Ask::Abort];
        }
        let mut offers = vec![Ask::Hold, Ask::Resume];
        if self.phase == Phase::Stuck {
            offers.extend([Ask::Close, Ask::Abandon]);
            return offers;
        }
        offers.extend(self.troubled().filter(|server| self.separable(server).is_some()).map(Ask::Without));
        if !self.turning && !self.changed_nothing() {
            offers.push(Ask::RollBack);
        }
        offers.push(Ask::Abandon);
        offers
    }

    /// Servers whose step did not come to a good end.
    fn troubled(&self) -> impl Iterator<Item = Fqdn> {
        let trouble = |status: &Status| matches!(status, Status::NotApplied(_) | Status::Failed | Status::Unknown);
        let mut servers: Vec<Fqdn> = self
            .steps()
            .filter(|(_, progress)| trouble(&progress.status))
            .flat_map(|(step, _)| hosts(step))
            .filter(|host| !self.left_out().any(|left| left == host))
            .filter_map(|host| self.pair_of(&host).map(|pair| pair.server.clone()))
            .collect();
        servers.sort();
        servers.dedup();
        servers.into_iter()
    }

    fn pair_of(&self, host: &Fqdn) -> Option<&crate::failover::plan::Pair> {
        self.plan.pairs.iter().find(|pair| [&pair.server, &pair.leaves, &pair.enters].contains(&host))
    }

    /// The steps that are about a server or its partner and nobody else; `None` when it cannot be left out: its name moves in
    /// one message with others, which is sent as it was approved or not at all; or it is the only pair.
    pub(super) fn separable(&self, server: &Fqdn) -> Option<Vec<usize>> {
        let pair = self.pair_of(server)?;
        let ours = |host: &Fqdn| *host == pair.leaves || *host == pair.enters || *host == pair.server;
        if self.plan.pairs.len() < 2 {
            return None;
        }
        let mut steps = Vec::new();
        for (index, step) in self.plan.steps.iter().enumerate() {
            let hosts = hosts(step);
            if moves(step) && hosts.iter().any(ours) && !self.steps.get(index).is_some_and(|p| p.status.stands()) {
                return None;
            }
            if !hosts.is_empty() && hosts.iter().all(ours) {
                steps.push(index);
            }
        }
        Some(steps)
    }

    /// Servers that an operator left out: a step that looks at several passes over them.
    pub fn left_out(&self) -> impl Iterator<Item = &Fqdn> {
        let out: Vec<&str> =
            self.open_items.iter().filter(|item| item.id == "left-out").map(|item| item.subject.as_str()).collect();
        let chosen = move |pair: &&crate::failover::plan::Pair| {
            [&pair.server, &pair.leaves, &pair.enters].iter().any(|host| out.contains(&host.as_str()))
        };
        self.plan.pairs.iter().filter(chosen).flat_map(|pair| [&pair.leaves, &pair.enters])
    }

    /// Every server that it touches: of its pairs, and of its commands.
    #[must_use]
    pub fn targets(&self) -> Vec<Fqdn> {
        let pairs = self.plan.pairs.iter().flat_map(|pair| [&pair.server, &pair.leaves, &pair.enters]).cloned();
        let commands = self.plan.steps.iter().filter(|step| step.action.has_effect()).flat_map(hosts);
        pairs.chain(commands).collect()
    }

    pub(super) fn is_close(&self, index: usize) -> bool {
        let action = self.plan.steps.get(index).map(|step| &step.action);
        matches!(action, Some(Action::DnsUpdate(update)) if update.purpose == Purpose::Close)
    }
}

fn moves(step: &Step) -> bool {
    matches!(&step.action, Action::DnsUpdate(update) if update.purpose != Purpose::Close)
}

/// The servers that a step is about.
pub(super) fn hosts(step: &Step) -> Vec<Fqdn> {
    match &step.action {
        Action::Command(command) => vec![command.call.server.clone()],
        Action::SipCheck(check) => check.targets.iter().map(|target| target.host.clone()).collect(),
        Action::DnsUpdate(update) => update.changes.iter().map(|change| change.name.clone()).collect(),
        Action::Soak(_) | Action::ReadBack(_) | Action::CacheWait(_) | Action::Acceptance(_) => Vec::new(),
    }
}
