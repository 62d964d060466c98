//! Steps that only look: who answers, what each server and resolver says, whether it holds. Each ends by its deadline.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::execute::{ExecuteError, Executor, LOOK};
use crate::domain::act::RecordKind;
use crate::domain::clean::Clean;
use crate::domain::health::{Class, Health};
use crate::domain::name::Fqdn;
use crate::domain::observation::{Addresses, DnsFailure, DnsKind, DnsOutcome};
use crate::domain::server::Service;
use crate::domain::watch::{dns_failure_words, sip_failure_words};
use crate::failover::plan::{
    Action, CacheWait, Mode, Path, ReadBack, RecordSet, RuleOutcome, SipCheck, SipTarget, SipWant, Soak, Step,
};
use crate::failover::planner::targets;
use crate::failover::rules::is_answered_for;
use crate::failover::run::{Check, Event, Run, Todo};
use crate::probe::Target;
use crate::probe::dns::{DnsQuestions, probe};

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What one look found.
struct Found {
    check: Check,
    detail: Clean,
    /// Whether another look may find something better.
    again: bool,
}

impl Found {
    fn new(check: Check, detail: impl Into<Clean>) -> Self {
        Self { check, detail: detail.into(), again: check == Check::Failed }
    }
}

/// What one server says of some records.
enum Says {
    Agrees,
    Differs(String),
    Unreachable(String),
}

impl Executor {
    /// Carries out a step that only looks.
    pub(super) async fn look(&self, index: usize) -> Result<(), ExecuteError> {
        let run = self.run();
        let Some(step) = run.step(index) else { return Ok(()) };
        if let Action::Acceptance(acceptance) = &step.action {
            return self.accept(step, acceptance).await;
        }
        let found = match &step.action {
            Action::Soak(soak) => self.soak(index, soak).await?,
            _ => self.look_until_well(step).await?,
        };
        match found {
            Some(Found { check, detail, .. }) => self.write(&Event::Checked { step: step.id.clone(), check, detail }),
            None => Ok(()),
        }
    }

    /// Reads records that were put back at the servers that a step of the way has read; asks servers that take the calls again.
    pub(super) async fn look_back(&self, index: usize) -> Result<(), ExecuteError> {
        let run = self.run();
        let step = run.reading_back(index).or_else(|| self.proving_back(&run, index));
        let Some(step) = step else { return Ok(()) };
        match self.look_until_well(&step).await? {
            Some(Found { check, detail, .. }) => self.write(&Event::CheckedBack { step: step.id, check, detail }),
            None => Ok(()),
        }
    }

    /// The step that proved the standby, for the servers that a roll back returns to.
    fn proving_back(&self, run: &Run, index: usize) -> Option<Step> {
        let step = run.step(index)?;
        let Action::SipCheck(check) = &step.action else { return None };
        let hosts = run.returns_to();
        let servers = hosts.iter().filter_map(|host| self.topology.server(host));
        let targets = servers.flat_map(|server| targets(&server.fqdn, server)).collect();
        let action = Action::SipCheck(SipCheck { targets, want: check.want, by: Path::Address });
        Some(Step { action, ..step.clone() })
    }

