//! A zone's records in memory.
//!
//! Knows nothing of messages' headers, keys and sockets.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hickory_proto::rr::rdata::{A, AAAA, CNAME, NS, SOA, SRV, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use crate::domain::name::Fqdn;
use crate::wire::dns::to_name;

/// All records of one name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RrSet {
    /// Seconds.
    pub(super) ttl: u32,
    /// What the records hold, without duplicates.
    pub(super) data: Vec<RData>,
}

impl RrSet {
    /// Whether both hold the same records, in any order; TTLs are not compared (RFC 2136 §1.1.1).
    pub(super) fn same_data(&self, other: &[RData]) -> bool {
        self.data.len() == other.len() && self.data.iter().all(|data| other.contains(data))
    }
}

pub(super) type Node = BTreeMap<RecordType, RrSet>;

/// A zone: an apex with its SOA, and the records below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    pub(super) apex: Name,
    pub(super) soa: SOA,
    pub(super) soa_ttl: u32,
    /// Every record but the SOA. No node and no set is empty.
    pub(super) nodes: BTreeMap<Name, Node>,
}

impl Zone {
    /// An empty zone whose SOA names `primary`; negative answers are kept for `negative_ttl` seconds.
    #[must_use]
    pub fn new(apex: &Fqdn, primary: &Fqdn, negative_ttl: u32) -> Self {
        let apex = to_name(apex);
        let contact = Name::from_ascii("hostmaster").and_then(|name| name.append_domain(&apex));
        let soa =
            SOA::new(to_name(primary), contact.unwrap_or_else(|_| apex.clone()), 1, 3600, 600, 86400, negative_ttl);
        Self { apex, soa, soa_ttl: negative_ttl, nodes: BTreeMap::new() }
    }

    /// Adds an address record.
    pub fn add_address(&mut self, name: &Fqdn, ttl: u32, address: IpAddr) {
        let data = match address {
            IpAddr::V4(address) => RData::A(A(address)),
            IpAddr::V6(address) => RData::AAAA(AAAA(address)),
        };
        self.add(&to_name(name), ttl, data);
    }

    /// Adds a text record.
    pub fn add_text(&mut self, name: &Fqdn, ttl: u32, text: &str) {
        self.add(&to_name(name), ttl, text_data(text));
    }

    /// Adds an alias.
    pub fn add_alias(&mut self, name: &Fqdn, ttl: u32, target: &Fqdn) {
        self.add(&to_name(name), ttl, RData::CNAME(CNAME(to_name(target))));
    }

    /// Adds a service record (RFC 2782).
    pub fn add_service(&mut self, name: &Fqdn, ttl: u32, port: u16, target: &Fqdn) {
        self.add(&to_name(name), ttl, RData::SRV(SRV::new(0, 0, port, to_name(target))));
    }

    /// Adds a name server to the apex.
    pub fn add_name_server(&mut self, ttl: u32, server: &Fqdn) {
        self.add(&self.apex.clone(), ttl, RData::NS(NS(to_name(server))));
    }

    /// The SOA serial.
    #[must_use]
    pub fn serial(&self) -> u32 {
        self.soa.serial
    }

    /// Adds a record; its TTL becomes that of the whole set (RFC 2181 §5.2).
    pub(super) fn add(&mut self, name: &Name, ttl: u32, data: RData) {
        let node = self.nodes.entry(name.clone()).or_default();
        let set = node.entry(data.record_type()).or_insert_with(|| RrSet { ttl, data: Vec::new() });
        set.ttl = ttl;
        if !set.data.contains(&data) {
            set.data.push(data);
        }
    }

    pub(super) fn node(&self, name: &Name) -> Option<&Node> {
        self.nodes.get(name)
    }

    pub(super) fn set(&self, name: &Name, kind: RecordType) -> Option<&RrSet> {
        self.nodes.get(name)?.get(&kind)
    }

    /// Puts a set in place of what was there; `None` takes it away.
    pub(super) fn put(&mut self, name: &Name, kind: RecordType, set: Option<RrSet>) {
        let node = self.nodes.entry(name.clone()).or_default();
        match set {
            Some(set) => node.insert(kind, set),
            None => node.remove(&kind),
        };
        if node.is_empty() {
            self.nodes.remove(name);
        }
    }

    /// Keeps the records of a node that `keep` says; sets and nodes that become empty go.
    pub(super) fn retain(&mut self, name: &Name, keep: impl Fn(RecordType, &RData) -> bool) {
        let Some(node) = self.nodes.get_mut(name) else { return };
        for (kind, set) in node.iter_mut() {
            set.data.retain(|data| keep(*kind, data));
        }
        node.retain(|_, set| !set.data.is_empty());
        if node.is_empty() {
            self.nodes.remove(name);
        }
    }

    /// Whether a name has records, or names with records below it (RFC 8020).
    pub(super) fn exists(&self, name: &Name) -> bool {
        *name == self.apex || self.nodes.range(name.clone()..).next().is_some_and(|(next, _)| name.zone_of(next))
    }

    /// The next serial; 0 is skipped (RFC 2136 §7.11 leaves the choice; RFC 1982 compares).
    pub(super) fn bump(&mut self) {
        self.soa.serial = self.soa.serial.wrapping_add(1).max(1);
    }

    pub(super) fn soa_record(&self) -> Record {
        Record::from_rdata(self.apex.clone(), self.soa_ttl, RData::SOA(self.soa.clone()))
    }

    /// Every record but the SOA.
    pub(super) fn records(&self) -> impl Iterator<Item = Record> {
        self.nodes.iter().flat_map(|(name, node)| node.values().flat_map(|set| records(name, set)))
    }
}

/// The records of a set.
pub(super) fn records(name: &Name, set: &RrSet) -> impl Iterator<Item = Record> {
    set.data.iter().map(|data| Record::from_rdata(name.clone(), set.ttl, data.clone()))
}

/// A text in strings of at most 255 octets (RFC 1035 §3.3.14).
pub(super) fn text_data(text: &str) -> RData {
    RData::TXT(TXT::from_bytes(text.as_bytes().chunks(255).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_between_exists_without_records() {
        let name = |text| Fqdn::parse(text).unwrap();
        let mut zone = Zone::new(&name("contoso.com"), &name("ns1.contoso.com"), 5);
        zone.add_address(&name("um1.tukwila.contoso.com"), 20, [192, 0, 2, 11].into());
        assert!(zone.exists(&to_name(&name("tukwila.contoso.com"))));
        assert!(!zone.exists(&to_name(&name("ukwila.contoso.com"))));
        assert!(zone.exists(&to_name(&name("contoso.com"))));
        zone.put(&to_name(&name("um1.tukwila.contoso.com")), RecordType::A, None);
        assert!(!zone.exists(&to_name(&name("tukwila.contoso.com"))));
    }
}
