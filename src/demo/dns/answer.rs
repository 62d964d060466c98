//! From a question to the bytes of its answer: header bits, size limits, zone transfers.
//!
//! Knows nothing of signatures and sockets.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::{DNSClass, RecordType};

use super::lookup::{Lookup, lookup};
use super::server::Via;
use super::zone::Zone;

/// The largest datagram that is sent; larger ones would be cut by networks (DNS flag day 2020).
const LARGEST_DATAGRAM: u16 = 1232;
/// Records in one message of a zone transfer.
const RECORDS_PER_MESSAGE: usize = 200;

/// An empty answer to a message, with its question and, where it has them, extended fields.
pub(super) fn reply_to(request: &Message, code: ResponseCode) -> Message {
    let mut reply = Message::new(request.id, MessageType::Response, request.op_code);
    reply.metadata.recursion_desired = request.recursion_desired;
    reply.metadata.response_code = code;
    reply.add_queries(request.queries.iter().cloned());
    if request.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(LARGEST_DATAGRAM);
        reply.set_edns(edns);
    }
    reply
}

/// FORMERR for something that has a header but is no message.
pub(super) fn unreadable(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_request = bytes.len() >= 12 && bytes.get(2).is_some_and(|flags| flags & 0x80 == 0);
    let id = crate::wire::dns::walk::id_of(bytes);
    let reply = Message::error_msg(id, OpCode::Query, ResponseCode::FormErr);
    is_request.then(|| reply.to_vec().ok()).flatten()
}

/// What an authoritative server answers to a query; several messages for a zone transfer.
pub(super) fn authoritative(zone: &Zone, request: &Message, via: Via) -> Vec<Message> {
    if request.version() > 0 {
        return vec![reply_to(request, ResponseCode::BADVERS)];
    }
    let [question] = request.queries.as_slice() else { return vec![reply_to(request, ResponseCode::FormErr)] };
    if question.query_class() != DNSClass::IN || !zone.apex.zone_of(question.name()) {
        return vec![reply_to(request, ResponseCode::Refused)];
    }
    match question.query_type() {
        RecordType::AXFR | RecordType::IXFR if *question.name() != zone.apex => {
            vec![reply_to(request, ResponseCode::NotAuth)]
        }
        RecordType::AXFR | RecordType::IXFR if via == Via::Tcp => transfer(zone, request),
        RecordType::AXFR => vec![reply_to(request, ResponseCode::FormErr)],
        // Over UDP the SOA alone says "ask again over TCP" (RFC 1995 §2).
        RecordType::IXFR => vec![with_lookup(request, lookup(zone, question.name(), RecordType::SOA))],
        kind => vec![with_lookup(request, lookup(zone, question.name(), kind))],
    }
}

fn with_lookup(request: &Message, found: Lookup) -> Message {
    let mut reply = reply_to(request, found.code);
    reply.metadata.authoritative = found.code != ResponseCode::ServFail;
    reply.answers = found.answers;
    reply.authorities = found.authorities;
    reply
}

/// The whole zone, its SOA first and last (RFC 5936 §2.2).
fn transfer(zone: &Zone, request: &Message) -> Vec<Message> {
    let mut records = vec![zone.soa_record()];
    records.extend(zone.records());
    records.push(zone.soa_record());
    let message = |part: &[_]| {
        let mut reply = reply_to(request, ResponseCode::NoError);
        reply.metadata.authoritative = true;
        reply.answers = part.to_vec();
        reply
    };
    records.chunks(RECORDS_PER_MESSAGE).map(message).collect()
}

/// The bytes of an answer that leave room for a signature; cut, with the TC bit, when they are too many.
pub(super) fn encode(reply: &Message, request: &Message, via: Via, signature: usize) -> Option<Vec<u8>> {
    let limit = match via {
        Via::Udp => usize::from(request.max_payload().min(LARGEST_DATAGRAM)),
        Via::Tcp => usize::from(u16::MAX),
    };
    let bytes = reply.to_vec().ok()?;
    if bytes.len() + signature <= limit { Some(bytes) } else { reply.truncate().to_vec().ok() }
}