    /// Looks again and again until it is well or the deadline is over; `None` when an operator stepped in.
    async fn look_until_well(&self, step: &Step) -> Result<Option<Found>, ExecuteError> {
        let until = Instant::now() + Duration::from_secs(step.deadline_seconds);
        let (mut last, mut pause) = (Clean::default(), LOOK);
        loop {
            let found = self.look_once(step).await;
            if !found.again || Instant::now() >= until {
                return Ok(Some(found));
            }
            if found.detail != last {
                self.write(&Event::Seen { step: step.id.clone(), detail: found.detail.clone() })?;
                last = found.detail;
            }
            // Most of what is waited for comes at once or not for long: a transfer after its notice, a listener after its start.
            if self.pause(until.min(Instant::now() + pause)).await? {
                return Ok(None);
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Waits for the next look. Says whether an operator stepped in.
    pub(super) async fn pause(&self, until: Instant) -> Result<bool, ExecuteError> {
        let next = (Instant::now() + self.topology.console.interval.min(LONGEST_PAUSE)).min(until);
        while Instant::now() < next {
            self.mind_fence().await?;
            if self.take_requests().await? || self.run().state().is_over() {
                return Ok(true);
            }
            sleep(LOOK.min(next.saturating_duration_since(Instant::now()))).await;
        }
        Ok(false)
    }

    async fn look_once(&self, step: &Step) -> Found {
        match &step.action {
            Action::SipCheck(check) => self.sip_check(check).await,
            Action::ReadBack(read) => self.read_back(read).await,
            Action::CacheWait(wait) => self.cache_wait(wait).await,
            Action::DnsUpdate(_) | Action::Command(_) | Action::Acceptance(_) | Action::Soak(_) => {
                Found::new(Check::Failed, "this step is not one that only looks")
            }
        }
    }

    async fn sip_check(&self, check: &SipCheck) -> Found {
        let run = self.run();
        let left_out: BTreeSet<&Fqdn> = run.left_out().collect();
        let targets: Vec<&SipTarget> = check.targets.iter().filter(|target| !left_out.contains(&target.host)).collect();
        let given = match check.by {
            Path::Address => None,
            Path::Resolvers => Some(self.resolved(&targets).await),
        };
        let (mut well, mut excused, mut ill) = (Vec::new(), Vec::new(), Vec::new());
        let (wrong, led): (Vec<_>, Vec<_>) = targets
            .into_iter()
            .map(|target| (target, given.as_ref().and_then(|given| misled(given, target))))
            .partition(|(_, wrong)| wrong.is_some());
        ill.extend(wrong.into_iter().filter_map(|(_, wrong)| wrong));
        // All at once: a listener that keeps silent takes its whole time.
        let asked = led.into_iter().map(|(target, _)| async move { (target, self.ask(target).await) });
        for (target, (class, words)) in join_all(asked).await {
            let line = format!("{} as {}: {words}", target.host.host(), target.name);
            match (class.health(), check.want) {
                (Health::Up, SipWant::Alive) => well.push(line),
                (Health::Up, SipWant::InService) if class != Class::Refusing => well.push(line),
                (Health::Degraded, _) if self.is_excused(&target.host, target.service, class) => excused.push(line),
                _ => ill.push(line),
            }
        }
        // An emergency has left what is dead; it returns to what is not, which is enough to go on by.
        if run.is_turning() && run.plan().mode == Mode::Emergency && !well.is_empty() {
            excused.append(&mut ill);
        }
        sum_up(&well, &excused, &ill)
    }

    async fn ask(&self, target: &SipTarget) -> (Class, String) {
        let asked = Target {
            name: target.host.clone(),
            server_name: Some(target.name.clone()),
            address: target.address,
            transport: target.transport,
        };
        let outcome = self.sip.probe(&asked, self.topology.console.timeout).await;
        let words = match &outcome.result {
            Ok(answer) => format!("{} {}", answer.code, answer.reason),
            Err(failure) => sip_failure_words(failure),
        };
        (Class::of(&outcome, self.topology.console.slow), words)
    }

    /// A server that is silent to strangers, or whose TLS nobody can speak from here: excused when the plan's own rehearsal saw
    /// it so and somebody answered for it, never otherwise.
    pub(super) fn is_excused(&self, host: &Fqdn, service: Service, class: Class) -> bool {
        let run = self.run();
        // A site that was left as silent as it is had its reason then.
        let was_left_so = |rule: &RuleOutcome| {
            run.is_turning() && rule.id == "source-needs-it" && rule.given.is_some() && run.returns_to().contains(host)
        };
        let excuses = |rule: &RuleOutcome| is_answered_for(rule, host, service) || was_left_so(rule);
        matches!(class, Class::Silent | Class::Unproven) && run.plan().rules.iter().any(excuses)
    }

    /// What each resolver of the sending pools gives for each name.
    async fn resolved(&self, targets: &[&SipTarget]) -> BTreeMap<SocketAddr, DnsOutcome> {
        let names: BTreeSet<Fqdn> = targets.iter().map(|target| target.name.clone()).collect();
        let mut given = BTreeMap::new();
        for resolver in &self.topology.resolvers {
            let outcome = self.ask_dns(*resolver, DnsKind::Resolver, names.iter().cloned().collect()).await;
            given.insert(*resolver, outcome);
        }
        given
    }

    async fn ask_dns(&self, server: SocketAddr, kind: DnsKind, names: Vec<Fqdn>) -> DnsOutcome {
        let connect = self.topology.map.route(server);
        let questions =
            DnsQuestions { server, connect, kind, names, zones: Vec::new(), markers: Vec::new(), key: None };
        probe(&questions, self.topology.console.timeout * 2, &self.clock).await
    }

    async fn say(&self, server: SocketAddr, kind: DnsKind, records: &[RecordSet]) -> Says {
        let names: BTreeSet<Fqdn> = records.iter().map(|set| set.name.clone()).collect();
        let outcome = self.ask_dns(server, kind, names.into_iter().collect()).await;
        let mut differs = Vec::new();
        for set in records {
            match outcome.names.get(&set.name) {
                Some(Ok(addresses)) => differs.extend(difference(set, addresses, kind)),
                Some(Err(DnsFailure::Timeout | DnsFailure::ConnectionRefused | DnsFailure::Local(_))) | None => {
                    return Says::Unreachable(format!("{server} does not answer"));
                }
                Some(Err(failure)) => differs.push(format!("{}: {}", set.name, dns_failure_words(failure))),
            }
        }
        if differs.is_empty() { Says::Agrees } else { Says::Differs(format!("{server}: {}", differs.join(", "))) }
    }

    async fn read_back(&self, read: &ReadBack) -> Found {
        let says = self.all_say(&read.servers, DnsKind::Authoritative, &read.records).await;
        let (well, excused, ill) = says;
        if read.excuse_unreachable {
            sum_up(&well, &excused, &ill)
        } else {
            sum_up(&well, &[], &[ill, excused].concat())
        }
    }

    async fn all_say(
        &self,
        servers: &[SocketAddr],
        kind: DnsKind,
        records: &[RecordSet],
    ) -> (Vec<String>, Vec<String>, Vec<String>) {
        let (mut well, mut unreachable, mut ill) = (Vec::new(), Vec::new(), Vec::new());
        for server in servers {
            match self.say(*server, kind, records).await {
                Says::Agrees => well.push(format!("{server} agrees")),
                Says::Differs(words) => ill.push(words),
                Says::Unreachable(words) => unreachable.push(words),
            }
        }
        (well, unreachable, ill)
    }

    /// Over when every resolver shows the new answer. One that cannot be asked is excused when no cache can hold the old answer.
    async fn cache_wait(&self, wait: &CacheWait) -> Found {
        let (well, unreachable, ill) = self.all_say(&wait.resolvers, DnsKind::Resolver, &wait.records).await;
        let horizon = self.changed_at().and_then(|at| at.checked_add(Duration::from_secs(wait.seconds)).ok());
        // A second that has begun is not over: a cache may hold the old answer for all of it.
        let left =
            horizon.map_or(0, |horizon| (horizon.as_millisecond() - self.clock.now().as_millisecond() + 999) / 1000);
        if ill.is_empty() && (unreachable.is_empty() && !well.is_empty() || left <= 0) {
            return sum_up(&well, &unreachable, &ill);
        }
        let late = if left > 0 { format!("at most {left} s left") } else { "longer than its TTL allows".to_owned() };
        let waiting = [ill, unreachable].concat().join("; ");
        Found::new(Check::Failed, format!("{waiting} ({late})"))
    }

    /// When the last record was changed.
    fn changed_at(&self) -> Option<Timestamp> {
        self.run().records_changed()
    }

    /// Whether a server is as it was when it was proven: heard, or silent as somebody answered for.
    async fn holds(&self, host: &Fqdn) -> bool {
        let heard = self.heard(host).await;
        let excused = |service, class| self.is_excused(host, service, class);
        !heard.is_empty()
            && heard.iter().all(|(service, class)| class.health() == Health::Up || excused(*service, *class))
    }

    /// Watches for a while; a server that is down at three looks in a row does not hold. `None` when an operator stepped in; a word
    /// that changes nothing of what is watched is taken down, and the watch goes on.
    async fn soak(&self, index: usize, soak: &Soak) -> Result<Option<Found>, ExecuteError> {
        let until = Instant::now() + Duration::from_secs(soak.seconds);
        let mut down: BTreeMap<&Fqdn, u32> = BTreeMap::new();
        let run = self.run();
        let left_out: BTreeSet<&Fqdn> = run.left_out().collect();
        let hosts: Vec<&Fqdn> = soak.hosts.iter().filter(|host| !left_out.contains(host)).collect();
        loop {
            let looks = join_all(hosts.iter().map(|host| async move { (*host, self.holds(host).await) })).await;
            for (host, holds) in looks {
                let count = down.entry(host).or_default();
                *count = if holds { 0 } else { *count + 1 };
                if *count >= self.topology.console.fall.max(1) {
                    return Ok(Some(Found::new(Check::Failed, format!("{host} does not hold"))));
                }
            }
            if Instant::now() >= until {
                return Ok(Some(Found::new(Check::Passed, format!("held for {} s", soak.seconds))));
            }
            let next = until.min(Instant::now() + self.topology.console.interval);
            if !self.goes_on_looking(index, next).await? {
                return Ok(None);
            }
        }
    }

    /// Waits, takes what operators ask for and minds the fence. Says whether this step is still the one to be looked at.
    async fn goes_on_looking(&self, index: usize, until: Instant) -> Result<bool, ExecuteError> {
        loop {
            self.mind_fence().await?;
            self.take_requests().await?;
            if self.run().next() != (Todo::Look { step: index }) {
                return Ok(false);
            }
            if Instant::now() >= until {
                return Ok(true);
            }
            sleep(LOOK.min(until.saturating_duration_since(Instant::now()))).await;
        }
    }
}

/// The target's address is not among those that a resolver gives for its name.
fn misled(given: &BTreeMap<SocketAddr, DnsOutcome>, target: &SipTarget) -> Option<String> {
    let mut heard = false;
    for (resolver, outcome) in given {
        let Some(Ok(addresses)) = outcome.names.get(&target.name) else { continue };
        heard = true;
        if !all(addresses).any(|address| address == target.address.ip()) {
            return Some(format!("{resolver} does not lead {} to {}", target.name, target.address.ip()));
        }
    }
    // Where no resolver is declared or answers, the plan's own address is all there is.
    (!heard && !given.is_empty()).then(|| format!("no resolver gives an address for {}", target.name))
}

fn all(addresses: &Addresses) -> impl Iterator<Item = IpAddr> {
    let (a, aaaa) = (addresses.a.iter().copied().map(IpAddr::V4), addresses.aaaa.iter().copied().map(IpAddr::V6));
    a.chain(aaaa)
}

/// A resolver's TTL counts down: only its values are compared.
fn difference(set: &RecordSet, addresses: &Addresses, kind: DnsKind) -> Option<String> {
    let is_four = set.kind == RecordKind::A;
    let mut shown: Vec<IpAddr> = all(addresses).filter(|address| address.is_ipv4() == is_four).collect();
    let mut wanted = set.values.clone();
    shown.sort_unstable();
    wanted.sort_unstable();
    if shown != wanted {
        let shown: Vec<String> = shown.iter().map(ToString::to_string).collect();
        return Some(format!("{} is {}", set.name, if shown.is_empty() { "empty".into() } else { shown.join(" ") }));
    }
    let ttl_counts = kind == DnsKind::Authoritative && !wanted.is_empty() && (is_four || addresses.a.is_empty());
    (ttl_counts && addresses.ttl != Some(set.ttl)).then(|| format!("{} has TTL {:?}", set.name, addresses.ttl))
}

fn sum_up(well: &[String], excused: &[String], ill: &[String]) -> Found {
    if !ill.is_empty() {
        return Found::new(Check::Failed, ill.join("; "));
    }
    if excused.is_empty() {
        return Found::new(Check::Passed, well.join("; "));
    }
    let well = if well.is_empty() { String::new() } else { format!("{}; ", well.join("; ")) };
    Found::new(Check::Excused, format!("{well}excused: {}", excused.join("; ")))
}
