//! The one RFC 2136 message of a side effect: what must be exactly so, and what replaces it.
//!
//! All of it in one message, so that the server does all of it or nothing. Whatever the message would leave to the server's
//! discretion (a name outside the zone, an alias, the apex) is refused here.

use std::collections::BTreeSet;
use std::net::IpAddr;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::{A, AAAA, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::to_name;
use crate::domain::act::{MarkerChange, RecordChange, RecordKind, Update};
use crate::domain::name::Fqdn;

/// The longest TTL that DNS has (RFC 2181 §8).
const LONGEST_TTL: u32 = 0x7FFF_FFFF;
/// The longest text of a marker: far less than a message holds, more than any marker has.
const LONGEST_TEXT: usize = 1000;

/// Why no message can be made of a side effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// A name that belongs to another zone, or the zone's own apex.
    #[error("{name} is not a name below the zone {zone}: one message changes one zone and never its apex")]
    OutOfZone {
        /// The name.
        name: Fqdn,
        /// The zone of the message.
        zone: Fqdn,
    },
    /// One set of records stands in the message twice.
    #[error("{0} stands in the message twice with one type of record")]
    Twice(Fqdn),
    /// An address of the other family among the records, one address twice, or a TTL that DNS has not.
    #[error(
        "the records of {0} are no set of one type: an address of the other family, one twice, or an impossible TTL"
    )]
    NoSet(Fqdn),
    /// A text that is empty, or longer than a marker can be.
    #[error("the text for {0} is empty or too long for a marker")]
    Text(Fqdn),
    /// Nothing would change and nothing be required.
    #[error("the message is empty: there is nothing to change and nothing to require")]
    Empty,
    /// The codec could not write it.
    #[error("the message cannot be written: {0}")]
    Unwritable(String),
}

/// The unsigned message.
///
/// # Errors
/// [`UpdateError`] when the side effect is not one that a server would carry out exactly so.
pub fn message(update: &Update, id: u16) -> Result<Vec<u8>, UpdateError> {
    check(update)?;
    let mut message = Message::new(id, MessageType::Query, OpCode::Update);
    message.add_query(Query::query(to_name(&update.zone), RecordType::SOA));
    for change in &update.records {
        let (name, kind) = (to_name(&change.name), record_type(change.kind));
        message.add_answers(required(&name, kind, change.before.values.iter().map(|value| address(*value))));
        // What is required to be absent and stays so is not written: update policies are per name and type.
        if !change.is_absent() {
            message.add_authority(deletion(&name, kind));
        }
        let added = |value: &IpAddr| Record::from_rdata(name.clone(), change.after.ttl, address(*value));
        message.add_authorities(change.after.values.iter().map(added));
    }
    for change in &update.markers {
        let name = to_name(&change.name);
        message.add_answers(required(&name, RecordType::TXT, change.before.iter().map(|before| text(before))));
        if let Some(after) = &change.after {
            message.add_authority(deletion(&name, RecordType::TXT));
            message.add_authority(Record::from_rdata(name, change.ttl, text(after)));
        }
    }
    message.to_vec().map_err(|error| UpdateError::Unwritable(error.to_string()))
}

/// Whether a server would carry the message out exactly so.
pub(super) fn check(update: &Update) -> Result<(), UpdateError> {
    if update.records.is_empty() && update.markers.is_empty() {
        return Err(UpdateError::Empty);
    }
    let mut seen = BTreeSet::new();
    for change in &update.records {
        in_zone(&change.name, &update.zone)?;
        once(&mut seen, &change.name, Some(change.kind))?;
        check_set(change)?;
    }
    for change in &update.markers {
        in_zone(&change.name, &update.zone)?;
        once(&mut seen, &change.name, None)?;
        check_texts(change)?;
    }
    Ok(())
}

fn once<'a>(
    seen: &mut BTreeSet<(&'a Fqdn, Option<RecordKind>)>,
    name: &'a Fqdn,
    kind: Option<RecordKind>,
) -> Result<(), UpdateError> {
    if seen.insert((name, kind)) { Ok(()) } else { Err(UpdateError::Twice(name.clone())) }
}

fn in_zone(name: &Fqdn, zone: &Fqdn) -> Result<(), UpdateError> {
    if name != zone && name.is_within(zone) {
        return Ok(());
    }
    Err(UpdateError::OutOfZone { name: name.clone(), zone: zone.clone() })
}

fn check_set(change: &RecordChange) -> Result<(), UpdateError> {
    let fits = |value: &IpAddr| value.is_ipv4() == (change.kind == RecordKind::A);
    let is_set = |values: &[IpAddr]| {
        values.iter().all(fits) && values.iter().collect::<BTreeSet<&IpAddr>>().len() == values.len()
    };
    let sound = is_set(&change.before.values) && is_set(&change.after.values) && change.after.ttl <= LONGEST_TTL;
    if sound { Ok(()) } else { Err(UpdateError::NoSet(change.name.clone())) }
}

