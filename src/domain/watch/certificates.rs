//! Judging a presented chain for one target: what it says, what it covers, who trusts it.

use jiff::Timestamp;

use crate::domain::certificate::{Facts, judge_trust_among};
use crate::domain::judge::CertificateView;
use crate::domain::name::Fqdn;
use crate::domain::topology::{Roots, Topology};

/// The view of a chain (DER, leaf first); `None` when nothing was presented.
pub(super) fn judge(
    topology: &Topology,
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
    let trusted = |roots: &Roots| judge_trust_among(chain, roots, &all, at);
    Some(CertificateView {
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
