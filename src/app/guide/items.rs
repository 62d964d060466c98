//! What the arrows move over in each step of the dialog. By identity: a plan that is made anew keeps the line that is meant.

use crate::app::model::Model;
use crate::domain::name::Fqdn;
use crate::failover::plan::{Plan, RuleOutcome, Verdict};
use crate::failover::run::Ask;

use super::{Asked, Guide, Step};

/// A line that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Which site is left.
    Site,
    /// Over or home.
    Direction,
    /// Planned or emergency.
    Mode,
    /// Whether an unconfirmed run turns back.
    CommitConfirm,
    /// The sentence for the whole run.
    Reason,
    /// A server and its stand-in.
    Pair(Fqdn),
    /// What a rule said.
    Rule {
        /// The rule.
        id: String,
        /// About what.
        subject: String,
    },
    /// Something that can be asked of the run.
    Offer(Ask),
}

impl Guide {
    /// What can be chosen now, in the order of the screen.
    #[must_use]
    pub fn items(&self, model: &Model) -> Vec<Item> {
        match self.step {
            Step::Choose => self.choose_items(),
            Step::Review => self.plan().map(review_items).unwrap_or_default(),
            Step::Confirm => Vec::new(),
            Step::Run | Step::Verify => self.run_items(model),
        }
    }

    fn choose_items(&self) -> Vec<Item> {
        let pairs = self.choices.servers.iter().cloned().map(Item::Pair);
        match &self.asked {
            Asked::Site { .. } => [Item::Site, Item::Direction, Item::Mode]
                .into_iter()
                .chain(pairs)
                .chain([Item::CommitConfirm, Item::Reason])
                .collect(),
            Asked::Service { .. } => vec![Item::Mode, Item::Reason],
        }
    }

    /// What an operator can ask of the attached run; nothing from a console that only watches.
    fn run_items(&self, model: &Model) -> Vec<Item> {
        let Some(view) = self.run.as_ref().and_then(|id| model.runs.get(id)) else { return Vec::new() };
        if model.settings.read_only {
            return Vec::new();
        }
        let mut offers = view.offers();
        let somebody_elses = view.run.operator().is_some_and(|by| by.as_str() != model.settings.operator);
        if !offers.is_empty() && somebody_elses {
            offers.insert(1, Ask::TakeOver);
        }
        if !view.is_open() && !view.run.open_items().is_empty() {
            offers.push(Ask::Close);
        }
        offers.into_iter().map(Item::Offer).collect()
    }

    /// The chosen line; the first one when the one that was chosen is gone.
    #[must_use]
    pub fn at(&self, items: &[Item]) -> usize {
        self.chosen.as_ref().and_then(|chosen| items.iter().position(|item| item == chosen)).unwrap_or(0)
    }
}

/// As they are drawn: what stands in the way, then the servers, then what else rules say but "fine".
fn review_items(plan: &Plan) -> Vec<Item> {
    let servers = plan.pairs.iter().map(|pair| &pair.server).chain(plan.left_out.iter().map(|left| &left.server));
    let mut rules: Vec<_> = plan.rules.iter().filter(|rule| rule.outcome > Verdict::NotChecked).collect();
    rules.sort_by_key(|rule| std::cmp::Reverse((rule.stands_in_the_way(), rule.outcome)));
    let (in_the_way, others): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| rule.stands_in_the_way());
    let item = |rule: &RuleOutcome| Item::Rule { id: rule.id.clone(), subject: rule.subject.clone() };
    let of = |rules: Vec<&RuleOutcome>| rules.into_iter().map(item).collect::<Vec<_>>();
    of(in_the_way).into_iter().chain(servers.cloned().map(Item::Pair)).chain(of(others)).collect()
}
