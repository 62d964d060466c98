//! SIP services of servers and pools: state, history, the newest session.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::states::Expected;
use super::{Watch, age, certificates};
use crate::domain::certificate::Crl;
use crate::domain::health::{Class, Health, Tracker};
use crate::domain::judge::{CertificateView, ServiceView, TlsView};
use crate::domain::name::Fqdn;
use crate::domain::observation::{ProbeId, SipAnswer, SipFailure, SipOutcome, TlsFailure, TlsSession};
use crate::domain::server::{Listener, Service, Transport};
use crate::domain::topology::Topology;

/// How many round-trip times are kept.
const HISTORY: usize = 60;

/// What is remembered of one SIP service.
#[derive(Debug, Clone)]
pub(super) struct ServiceTrack {
    pub(super) tracker: Tracker<Class>,
    pub(super) newest: SipOutcome,
    pub(super) at: Timestamp,
    history: VecDeque<Option<Duration>>,
    answered: bool,
    session: Option<Arc<TlsSession>>,
    /// Since when the present chain is presented; the beginning of time for the first one.
    chain_since: Timestamp,
    pub(super) certificate: Option<Arc<CertificateView>>,
    /// After when the same chain has to be judged anew.
    judge_again: Option<Timestamp>,
}

/// Where a service is declared.
pub(super) struct Declared {
    pub(super) probe: ProbeId,
    pub(super) listener: Listener,
    pub(super) address: Option<std::net::SocketAddr>,
}

impl Watch {
    pub(super) fn absorb_sip(&mut self, probe: ProbeId, outcome: SipOutcome, at: Timestamp) {
        if !self.knows(&probe) {
            return;
        }
        let renewed = self.is_renewed(&probe, &outcome, at);
        let required = if renewed { self.required_names(&probe) } else { Vec::new() };
        if let Some(session) = outcome.tls.as_ref().filter(|_| renewed) {
            self.learn_authorities(&session.chain, at);
        }
        let class = Class::of(&outcome, self.topology.console.slow);
        let rtt = outcome.result.as_ref().ok().map(end_to_end);
        let counts = self.counts();
        let topology = Arc::clone(&self.topology);
        let track = self.services.entry(probe).or_insert_with(|| ServiceTrack::new(class, outcome.clone(), at));
        if track.at != at || track.history.is_empty() {
            if !track.history.is_empty() {
                track.tracker.absorb(class, at, counts);
            }
            if track.history.len() == HISTORY {
                track.history.pop_front();
            }
            track.history.push_back(rtt);
        }
        track.answered |= rtt.is_some();
        if let Some(session) = &outcome.tls {
            if track.session.as_ref().is_some_and(|known| known.chain != session.chain) {
                track.chain_since = at;
            }
            track.session = Some(Arc::clone(session));
            if renewed {
                track.judge(&topology, &self.authorities, &self.lists, &required, at);
            }
        }
        (track.newest, track.at) = (outcome, at);
    }

    fn knows(&self, probe: &ProbeId) -> bool {
        matches!(probe, ProbeId::Sip { server: name, .. } | ProbeId::Pool { pool: name } if self.known.contains(name))
    }

    /// Whether another chain is presented than before, or one of its certificates has begun or ended to be valid. Judging a
    /// chain costs as much as a hundred answers.
    fn is_renewed(&self, probe: &ProbeId, outcome: &SipOutcome, at: Timestamp) -> bool {
        let Some(session) = &outcome.tls else { return false };
        let Some(track) = self.services.get(probe) else { return true };
        let same = track.session.as_ref().is_some_and(|known| known.chain == session.chain);
        !same || track.judge_again.is_some_and(|turn| at > turn)
    }

    /// Names that a probe's target must be able to show a certificate for.
    pub(super) fn required_names(&self, probe: &ProbeId) -> Vec<Fqdn> {
        match probe {
            ProbeId::Sip { server, .. } => {
                self.topology.server(server).map(|server| self.topology.required_names(server)).unwrap_or_default()
            }
            ProbeId::Pool { pool } => vec![pool.clone()],
            _ => Vec::new(),
        }
    }

    /// The view of one service, whether or not it was ever asked.
    pub(super) fn service_view(&self, declared: &Declared, now: Timestamp) -> ServiceView {
        let mut view = empty_view(declared.listener, declared.address);
        let Some(track) = self.services.get(&declared.probe) else { return view };
        view.stale = age(track.at, now) > self.too_old();
        view.class = Some(track.tracker.state);
        view.health = if view.stale { Health::Unknown } else { track.tracker.state.health() };
        view.since = Some(track.tracker.since);
        view.at = Some(track.at);
        view.flapping = track.tracker.flaps();
        view.answered = track.answered;
        view.history = track.history.iter().copied().collect();
        view.certificate.clone_from(&track.certificate);
        view.tls = track.session.as_deref().map(TlsView::from);
        if let Ok(answer) = &track.newest.result {
            let last = last_answer(answer);
            view.code = Some(last.code);
            view.reason = Some(last.reason.clone());
            view.rtt = Some(end_to_end(answer));
            view.software.clone_from(&last.server);
        }
        view.detail = detail(&track.newest);
        self.expect(&mut view, &declared.probe, track.chain_since, now);
        view
    }