fn check_texts(change: &MarkerChange) -> Result<(), UpdateError> {
    let sound = |text: &String| (1..=LONGEST_TEXT).contains(&text.len());
    let texts = change.before.iter().chain(&change.after);
    if texts.into_iter().all(sound) && change.ttl <= LONGEST_TTL {
        Ok(())
    } else {
        Err(UpdateError::Text(change.name.clone()))
    }
}

fn record_type(kind: RecordKind) -> RecordType {
    match kind {
        RecordKind::A => RecordType::A,
        RecordKind::Aaaa => RecordType::AAAA,
    }
}

fn address(value: IpAddr) -> RData {
    match value {
        IpAddr::V4(value) => RData::A(A(value)),
        IpAddr::V6(value) => RData::AAAA(AAAA(value)),
    }
}

/// A text in strings of at most 255 octets (RFC 1035 §3.3.14).
fn text(value: &str) -> RData {
    RData::TXT(TXT::from_bytes(value.as_bytes().chunks(255).collect()))
}

/// "Exactly these records" (RFC 2136 §2.4.2), or, of no records, "no such records" (§2.4.3).
fn required(name: &Name, kind: RecordType, values: impl Iterator<Item = RData>) -> Vec<Record> {
    let records: Vec<Record> = values.map(|value| Record::from_rdata(name.clone(), 0, value)).collect();
    if records.is_empty() { vec![without_value(name, kind, DNSClass::NONE)] } else { records }
}

/// "No record of this name and type any more" (RFC 2136 §2.5.2).
fn deletion(name: &Name, kind: RecordType) -> Record {
    without_value(name, kind, DNSClass::ANY)
}

fn without_value(name: &Name, kind: RecordType, class: DNSClass) -> Record {
    let mut record = Record::update0(name.clone(), 0, kind);
    record.dns_class = class;
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::act::RrSet;
    use crate::domain::name::BackendName;

    fn name(text: &str) -> Fqdn {
        Fqdn::parse(text).unwrap()
    }

    fn set(values: &[u8]) -> RrSet {
        RrSet { ttl: 60, values: values.iter().map(|last| IpAddr::from([192, 0, 2, *last])).collect() }
    }

    fn change(host: &str, before: &[u8], after: &[u8]) -> RecordChange {
        RecordChange { name: name(host), kind: RecordKind::A, before: set(before), after: set(after) }
    }

    fn marker(before: Option<&str>, after: Option<&str>) -> MarkerChange {
        let own = |text: &str| text.to_owned();
        MarkerChange {
            name: name("_switchboard.tukwila.contoso.com"),
            ttl: 5,
            before: before.map(own),
            after: after.map(own),
        }
    }

    fn update(records: Vec<RecordChange>, markers: Vec<MarkerChange>) -> Update {
        let primary = "192.0.2.53:53".parse().unwrap();
        Update { backend: BackendName::new("dns"), zone: name("contoso.com"), primary, records, markers }
    }

    fn lines(records: &[Record]) -> Vec<String> {
        records.iter().map(|record| format!("{} {} {}", record.dns_class, record.record_type(), record.data)).collect()
    }

    #[test]
    fn a_move_requires_what_stands_there_and_replaces_it() {
        let bytes = message(
            &update(vec![change("um1.contoso.com", &[11], &[21, 22])], vec![marker(Some("old"), Some("new"))]),
            7,
        );
        let message = Message::from_vec(&bytes.unwrap()).unwrap();
        assert_eq!(lines(&message.answers), ["IN A 192.0.2.11", "IN TXT old"]);
        assert!(message.answers.iter().all(|record| record.ttl == 0));
        let updates = ["ANY A UPDATE", "IN A 192.0.2.21", "IN A 192.0.2.22", "ANY TXT UPDATE", "IN TXT new"];
        assert_eq!(lines(&message.authorities), updates);
        assert_eq!(message.authorities[1].ttl, 60);
    }

    #[test]
    fn what_must_not_be_there_is_required_so_and_neither_it_nor_a_partner_is_touched() {
        let bytes = message(&update(vec![change("um1.contoso.com", &[], &[])], vec![marker(None, None)]), 7);
        let message = Message::from_vec(&bytes.unwrap()).unwrap();
        assert_eq!(lines(&message.answers), ["NONE A UPDATE", "NONE TXT UPDATE"]);
        assert_eq!(lines(&message.authorities), Vec::<String>::new());
    }

    #[test]
    fn what_a_server_would_read_otherwise_is_not_written() {
        let good = || change("um1.contoso.com", &[11], &[21]);
        let mut six = good();
        six.kind = RecordKind::Aaaa;
        let table = [
            update(vec![], vec![]),
            update(vec![change("contoso.com", &[1], &[2])], vec![]),
            update(vec![change("um1.notcontoso.com", &[1], &[2])], vec![]),
            update(vec![good(), good()], vec![]),
            update(vec![change("um1.contoso.com", &[1, 1], &[2])], vec![]),
            update(vec![six], vec![]),
            update(vec![], vec![marker(Some(""), Some("new"))]),
            update(vec![], vec![marker(None, Some(&"x".repeat(1001)))]),
        ];
        for bad in table {
            assert!(message(&bad, 7).is_err(), "{bad:?}");
        }
    }
}
