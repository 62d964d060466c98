//! What an answer says about a name, a zone, a marker.
//!
//! Only records of the name that was asked, and of the aliases that it leads to, count; whatever else a server adds does not.

use std::net::IpAddr;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Name, RData, Record};

use super::{code, to_fqdn};
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::domain::observation::{Addresses, DnsFailure, DnsKind};

/// The longest chain of aliases that is followed.
const LONGEST_CHAIN: usize = 16;

/// What one question, for A or for AAAA, brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Half {
    /// The addresses, of one family.
    pub addresses: Vec<IpAddr>,
    /// TTL of the address records, in seconds.
    pub ttl: Option<u32>,
    /// The end of the chain of aliases.
    pub alias: Option<Fqdn>,
    /// The AA bit.
    pub authoritative: bool,
    /// NXDOMAIN.
    pub nonexistent: bool,
}

impl Half {
    /// Reads the answer section of an answer about `name`.
    #[must_use]
    pub fn of_records(records: &[Record], name: &Name) -> Self {
        let end = end_of_chain(records, name);
        let own = || records.iter().filter(|record| record.name == *end && record.data.ip_addr().is_some());
        let alias = if end == name { None } else { to_fqdn(end) };
        Self {
            addresses: own().filter_map(|record| record.data.ip_addr()).collect(),
            ttl: own().map(|record| record.ttl).min(),
            alias,
            ..Self::default()
        }
    }

    /// Reads a whole answer.
    ///
    /// # Errors
    /// [`DnsFailure::Code`] and [`DnsFailure::Lame`].
    pub fn of(message: &Message, name: &Name, kind: DnsKind) -> Result<Self, DnsFailure> {
        usable(message, kind)?;
        let (authoritative, nonexistent) = (message.authoritative, message.response_code == ResponseCode::NXDomain);
        Ok(Self { authoritative, nonexistent, ..Self::of_records(&message.answers, name) })
    }
}

/// Puts the answers about A and about AAAA together.
#[must_use]
pub fn addresses(a: &Half, aaaa: &Half) -> Addresses {
    let all = || a.addresses.iter().chain(&aaaa.addresses);
    let mut found = Addresses {
        a: all().filter_map(|address| if let IpAddr::V4(v4) = address { Some(*v4) } else { None }).collect(),
        aaaa: all().filter_map(|address| if let IpAddr::V6(v6) = address { Some(*v6) } else { None }).collect(),
        ttl: a.ttl.or(aaaa.ttl),
        alias: a.alias.clone().or_else(|| aaaa.alias.clone()),
        authoritative: a.authoritative && aaaa.authoritative,
        nonexistent: a.nonexistent && aaaa.nonexistent,
    };
    found.a.sort_unstable();
    found.a.dedup();
    found.aaaa.sort_unstable();
    found.aaaa.dedup();
    found
}

/// The SOA serial of a zone that the server is authoritative for.
///
/// # Errors
/// [`DnsFailure::Code`], and [`DnsFailure::Lame`] when there is no SOA of this zone.
pub fn serial(message: &Message, zone: &Name) -> Result<u32, DnsFailure> {
    usable(message, DnsKind::Authoritative)?;
    let soa = message.answers.iter().find_map(|record| match &record.data {
        RData::SOA(soa) if record.name == *zone => Some(soa.serial),
        _ => None,
    });
    soa.ok_or(DnsFailure::Lame)
}

/// The text records of a name, sorted; none when there is no such name or record.
///
/// # Errors
/// [`DnsFailure::Code`] and [`DnsFailure::Lame`].
pub fn texts(message: &Message, name: &Name) -> Result<Vec<Clean>, DnsFailure> {
    usable(message, DnsKind::Authoritative)?;
    let end = end_of_chain(&message.answers, name);
    let text = |record: &Record| match &record.data {
        RData::TXT(text) if record.name == *end => Some(Clean::from_bytes(&joined(text))),
        _ => None,
    };
    let mut found: Vec<Clean> = message.answers.iter().filter_map(text).collect();
    found.sort();
    Ok(found)
}

/// Where the service records of a name lead (RFC 2782), sorted, each once.
///
/// # Errors
/// [`DnsFailure::Code`] and [`DnsFailure::Lame`].
pub fn services(message: &Message, name: &Name) -> Result<Vec<Fqdn>, DnsFailure> {
    usable(message, DnsKind::Authoritative)?;
    let end = end_of_chain(&message.answers, name);
    let target = |record: &Record| match &record.data {
        RData::SRV(service) if record.name == *end => to_fqdn(&service.target),
        _ => None,
    };
    let mut found: Vec<Fqdn> = message.answers.iter().filter_map(target).collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// The strings of a text record in one piece.
fn joined(text: &TXT) -> Vec<u8> {
    text.txt_data.iter().flat_map(|part| part.iter().copied()).collect()
}

/// Whether an answer says anything about what was asked.
fn usable(message: &Message, kind: DnsKind) -> Result<(), DnsFailure> {
    match message.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => {}
        other => return Err(DnsFailure::Code(code::name(other).into())),
    }
    if kind == DnsKind::Authoritative && !message.authoritative { Err(DnsFailure::Lame) } else { Ok(()) }
}

