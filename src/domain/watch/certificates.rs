//! Judging a presented chain for one target: what it says, what it covers, who trusts it.

use jiff::Timestamp;

use crate::domain::certificate::{Facts, judge_trust};
use crate::domain::judge::CertificateView;
use crate::domain::name::Fqdn;
use crate::domain::topology::Topology;

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
    Some(CertificateView {
        facts,
        chain_length: chain.len(),
        covers,
        lync: topology.trust.lync.as_ref().map(|roots| judge_trust(chain, roots, at)),
        exchange: topology.trust.exchange.as_ref().map(|roots| judge_trust(chain, roots, at)),
    })
}
