//! A console, and somebody who makes the plans that it asks for: the planner, the rules and the seal are the real ones.

use jiff::ToSpan;
use switchboard::app::guide::{Asked, Guide, Item, Made, PlanAsk};
use switchboard::app::prompt::Prompt;
use switchboard::app::{Dialog, Effect, Event, Key, Model, update};
use switchboard::domain::act::Update;
use switchboard::domain::name::Fqdn;
use switchboard::domain::observation::{SipAnswer, SipFailure};
use switchboard::failover::plan::{Plan, RunId};
use switchboard::failover::planner::{Making, plan, service_plan};
use switchboard::failover::rules::give_reasons;
use switchboard::failover::runbook::steps;
use switchboard::wire::dns::script::script;

use crate::support::{answer, round, watched};
use crate::world::World;

/// A console on the source document's topology in one of its designs.
pub(crate) struct Story {
    pub(crate) model: Model,
    design: &'static str,
    /// What is found when a plan is asked for, in the words of situations.
    pub(super) finds: Vec<String>,
    rounds: i64,
}

type Sick = Option<Result<SipAnswer, SipFailure>>;

/// Nothing is sick: in the second design the standby refuses calls, as it should.
fn well(design: &str, name: &Fqdn) -> Sick {
    let disabled = design == "enabling" && ["um3", "um4"].contains(&name.host());
    disabled.then(|| Ok(answer(503, "Service Unavailable", 28)))
}

impl Story {
    pub(super) fn new(design: &'static str) -> Self {
        Self::with(design, &|name| well(design, name))
    }

