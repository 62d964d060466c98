//! What a zone says to a question (RFC 1034 §4.3.2), as message sections.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::zone::{Zone, records};

/// The longest chain of aliases that is followed.
const LONGEST_CHAIN: usize = 8;

/// Sections of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lookup {
    pub(super) code: ResponseCode,
    pub(super) answers: Vec<Record>,
    pub(super) authorities: Vec<Record>,
}

impl Lookup {
    fn positive(answers: Vec<Record>) -> Self {
        Self { code: ResponseCode::NoError, answers, authorities: Vec::new() }
    }
}

/// Looks a name up, following aliases inside the zone.
pub(super) fn lookup(zone: &Zone, name: &Name, kind: RecordType) -> Lookup {
    let (mut name, mut answers) = (name.clone(), Vec::new());
    for _ in 0..LONGEST_CHAIN {
        let found = at_name(zone, &name, kind);
        if !found.is_empty() {
            answers.extend(found);
            return Lookup::positive(answers);
        }
        let Some(alias) = zone.set(&name, RecordType::CNAME) else { return negative(zone, &name, answers) };
        answers.extend(records(&name, alias));
        let Some(RData::CNAME(target)) = alias.data.first() else { break };
        if !zone.apex.zone_of(&target.0) {
            return Lookup::positive(answers);
        }
        name = target.0.clone();
    }
    Lookup { code: ResponseCode::ServFail, answers: Vec::new(), authorities: Vec::new() }
}

fn at_name(zone: &Zone, name: &Name, kind: RecordType) -> Vec<Record> {
    let is_soa = *name == zone.apex && matches!(kind, RecordType::SOA | RecordType::ANY);
    let mut found: Vec<Record> = is_soa.then(|| zone.soa_record()).into_iter().collect();
    for (of, set) in zone.node(name).into_iter().flatten() {
        if kind == RecordType::ANY || kind == *of {
            found.extend(records(name, set));
        }
    }
    found
}

/// NXDOMAIN or an empty answer, with the SOA that says how long it may be kept (RFC 2308 §3).
fn negative(zone: &Zone, name: &Name, answers: Vec<Record>) -> Lookup {
    let code = if zone.exists(name) { ResponseCode::NoError } else { ResponseCode::NXDomain };
    let mut soa = zone.soa_record();
    soa.ttl = soa.ttl.min(zone.soa.minimum);
    Lookup { code, answers, authorities: vec![soa] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::Fqdn;
    use crate::wire::dns::to_name;

    fn name(text: &str) -> Fqdn {
        Fqdn::parse(text).unwrap()
    }

    fn ask(zone: &Zone, text: &str, kind: RecordType) -> (ResponseCode, usize, usize) {
        let found = lookup(zone, &to_name(&name(text)), kind);
        (found.code, found.answers.len(), found.authorities.len())
    }

    #[test]
    fn no_such_name_is_told_apart_from_no_such_record() {
        let mut zone = Zone::new(&name("contoso.com"), &name("ns1.contoso.com"), 5);
        zone.add_address(&name("um1.contoso.com"), 20, [192, 0, 2, 11].into());
        zone.add_address(&name("um1.contoso.com"), 20, [192, 0, 2, 12].into());
        zone.add_alias(&name("voice.contoso.com"), 20, &name("um1.contoso.com"));
        zone.add_alias(&name("away.contoso.com"), 20, &name("um1.example.net"));
        zone.add_alias(&name("loop.contoso.com"), 20, &name("loop.contoso.com"));
        assert_eq!(ask(&zone, "um1.contoso.com", RecordType::A), (ResponseCode::NoError, 2, 0));
        assert_eq!(ask(&zone, "um1.contoso.com", RecordType::AAAA), (ResponseCode::NoError, 0, 1));
        assert_eq!(ask(&zone, "um9.contoso.com", RecordType::A), (ResponseCode::NXDomain, 0, 1));
        assert_eq!(ask(&zone, "voice.contoso.com", RecordType::A), (ResponseCode::NoError, 3, 0));
        assert_eq!(ask(&zone, "voice.contoso.com", RecordType::AAAA), (ResponseCode::NoError, 1, 1));
        assert_eq!(ask(&zone, "away.contoso.com", RecordType::A), (ResponseCode::NoError, 1, 0));
        assert_eq!(ask(&zone, "loop.contoso.com", RecordType::A), (ResponseCode::ServFail, 0, 0));
        assert_eq!(ask(&zone, "contoso.com", RecordType::SOA), (ResponseCode::NoError, 1, 0));
    }
}
