//! A run, told event by event as its journal would have it.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan};
use switchboard::app::Event as AppEvent;
use switchboard::app::runs::{RunSeen, RunView};
use switchboard::domain::act::{Effect, Refusal};
use switchboard::failover::plan::{Plan, StepId};
use switchboard::failover::run::{Ask, Check, Decision, End, Event, Run, State, Way};

/// One run of one plan, as far as it has come.
#[derive(Clone)]
pub(super) struct Tale {
    run: Run,
    events: Vec<(Timestamp, Event)>,
    at: Timestamp,
    attempts: u32,
    pub(super) living: bool,
    pub(super) last_words: Option<&'static str>,
}

impl Tale {
    /// Confirmed, begun and read again.
    pub(super) fn new(plan: &Plan, at: Timestamp) -> Self {
        Self::confirmed_with(plan, at, None)
    }

    pub(super) fn confirmed_with(plan: &Plan, at: Timestamp, commit_confirm_minutes: Option<u64>) -> Self {
        let run = Run::new(Arc::new(plan.clone()));
        let mut tale = Self { run, events: Vec::new(), at, attempts: 0, living: true, last_words: None };
        let by = "ana@jump-dub1".into();
        let (plan, config) = (plan.hash().to_owned(), "/etc/switchboard.toml".to_owned());
        tale.now(Event::Confirmed { by, account: None, plan, config, commit_confirm_minutes });
        tale.after(80, Event::Began { pid: 4711, host: "jump-dub1".into(), cut: 0 });
        tale.after(6, Event::Rechecked { detail: "1 before-images are as planned".into() });
        tale
    }

    fn now(&mut self, event: Event) {
        self.run.apply(self.at, &event).unwrap_or_else(|error| panic!("{event:?}: {error}"));
        self.events.push((self.at, event));
    }

    pub(super) fn after(&mut self, milliseconds: i64, event: Event) {
        self.at += milliseconds.milliseconds();
        self.now(event);
    }

    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    pub(super) fn plan(&self) -> Plan {
        (**self.run.plan()).clone()
    }

    pub(super) fn state(&self) -> State {
        self.run.state()
    }

    pub(super) fn intent(&mut self, step: &str, to: &str) {
        self.attempts += 1;
        let (digest, destination) = (String::new(), to.into());
        let attempt = self.attempts;
        let step = StepId::new(step);
        self.after(7, Event::Intent { step, way: Way::Do, attempt, digest, destination, marker: None });
    }

    fn outcome(&mut self, step: &str, milliseconds: i64, effect: Effect) {
        let (step, attempt) = (StepId::new(step), self.attempts);
        self.after(milliseconds, Event::Outcome { step, way: Way::Do, attempt, effect });
    }

    pub(super) fn applied(&mut self, step: &str, to: &str, milliseconds: i64, detail: &str) {
        self.intent(step, to);
        self.outcome(step, milliseconds, Effect::Applied { detail: detail.into() });
    }

    pub(super) fn refused(&mut self, step: &str, to: &str, why: Refusal, detail: &str) {
        self.intent(step, to);
        self.outcome(step, 12, Effect::NotApplied { why, detail: detail.into() });
    }

    pub(super) fn seen(&mut self, step: &str, milliseconds: i64, detail: &str) {
        self.after(milliseconds, Event::Seen { step: StepId::new(step), detail: detail.into() });
    }

    pub(super) fn checked(&mut self, step: &str, milliseconds: i64, check: Check, detail: &str) {
        self.after(milliseconds, Event::Checked { step: StepId::new(step), check, detail: detail.into() });
    }

    pub(super) fn decided(&mut self, ask: Ask, by: &str, reason: &str) {
        let decision = Decision { ask, by: by.into(), account: None, reason: Some(reason.into()) };
        self.after(1000, Event::Decided(decision));
    }

    pub(super) fn closed(&mut self, end: End) {
        self.after(20, Event::Closed { end, detail: end.word().into() });
        self.living = false;
    }