/// Where the aliases lead; a loop ends somewhere in it.
fn end_of_chain<'a>(records: &'a [Record], name: &'a Name) -> &'a Name {
    let next = |from: &Name| {
        records.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if record.name == *from => Some(&target.0),
            _ => None,
        })
    };
    let mut end = name;
    for _ in 0..LONGEST_CHAIN {
        match next(end) {
            Some(target) => end = target,
            None => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::{MessageType, OpCode};
    use hickory_proto::rr::rdata::{A, CNAME, SOA, SRV};

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn address(owner: &str, ttl: u32, last: u8) -> Record {
        Record::from_rdata(name(owner), ttl, RData::A(A([192, 0, 2, last].into())))
    }

    fn message(records: Vec<Record>) -> Message {
        let mut message = Message::new(1, MessageType::Response, OpCode::Query);
        message.metadata.authoritative = true;
        message.add_answers(records);
        message
    }

    #[test]
    fn only_records_of_the_name_and_its_aliases_count() {
        let alias = Record::from_rdata(name("um1.contoso.com."), 5, RData::CNAME(CNAME(name("um3.contoso.com."))));
        let records = vec![
            alias,
            address("um3.contoso.com.", 60, 22),
            address("um3.contoso.com.", 60, 21),
            address("other.contoso.com.", 1, 99),
        ];
        let half = Half::of(&message(records), &name("UM1.contoso.com."), DnsKind::Authoritative).unwrap();
        let found = addresses(&half, &Half::default());
        assert_eq!(found.a, [std::net::Ipv4Addr::new(192, 0, 2, 21), std::net::Ipv4Addr::new(192, 0, 2, 22)]);
        assert_eq!((found.ttl, found.alias), (Some(60), Some(Fqdn::parse("um3.contoso.com").unwrap())));
    }

    #[test]
    fn a_loop_of_aliases_comes_to_an_end() {
        let alias = |from, to| Record::from_rdata(name(from), 5, RData::CNAME(CNAME(name(to))));
        let records = [alias("a.contoso.com.", "b.contoso.com."), alias("b.contoso.com.", "a.contoso.com.")];
        assert!(Half::of_records(&records, &name("a.contoso.com.")).addresses.is_empty());
    }

    #[test]
    fn an_answer_without_authority_is_lame_and_a_code_goes_first() {
        let mut lame = message(vec![address("um1.contoso.com.", 5, 1)]);
        lame.metadata.authoritative = false;
        let um1 = name("um1.contoso.com.");
        assert_eq!(Half::of(&lame, &um1, DnsKind::Authoritative), Err(DnsFailure::Lame));
        assert!(Half::of(&lame, &um1, DnsKind::Resolver).is_ok());
        lame.metadata.response_code = ResponseCode::Refused;
        assert_eq!(Half::of(&lame, &um1, DnsKind::Authoritative), Err(DnsFailure::Code("REFUSED".into())));
    }

    #[test]
    fn a_zone_has_the_serial_of_its_own_soa_only() {
        let soa = SOA::new(name("ns1.contoso.com."), name("hostmaster.contoso.com."), 42, 1, 1, 1, 1);
        let of = |owner| message(vec![Record::from_rdata(name(owner), 5, RData::SOA(soa.clone()))]);
        assert_eq!(serial(&of("contoso.com."), &name("contoso.com.")), Ok(42));
        assert_eq!(serial(&of("com."), &name("contoso.com.")), Err(DnsFailure::Lame));
    }

    #[test]
    fn services_of_the_very_name_lead_somewhere_and_an_error_leads_nowhere_known() {
        let service =
            |owner, target| Record::from_rdata(name(owner), 5, RData::SRV(SRV::new(0, 0, 5061, name(target))));
        let (asked, um1) = (name("_sip._tls.contoso.com."), Fqdn::parse("um1.contoso.com").unwrap());
        let records = vec![
            service("_sip._tls.contoso.com.", "um1.contoso.com."),
            service("_sip._tls.contoso.com.", "UM1.contoso.com."),
            service("_sip._tcp.contoso.com.", "um2.contoso.com."),
        ];
        let mut answer = message(records);
        assert_eq!(services(&answer, &asked), Ok(vec![um1]));
        assert_eq!(services(&message(vec![]), &asked), Ok(vec![]));
        answer.metadata.response_code = ResponseCode::ServFail;
        assert_eq!(services(&answer, &asked), Err(DnsFailure::Code("SERVFAIL".into())));
    }

    #[test]
    fn texts_are_joined_sorted_and_clean() {
        let text = |parts: Vec<&[u8]>| Record::from_rdata(name("m."), 5, RData::TXT(TXT::from_bytes(parts)));
        let found = texts(&message(vec![text(vec![b"z"]), text(vec![b"v=1;", b"seq=\x1b8"])]), &name("m."));
        assert_eq!(found, Ok(vec![Clean::new("v=1;seq=\u{fffd}8"), Clean::new("z")]));
        assert_eq!(texts(&message(vec![]), &name("m.")), Ok(vec![]));
    }
}