    /// Some servers refuse connections.
    pub(super) fn without(design: &'static str, dead: &'static [&'static str]) -> Self {
        Self::with(design, &|name| {
            if dead.contains(&name.host()) { Some(Err(SipFailure::Refused)) } else { well(design, name) }
        })
    }

    fn with(design: &'static str, sick: &dyn Fn(&Fqdn) -> Sick) -> Self {
        let model = watched(World::new(design, false, &[]).topology, 5, sick);
        Self { model, design, finds: Vec::new(), rounds: 5 }
    }

    pub(super) fn finding(mut self, words: &[&str]) -> Self {
        self.find(words);
        self
    }

    /// What is found from now on when a plan is asked for.
    pub(super) fn find(&mut self, words: &[&str]) {
        self.finds = words.iter().map(ToString::to_string).collect();
    }

    pub(super) fn event(&mut self, event: Event) -> Vec<Effect> {
        let now = self.model.now;
        update(&mut self.model, event, now)
    }

    /// Presses keys, written as in the keymap.
    pub(crate) fn press(&mut self, keys: &str) -> Vec<Effect> {
        let keys = keys.split_whitespace().map(|key| key.parse::<Key>().unwrap());
        keys.collect::<Vec<_>>().into_iter().flat_map(|key| self.event(Event::Pressed(key))).collect()
    }

    /// Types a text, key by key.
    pub(super) fn enter(&mut self, text: &str) -> Vec<Effect> {
        text.chars().flat_map(|c| self.event(Event::Pressed(Key::char(c)))).collect()
    }

    /// Lets time go by.
    pub(super) fn later(&mut self, seconds: i64) -> Vec<Effect> {
        let now = self.model.now + seconds.seconds();
        update(&mut self.model, Event::Ticked, now)
    }

    /// Lets time go by while all is well.
    pub(super) fn watch(&mut self, seconds: i64) {
        self.observe(seconds / 5, &|_| None);
    }

    /// Some rounds of five seconds; some servers answer otherwise than they should.
    pub(super) fn observe(&mut self, rounds: i64, sick: &dyn Fn(&Fqdn) -> Sick) {
        for _ in 0..rounds {
            self.rounds += 1;
            let now = self.model.now + 5.seconds();
            let topology = self.model.topology.clone();
            let all = round(&topology, self.rounds, now, &|name| sick(name).or_else(|| well(self.design, name)));
            update(&mut self.model, Event::Observed(all), now);
        }
    }

    /// Puts the arrows on a line of the dialog.
    pub(super) fn select(&mut self, wanted: impl Fn(&Item) -> bool) {
        let items = self.guide().items(&self.model);
        let at = items.iter().position(wanted).unwrap_or_else(|| panic!("not among {items:?}"));
        self.press("Home");
        (0..at).for_each(|_| drop(self.press("Down")));
    }

    pub(super) fn select_pair(&mut self, host: &str) {
        self.select(|item| matches!(item, Item::Pair(server) if server.host() == host));
    }

    pub(super) fn select_rule(&mut self, rule: &str) {
        self.select(|item| matches!(item, Item::Rule { id, .. } if id == rule));
    }

    pub(super) fn guide(&self) -> &Guide {
        self.model.guide().unwrap()
    }

    pub(super) fn plan(&self) -> &Plan {
        self.guide().plan().unwrap()
    }

    pub(super) fn told(&self) -> &str {
        self.guide().told.as_deref().unwrap_or_default()
    }

    pub(super) fn prompt(&self) -> &Prompt {
        match self.model.dialogs.last() {
            Some(Dialog::Prompt(prompt)) => prompt,
            other => panic!("no prompt: {other:?}"),
        }
    }

    pub(super) fn notice(&self) -> &str {
        self.model.notice.as_ref().map_or("", |(text, _)| text.as_str())
    }

    /// The plan, or the refusal, that a question comes to.
    pub(super) fn make(&self, ask: &PlanAsk) -> Result<Box<Made>, String> {
        let mut finds = self.finds.clone();
        if ask.request.attested.is_some() {
            finds.push("fact attested".into());
        }
        let mut world = World::new(self.design, false, &finds);
        world.settle();
        let now = self.model.now;
        let making = Making { id: RunId::new(now, 42), now };
        let content = match &ask.asked {
            Asked::Site { .. } => plan(&world.topology, &world.picture, &world.seen, &ask.request, &making),
            Asked::Service { server, verb } => {
                service_plan(&world.topology, &world.picture, &world.seen, server, *verb, &ask.request, &making)
            }
        };
        let content = content.map_err(|refusal| refusal.to_string())?;
        // Whoever takes no part is not rehearsed.
        let part = |host: &str| content.pairs.iter().any(|pair| pair.enters.host() == host);
        finds.retain(|word| word.strip_prefix("fact rehearsal ").is_none_or(|rest| part(&rest[..3])));
        let mut content = world.judge_plan(content, &finds, |_| true);
        let not_taken = give_reasons(&mut content.rules, &ask.reasons).err().map(|error| error.to_string());
        let plan = Plan::seal(content);
        let text = steps(&plan, &|update: &Update| script(update).map_err(|error| error.to_string()));
        Ok(Box::new(Made { plan, not_taken, script: text.trim_start().lines().map(str::to_owned).collect() }))
    }

    /// Brings the plan that a key asked for.
    pub(super) fn bring(&mut self, effects: &[Effect]) -> Vec<Effect> {
        let ask = asked(effects);
        let made = self.make(ask);
        self.event(Event::PlanMade { ticket: ask.ticket, made })
    }

    /// Presses keys of which the last one asks for a plan, and brings it.
    pub(super) fn look(&mut self, keys: &str) -> Vec<Effect> {
        let effects = self.press(keys);
        self.bring(&effects)
    }

    /// Types the phrase that the plan wants.
    pub(super) fn confirm(&mut self) -> Vec<Effect> {
        let phrase = self.plan().confirm();
        self.enter(&phrase);
        self.press("Enter")
    }
}

/// The one question for a plan among some effects.
pub(super) fn asked(effects: &[Effect]) -> &PlanAsk {
    match effects {
        [Effect::MakePlan(ask)] => ask,
        other => panic!("no plan was asked for: {other:?}"),
    }
}
