//! A dynamic update exactly as RFC 2136 §3 has it: prerequisites, prescan, changes; on a copy, so that it is all or nothing.
//!
//! Knows nothing of signatures; who may change what comes in as a list of names.

use std::collections::BTreeMap;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType, SerialNumber};

use super::zone::Zone;

/// The zone as the update leaves it, with a new serial if anything changed.
///
/// # Errors
/// The response code that refuses the update; nothing has changed then.
pub(super) fn apply(zone: &Zone, update: &Message, allowed: Option<&[Name]>) -> Result<Zone, ResponseCode> {
    zone_section(zone, update)?;
    prerequisites(zone, &update.answers)?;
    for record in &update.authorities {
        prescan(zone, record)?;
        if allowed.is_some_and(|names| !names.contains(&record.name)) {
            return Err(ResponseCode::Refused);
        }
    }
    let mut next = zone.clone();
    for record in &update.authorities {
        change(&mut next, record);
    }
    if next != *zone && next.soa.serial == zone.soa.serial {
        next.bump();
    }
    Ok(next)
}

/// §3.1: exactly one zone, and it is ours.
fn zone_section(zone: &Zone, update: &Message) -> Result<(), ResponseCode> {
    match update.queries.as_slice() {
        [question] if question.query_type() == RecordType::SOA => {
            let ours = *question.name() == zone.apex && question.query_class() == DNSClass::IN;
            if ours { Ok(()) } else { Err(ResponseCode::NotAuth) }
        }
        _ => Err(ResponseCode::FormErr),
    }
}

/// §3.2.5: those without values one by one, those with values as whole sets.
fn prerequisites(zone: &Zone, records: &[Record]) -> Result<(), ResponseCode> {
    let mut wanted: BTreeMap<(&Name, RecordType), Vec<RData>> = BTreeMap::new();
    for record in records {
        if record.ttl != 0 {
            return Err(ResponseCode::FormErr);
        }
        if !zone.apex.zone_of(&record.name) {
            return Err(ResponseCode::NotZone);
        }
        match record.dns_class {
            DNSClass::ANY | DNSClass::NONE => without_value(zone, record)?,
            DNSClass::IN if is_data(record.record_type()) => {
                let values = wanted.entry((&record.name, record.record_type())).or_default();
                if !values.contains(&record.data) {
                    values.push(record.data.clone());
                }
            }
            _ => return Err(ResponseCode::FormErr),
        }
    }
    let holds = |((name, kind), values): (&(&Name, RecordType), &Vec<RData>)| same_set(zone, name, *kind, values);
    if wanted.iter().all(holds) { Ok(()) } else { Err(ResponseCode::NXRRSet) }
}

fn without_value(zone: &Zone, record: &Record) -> Result<(), ResponseCode> {
    if !is_empty(record) {
        return Err(ResponseCode::FormErr);
    }
    let wants_it = record.dns_class == DNSClass::ANY;
    let (there, code) = if record.record_type() == RecordType::ANY {
        let in_use = record.name == zone.apex || zone.node(&record.name).is_some();
        (in_use, if wants_it { ResponseCode::NXDomain } else { ResponseCode::YXDomain })
    } else {
        let code = if wants_it { ResponseCode::NXRRSet } else { ResponseCode::YXRRSet };
        (has_set(zone, &record.name, record.record_type()), code)
    };
    if there == wants_it { Ok(()) } else { Err(code) }
}

fn has_set(zone: &Zone, name: &Name, kind: RecordType) -> bool {
    (kind == RecordType::SOA && *name == zone.apex) || zone.set(name, kind).is_some()
}

fn same_set(zone: &Zone, name: &Name, kind: RecordType, values: &[RData]) -> bool {
    if kind == RecordType::SOA {
        return *name == zone.apex && *values == [RData::SOA(zone.soa.clone())];
    }
    zone.set(name, kind).is_some_and(|set| set.same_data(values))
}

/// §3.4.1: the whole update section is looked at before anything changes.
fn prescan(zone: &Zone, record: &Record) -> Result<(), ResponseCode> {
    if !zone.apex.zone_of(&record.name) {
        return Err(ResponseCode::NotZone);
    }
    let kind = record.record_type();
    let sound = match record.dns_class {
        DNSClass::IN => is_data(kind) && !is_empty(record),
        DNSClass::ANY => record.ttl == 0 && is_empty(record) && (is_data(kind) || kind == RecordType::ANY),
        DNSClass::NONE => record.ttl == 0 && is_data(kind),
        _ => false,
    };
    if sound { Ok(()) } else { Err(ResponseCode::FormErr) }
}

/// §3.4.2: one record of the update section.
fn change(zone: &mut Zone, record: &Record) {
    let (name, kind) = (&record.name, record.record_type());
    let at_apex = *name == zone.apex;
    match record.dns_class {
        DNSClass::IN => add(zone, record),
        // The apex keeps its name servers whatever is deleted there; its SOA is not among the nodes.
        DNSClass::ANY if kind == RecordType::ANY => zone.retain(name, |of, _| at_apex && of == RecordType::NS),
        DNSClass::ANY if at_apex && kind == RecordType::NS => {}
        DNSClass::ANY => zone.put(name, kind, None),
        DNSClass::NONE => {
            let is_last_server =
                at_apex && kind == RecordType::NS && zone.set(name, kind).is_some_and(|s| s.data.len() < 2);
            if !is_last_server {
                zone.retain(name, |of, data| of != kind || *data != record.data);
            }
        }
        _ => {}
    }
}

/// Adds a record; an alias and other records at one name exclude each other, and what was there first stays.
fn add(zone: &mut Zone, record: &Record) {
    let name = &record.name;
    let Some(node) = zone.node(name) else {
        return match &record.data {
            RData::SOA(_) => add_soa(zone, record),
            data => zone.add(name, record.ttl, data.clone()),
        };
    };
    let (has_alias, has_others) =
        (node.contains_key(&RecordType::CNAME), node.keys().any(|kind| *kind != RecordType::CNAME));
    match &record.data {
        RData::SOA(_) => add_soa(zone, record),
        RData::CNAME(_) if has_others || *name == zone.apex => {}
        // An alias replaces an alias: there can be only one.
        RData::CNAME(_) => {
            zone.put(name, RecordType::CNAME, None);
            zone.add(name, record.ttl, record.data.clone());
        }
        _ if has_alias => {}
        data => zone.add(name, record.ttl, data.clone()),
    }
}

/// A new SOA counts only when its serial is ahead (RFC 1982).
fn add_soa(zone: &mut Zone, record: &Record) {
    let RData::SOA(soa) = &record.data else { return };
    let ahead = SerialNumber::from(soa.serial) > SerialNumber::from(zone.soa.serial);
    if record.name == zone.apex && ahead {
        zone.soa = soa.clone();
        zone.soa_ttl = record.ttl;
    }
}

fn is_empty(record: &Record) -> bool {
    matches!(record.data, RData::Update0(_))
}

/// Whether a type is one of records, not of questions (RFC 6895 §3.1).
fn is_data(kind: RecordType) -> bool {
    !matches!(u16::from(kind), 0 | 41 | 128..=255)
}
