//! R1: a server that has an IPv6 address, declared or by an AAAA record, needs UCMA 4.

use super::Input;
use super::notes::{Found, Notes};
use crate::domain::judge::ServerView;
use crate::domain::server::{Server, Version};
use crate::domain::topology::Topology;

const NEEDED: Version = Version { major: 4, minor: 0 };
const ADVICE: &str =
    "remove the AAAA record and the IPv6 address, or install UCMA 4 (it comes with Exchange 2013 and later)";
const DECLARE: &str = "declare `ucma` at the server in the topology file";
const ASK: &str = "see why the DNS servers do not answer: `switchboard check`";

pub(super) fn judge(input: &Input<'_>) -> Found {
    let mut notes = Notes::default();
    let mut asked = 0;
    for server in input.topology.servers() {
        let view = input.view(&server.fqdn);
        let addresses = ipv6_of(input.topology, server, view);
        if let Some(evidence) = addresses {
            judge_server(&mut notes, server, &evidence);
        } else if was_asked(view) {
            asked += 1;
        } else if input.topology.zone_of(&server.fqdn).is_some() {
            notes.unknown(format!("{}: no DNS server said whether it has an AAAA record", server.fqdn), ASK);
        }
    }
    if notes.is_empty() {
        return Found::NotApplicable(format!("no server has an IPv6 address, and {asked} names have no AAAA record"));
    }
    Found::Seen(notes)
}

fn judge_server(notes: &mut Notes, server: &Server, evidence: &str) {
    let Server { fqdn, version, .. } = server;
    match server.ucma {
        Some(ucma) if ucma >= NEEDED => notes.fine(format!("{fqdn}: {evidence}, UCMA {ucma}")),
        Some(ucma) => notes.fail(format!("{fqdn}: {evidence}, and its UCMA is {ucma}"), ADVICE),
        None if !version.has_call_router() => {
            notes.fail(format!("{fqdn}: {evidence}, and {} has no UCMA 4", version.product()), ADVICE);
        }
        None => notes.unknown(format!("{fqdn}: {evidence}, and its UCMA version is not declared"), DECLARE),
    }
}

/// Its IPv6 addresses in words: declared ones, and those that its name has and no other server.
fn ipv6_of(topology: &Topology, server: &Server, view: Option<&ServerView>) -> Option<String> {
    if let Some(address) = server.addresses.iter().find(|address| address.is_ipv6()) {
        return Some(format!("declared address {address}"));
    }
    let others = |address: &&std::net::Ipv6Addr| topology.owner_of((**address).into()).is_none();
    let answers = view.into_iter().flat_map(|view| &view.dns);
    let found = answers.filter_map(|answer| answer.answer.as_ref().ok()?.aaaa.iter().find(others).copied());
    found.into_iter().next().map(|address| format!("AAAA record {address}"))
}

fn was_asked(view: Option<&ServerView>) -> bool {
    view.is_some_and(|view| view.dns.iter().any(|answer| answer.answer.is_ok()))
}