    /// Compares what is presented with what should be. A handshake from before the order proves nothing, and neither does a report
    /// from before the certificate.
    fn expect(&self, view: &mut ServiceView, probe: &ProbeId, chain_since: Timestamp, now: Timestamp) {
        let ProbeId::Sip { server, service } = probe else { return };
        let expected = self.expected_certificates(server, *service, now);
        let shown = view.certificate.as_ref().and_then(|view| view.facts.as_ref().ok()).zip(view.tls.as_ref());
        view.taken_up = shown.and_then(|(facts, tls)| {
            let settled = |order: &&Expected| tls.at >= order.since && order.read_at >= chain_since;
            let mut settled = expected.iter().filter(settled).peekable();
            settled.peek()?;
            Some(settled.all(|order| order.certificate.thumbprint.as_str() == facts.sha1))
        });
        view.expected = expected.into_iter().map(|order| order.certificate).collect();
    }
}

impl ServiceTrack {
    fn new(class: Class, newest: SipOutcome, at: Timestamp) -> Self {
        Self {
            tracker: Tracker::new(class, at),
            newest,
            at,
            history: VecDeque::with_capacity(HISTORY),
            answered: false,
            session: None,
            chain_since: Timestamp::MIN,
            certificate: None,
            judge_again: None,
        }
    }

    /// Judges the chain of the newest session.
    pub(super) fn judge(
        &mut self,
        topology: &Topology,
        authorities: &[Vec<u8>],
        lists: &[Arc<Crl>],
        required: &[Fqdn],
        at: Timestamp,
    ) {
        let Some(session) = &self.session else { return };
        self.certificate =
            certificates::judge(topology, authorities, lists, &session.chain, required, at).map(Arc::new);
        self.judge_again = self.certificate.as_deref().and_then(|view| certificates::next_turn(view, at));
    }
}

fn empty_view(listener: Listener, address: Option<std::net::SocketAddr>) -> ServiceView {
    let Listener { service, transport, .. } = listener;
    ServiceView {
        service,
        transport,
        address,
        health: Health::Unknown,
        class: None,
        since: None,
        at: None,
        stale: false,
        flapping: false,
        answered: false,
        code: None,
        reason: None,
        rtt: None,
        history: Vec::new(),
        detail: None,
        software: None,
        tls: None,
        certificate: None,
        expected: Vec::new(),
        taken_up: None,
    }
}

/// A pool shows itself as one service.
pub(super) fn pool_listener(transport: Transport, port: u16) -> Listener {
    Listener { service: Service::Um, transport, port }
}

/// The answer behind a redirect, or the answer itself.
fn last_answer(answer: &SipAnswer) -> &SipAnswer {
    match answer.redirect.as_deref() {
        Some(redirect) => redirect.result.as_ref().unwrap_or(answer),
        None => answer,
    }
}

/// Time for the answer and for the one behind a redirect.
fn end_to_end(answer: &SipAnswer) -> Duration {
    let behind = answer.redirect.as_deref().and_then(|redirect| redirect.result.as_ref().ok());
    answer.rtt + behind.map_or(Duration::ZERO, |behind| behind.rtt)
}

/// What went wrong or is worth knowing, in one line.
#[must_use]
pub fn detail(outcome: &SipOutcome) -> Option<String> {
    match &outcome.result {
        Err(failure) => Some(failure_words(failure)),
        Ok(answer) => {
            let redirect = answer.redirect.as_deref().map(|redirect| match &redirect.result {
                Ok(_) => format!("{} redirected to {}", answer.code, redirect.contact),
                Err(failure) => format!("{} to {}: {}", answer.code, redirect.contact, failure_words(failure)),
            });
            let diagnostics = last_answer(answer).diagnostics.as_ref().map(|diagnostics| match &diagnostics.reason {
                Some(reason) => format!("ms-diagnostics {}: {reason}", diagnostics.id),
                None => format!("ms-diagnostics {}", diagnostics.id),
            });
            let retry = last_answer(answer).retry_after.map(|after| format!("asks to wait {} s", after.as_secs()));
            let parts: Vec<String> = [redirect, diagnostics, retry].into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join("; "))
        }
    }
}

/// A failure in plain words.
#[must_use]
pub fn failure_words(failure: &SipFailure) -> String {
    match failure {
        SipFailure::Refused => "connection refused: nothing listens there".to_owned(),
        SipFailure::Unreachable(why) => format!("cannot be reached: {why}"),
        SipFailure::ConnectTimeout => "no answer to the connection attempt".to_owned(),
        SipFailure::NoAddress(name) => format!("{name} has no address"),
        SipFailure::Tls(failure) => tls_words(failure),
        SipFailure::Silent => "connected, no SIP answer in time".to_owned(),
        SipFailure::Reset => "connection reset by the peer".to_owned(),
        SipFailure::Closed => "connection closed by the peer without an answer".to_owned(),
        SipFailure::NotSip(what) => format!("answered with something that is no SIP: {what}"),
        SipFailure::NotOurs(what) => format!("answered another request: {what}"),
        SipFailure::RedirectNotFollowed(contact) => format!("redirect to {contact} not followed"),
        SipFailure::Local(why) => format!("this console could not try: {why}"),
    }
}

fn tls_words(failure: &TlsFailure) -> String {
    match failure {
        TlsFailure::Timeout => "TLS handshake not finished in time".to_owned(),
        TlsFailure::Alert(alert) => format!("TLS refused by the peer: {alert}"),
        TlsFailure::Legacy(what) => {
            format!("{what} is too old for a session; certificate read without proof of the key")
        }
        TlsFailure::ClientCertificate(why) => format!("the peer wants a certificate of ours: {why}"),
        TlsFailure::CutOff => "cut off in the TLS handshake".to_owned(),
        TlsFailure::NotTls => "what answers there is not TLS".to_owned(),
        TlsFailure::Other(why) => format!("TLS failed: {why}"),
    }
}