    /// The run by DNS up to the first look at the caches.
    pub(super) fn moved(plan: &Plan, at: Timestamp) -> Self {
        let mut tale = Self::new(plan, at);
        tale.claimed();
        tale.checked(
            "verify-target",
            7,
            Check::Passed,
            "um3 as um1.tukwila.contoso.com: 200 OK; um4 as um2.tukwila.contoso.com: 200 OK",
        );
        let marker = "marker v=1;epoch=1;seq=10;moved=um1,um2;to=dublin;run=01KAX0000000000000000000ZZ;by=ana@jump-dub1;exp=2026-11-22T14:17:40Z;head=";
        let records = "um1.tukwila.contoso.com A 192.0.2.23 (TTL 60); um1.tukwila.contoso.com has no AAAA; um2.tukwila.contoso.com A 192.0.2.24 (TTL 60); um2.tukwila.contoso.com has no AAAA";
        tale.applied("move", "192.0.2.53:53 over TCP", 13, &format!("{records}; {marker}"));
        tale.checked("read-back", 8, Check::Passed, "192.0.2.53:53 agrees");
        tale.seen(
            "authoritative",
            4,
            "192.0.2.54:53: um1.tukwila.contoso.com is 192.0.2.11, um2.tukwila.contoso.com is 192.0.2.12",
        );
        tale.checked("authoritative", 1020, Check::Passed, "192.0.2.54:53 agrees");
        tale
    }

    pub(super) fn claimed(&mut self) {
        let marker = "marker v=1;epoch=1;seq=9;moved=;to=;run=01KAX0000000000000000000ZZ;by=ana@jump-dub1;exp=2026-11-22T14:17:40Z;head=";
        let records = "um1.tukwila.contoso.com A 192.0.2.11 (TTL 60); um1.tukwila.contoso.com has no AAAA; um2.tukwila.contoso.com A 192.0.2.12 (TTL 60); um2.tukwila.contoso.com has no AAAA";
        self.applied("claim", "192.0.2.53:53 over TCP", 7, &format!("{records}; {marker}"));
    }

    /// So many looks at the resolver, a second apart, which still has the old address.
    pub(super) fn waits_for_caches(&mut self, looks: i64) {
        for look in 0..looks {
            let left = 58 - look;
            let detail = format!(
                "10.0.0.10:53: um1.tukwila.contoso.com is 192.0.2.11, um2.tukwila.contoso.com is 192.0.2.12 (at most {left} s left)"
            );
            self.seen("caches", 1000, &detail);
        }
    }

    /// From the caches to the end.
    pub(super) fn completes(&mut self) {
        self.checked("caches", 900, Check::Passed, "10.0.0.10:53 agrees");
        self.checked(
            "sip-path",
            40,
            Check::Passed,
            "um3 as um1.tukwila.contoso.com: 200 OK; um4 as um2.tukwila.contoso.com: 200 OK",
        );
        self.checked("acceptance", 20, Check::NotProven, "answering, not proven by a call");
        self.checked("soak", 120_000, Check::Passed, "held for 120 s");
        let marker =
            "marker v=1;epoch=1;seq=11;moved=um1,um2;to=dublin;run=;by=ana@jump-dub1;exp=;head=40b32d6916f5526c";
        self.applied("close", "192.0.2.53:53 over TCP", 32, marker);
        self.closed(End::Completed);
    }

    /// As the console reads it in the state directory.
    pub(super) fn seen_run(&self) -> RunSeen {
        let view = RunView {
            run: Arc::new(self.run.clone()),
            events: Arc::new(self.events.clone()),
            living: self.living.then(|| "ana@jump-dub1".into()),
            last_words: self.last_words.map(Into::into),
        };
        RunSeen { id: self.run.plan().id.clone(), view: Ok(view) }
    }

    pub(super) fn event(&self) -> AppEvent {
        AppEvent::RunsSeen(vec![self.seen_run()])
    }
}
