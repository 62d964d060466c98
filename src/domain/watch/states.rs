//! Service state and membership, as the backends' state commands report them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Watch, age};
use crate::domain::certificate::Thumbprint;
use crate::domain::health::{Class, Health, Tracker};
use crate::domain::judge::{ExpectedBy, ExpectedCertificate, StateView};
use crate::domain::name::{BackendName, Fqdn};
use crate::domain::observation::{CommandFailure, ProbeId, ServerState, StateReport};
use crate::domain::server::{Service, ServiceState};
use crate::domain::topology::{Backend, Command};

/// What is remembered of one state command.
#[derive(Debug, Clone)]
pub(super) struct StateTrack {
    /// `true` is a failed run.
    pub(super) failing: Tracker<bool>,
    pub(super) report: Option<StateReport>,
    pub(super) error: Option<CommandFailure>,
    pub(super) at: Timestamp,
    /// When the report was read; a failed run keeps the older one.
    pub(super) read_at: Option<Timestamp>,
    /// Per server, whether the report and the wire disagree.
    pub(super) contradicted: BTreeMap<Fqdn, Tracker<bool>>,
    /// Per service, the certificate that it is configured with, and since when that was reported; the beginning of time when it
    /// was so in the first report.
    certificates: BTreeMap<(Fqdn, Service), (Thumbprint, Timestamp)>,
}

/// A certificate that a service should present.
pub(super) struct Expected {
    pub(super) certificate: ExpectedCertificate,
    /// From when on a handshake has to show it.
    pub(super) since: Timestamp,
    /// When that was read.
    pub(super) read_at: Timestamp,
}

impl Watch {
    pub(super) fn absorb_state(
        &mut self,
        backend: BackendName,
        result: Result<StateReport, CommandFailure>,
        at: Timestamp,
    ) {
        if !self.topology.backends.contains_key(&backend) {
            return;
        }
        let counts = self.counts();
        let failed = result.is_err();
        let contradictions = result.as_ref().map(|report| self.contradictions(report)).unwrap_or_default();
        let track = self.states.entry(backend).or_insert_with(|| StateTrack::new(failed, at));
        if track.at < at {
            track.failing.absorb(failed, at, counts);
        }
        track.at = at;
        match result {
            Ok(report) => {
                track.follow_certificates(&report, at);
                (track.report, track.error, track.read_at) = (Some(report), None, Some(at));
            }
            Err(failure) => track.error = Some(failure),
        }
        for (server, contradicted) in contradictions {
            let known = track.contradicted.entry(server).or_insert_with(|| Tracker::new(false, at));
            known.absorb(contradicted, at, counts);
        }
    }

    /// Whether each reported state fits what the server answered last: one that takes no calls should not accept them.
    fn contradictions(&self, report: &StateReport) -> BTreeMap<Fqdn, bool> {
        let contradicts = |server: &Fqdn, state: &ServerState| {
            let answers = self
                .services
                .iter()
                .filter(|(probe, _)| matches!(probe, ProbeId::Sip { server: of, .. } if of == server));
            let mut answers = answers.map(|(_, track)| track.tracker.raw());
            state.state != ServiceState::Enabled && answers.any(|class| matches!(class, Class::Answers | Class::Slow))
        };
        report.servers.iter().map(|(server, state)| (server.clone(), contradicts(server, state))).collect()
    }

    /// What is reported of a server, unless that is too old to be believed.
    pub(super) fn reported(&self, server: &Fqdn, now: Timestamp) -> Option<&ServerState> {
        self.states.iter().find_map(|(backend, track)| {
            let fresh = track.read_at.is_some_and(|at| age(at, now) <= self.state_too_old(backend));
            fresh.then(|| track.report.as_ref()?.servers.get(server)).flatten()
        })
    }

