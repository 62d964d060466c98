//! What a capture holds: the updates, what each of them requires and changes, and how it was answered.

use std::collections::BTreeMap;

use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::{DNSClass, Record, RecordType};

use crate::wire::Seen;

/// One update and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    pub(crate) bytes: Vec<u8>,
    pub(crate) tcp: bool,
    pub(crate) required: Sets,
    pub(crate) written: Sets,
    pub(crate) answer: Option<ResponseCode>,
    pub(crate) is_signed: bool,
}

/// Values by name and type; no values where there must be none, or none is left.
pub(crate) type Sets = BTreeMap<(String, RecordType), Vec<String>>;

impl Update {
    /// The sets of a type that stand otherwise afterwards than the message requires them to stand before.
    pub(crate) fn changes(&self, kind: RecordType) -> Vec<&str> {
        let of_kind = self.written.iter().filter(|((_, written), _)| *written == kind);
        let changed = of_kind.filter(|(set, after)| self.required.get(*set) != Some(*after));
        changed.map(|((name, _), _)| name.as_str()).collect()
    }

    /// The sets of a type that it writes, changed or not.
    pub(crate) fn writes(&self, kind: RecordType) -> Vec<&str> {
        let of_kind = self.written.keys().filter(|(_, written)| *written == kind);
        of_kind.map(|(name, _)| name.as_str()).collect()
    }
}

/// The updates of a capture, in order, each with its answer.
pub(crate) fn updates(capture: &[Seen]) -> Vec<Update> {
    let mut updates: Vec<(u16, Update)> = Vec::new();
    for seen in capture {
        let Ok(message) = Message::from_vec(&seen.bytes) else { panic!("what went by is no message: {seen:?}") };
        if message.op_code != OpCode::Update {
            continue;
        }
        if seen.to_server {
            let (required, written) = (sets(&message.answers), sets(&message.authorities));
            let (bytes, tcp, is_signed) = (seen.bytes.clone(), seen.tcp, message.signature.is_some());
            updates.push((message.id, Update { bytes, tcp, required, written, answer: None, is_signed }));
        } else {
            let of = updates.iter_mut().find(|(id, update)| *id == message.id && update.answer.is_none());
            of.unwrap().1.answer = Some(message.response_code);
        }
    }
    updates.into_iter().map(|(_, update)| update).collect()
}

fn sets(records: &[Record]) -> Sets {
    let mut sets = Sets::new();
    for record in records {
        let set = sets.entry((record.name.to_ascii(), record.record_type())).or_default();
        // Classes ANY and NONE stand for "all of them" and "none": no values of their own.
        if record.dns_class == DNSClass::IN {
            set.push(record.data.to_string());
        }
    }
    sets
}
