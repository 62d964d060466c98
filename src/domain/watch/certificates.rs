//! Judging a presented chain for one target: what it says, what it covers, who trusts it; and remembering the authorities that
//! chains bring along.

use std::sync::Arc;

use jiff::Timestamp;

use super::Watch;
use crate::domain::certificate::{Crl, Facts, Known, judge_revocation, judge_trust};
use crate::domain::judge::CertificateView;
use crate::domain::name::Fqdn;
use crate::domain::observation::ProbeId;
use crate::domain::topology::{Roots, Topology};

/// More authorities than any deployment has.
const MOST_AUTHORITIES: usize = 256;

impl Watch {
    /// Keeps the authorities that were sent with a chain. What nobody knew before may turn guesses about other chains into
    /// knowledge, so those are judged anew.
    pub(super) fn learn_authorities(&mut self, chain: &[Vec<u8>], at: Timestamp) {
        let before = self.authorities.len();
        for der in chain.iter().skip(1) {
            if self.authorities.len() < MOST_AUTHORITIES && !self.authorities.contains(der) {
                self.authorities.push(der.clone());
            }
        }
        if self.authorities.len() > before {
            self.prove_lists();
            self.judge_again(at, guessed);
        }
    }

    /// Judges the newest chains anew whose judgement is among those that `which` picks.
    pub(super) fn judge_again(&mut self, at: Timestamp, which: impl Fn(&CertificateView) -> bool) {
        let stale = |view: Option<&CertificateView>| view.is_some_and(&which);
        let tracks = self.services.iter().filter(|(_, track)| stale(track.certificate.as_deref()));
        let probes: Vec<ProbeId> = tracks.map(|(probe, _)| probe.clone()).collect();
        for probe in probes {
            let required = self.required_names(&probe);
            if let Some(track) = self.services.get_mut(&probe) {
                track.judge(&self.topology, &self.authorities, &self.lists, &required, at);
            }
        }
    }
}

fn guessed(view: &CertificateView) -> bool {
    [view.lync, view.exchange].into_iter().flatten().any(|verdict| verdict.guess)
}

/// The view of a chain (DER, leaf first); `None` when nothing was presented.
pub(super) fn judge(
    topology: &Topology,
    authorities: &[Vec<u8>],
    lists: &[Arc<Crl>],
    chain: &[Vec<u8>],
    required: &[Fqdn],
    at: Timestamp,
) -> Option<CertificateView> {
    let leaf = chain.first()?;
    let facts = Facts::read(leaf).map_err(|unreadable| unreadable.0);
    let covers =
        required.iter().map(|name| (name.clone(), facts.as_ref().is_ok_and(|facts| facts.covers(name)))).collect();
    let (lync, exchange) = (topology.trust.lync.as_ref(), topology.trust.exchange.as_ref());
    let all: Vec<&Roots> = lync.into_iter().chain(exchange).collect();
    let known = Known { elsewhere: &all, seen: authorities, lists };
    let trusted = |roots: &Roots| judge_trust(chain, roots, known, at);
    let asked = !topology.trust.crls.is_empty();
    let signers = all.iter().flat_map(|roots| &roots.certificates).map(Vec::as_slice);
    Some(CertificateView {
        revocation: asked.then(|| judge_revocation(chain, signers, lists)),
        facts,
        above: chain[1..].iter().filter_map(|der| Facts::read(der).ok()).collect(),
        chain_length: chain.len(),
        covers,
        lync: lync.map(trusted),
        exchange: exchange.map(trusted),
    })
}

/// When the judgement of a chain has to be made anew, because one of its certificates begins or ends to be valid.
pub(super) fn next_turn(view: &CertificateView, at: Timestamp) -> Option<Timestamp> {
    let leaf = view.facts.as_ref().ok();
    let bounds = leaf.into_iter().chain(&view.above).flat_map(|facts| [facts.not_before, facts.not_after]);
    let until = [view.lync, view.exchange].into_iter().flatten().filter_map(|verdict| verdict.until);
    bounds.chain(until).filter(|bound| *bound >= at).min()
}