    /// Which certificates a service should present: as it is configured, and as the topology file declares.
    pub(super) fn expected_certificates(&self, server: &Fqdn, service: Service, now: Timestamp) -> Vec<Expected> {
        let expected = |by, thumbprint: &Thumbprint, since, read_at| {
            let certificate = ExpectedCertificate { by, thumbprint: thumbprint.clone() };
            Expected { certificate, since, read_at }
        };
        let declared = self.topology.server(server).and_then(|server| server.thumbprints.get(&service));
        let declared = declared.map(|told| expected(ExpectedBy::TopologyFile, told, Timestamp::MIN, Timestamp::MAX));
        let reported = self.states.iter().find_map(|(backend, track)| {
            let read_at = track.read_at.filter(|at| age(*at, now) <= self.state_too_old(backend))?;
            let (told, since) = track.certificates.get(&(server.clone(), service))?;
            Some(expected(ExpectedBy::StateCommand, told, *since, read_at))
        });
        reported.into_iter().chain(declared).collect()
    }

    /// Commands are slower than probes and have an interval of their own.
    pub(super) fn state_too_old(&self, backend: &BackendName) -> std::time::Duration {
        match self.command(backend) {
            Some(command) => (command.interval + command.timeout) * (self.topology.console.fall.max(1) + 1),
            None => self.too_old(),
        }
    }

    pub(super) fn command(&self, backend: &BackendName) -> Option<&Command> {
        match self.topology.backends.get(backend)? {
            Backend::Command(command) if !command.state.is_empty() => Some(command),
            _ => None,
        }
    }

    pub(super) fn state_views(&self, now: Timestamp) -> Vec<StateView> {
        let commands = self.topology.backends.keys().filter(|backend| self.command(backend).is_some());
        commands
            .map(|backend| {
                let track = self.states.get(backend);
                let stale = track.is_some_and(|track| age(track.at, now) > self.state_too_old(backend));
                StateView {
                    backend: backend.clone(),
                    health: match track {
                        Some(track) if !stale => {
                            if track.failing.state {
                                Health::Down
                            } else {
                                Health::Up
                            }
                        }
                        _ => Health::Unknown,
                    },
                    at: track.map(|track| track.at),
                    error: track.and_then(|track| track.error.as_ref()).map(failure_words),
                }
            })
            .collect()
    }
}

impl StateTrack {
    /// A certificate that was not in the last report was assigned since then: only a later handshake can show it.
    fn follow_certificates(&mut self, report: &StateReport, at: Timestamp) {
        let first = self.report.is_none();
        let mut next = BTreeMap::new();
        for (server, state) in &report.servers {
            for (service, thumbprint) in &state.certificates {
                let key = (server.clone(), *service);
                let since = match self.certificates.get(&key) {
                    Some((known, since)) if known == thumbprint => *since,
                    None if first => Timestamp::MIN,
                    _ => at,
                };
                next.insert(key, (thumbprint.clone(), since));
            }
        }
        self.certificates = next;
    }

    /// Whether the newest run speaks for a worse state than the judged one.
    pub(super) fn is_unsettled(&self) -> bool {
        self.failing.worsens() || self.contradicted.values().any(Tracker::worsens)
    }

    fn new(failed: bool, at: Timestamp) -> Self {
        Self {
            failing: Tracker::new(failed, at),
            report: None,
            error: None,
            at,
            read_at: None,
            contradicted: BTreeMap::new(),
            certificates: BTreeMap::new(),
        }
    }
}

/// A command's failure in plain words.
#[must_use]
pub fn failure_words(failure: &CommandFailure) -> String {
    match failure {
        CommandFailure::NotStarted(why) => format!("could not be started: {why}"),
        CommandFailure::Timeout => "did not end in time and was ended".to_owned(),
        CommandFailure::Exit { code: Some(code), stderr } => format!("ended with exit code {code}: {stderr}"),
        CommandFailure::Exit { code: None, stderr } => format!("was ended by a signal: {stderr}"),
        CommandFailure::TooLong => "printed more than is read".to_owned(),
        CommandFailure::Malformed(why) => format!("printed something that is not the documented JSON: {why}"),
    }
}
