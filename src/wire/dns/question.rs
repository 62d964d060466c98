//! One question and whether a datagram answers it.

use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RecordType};

use super::name::wire_form;
use super::walk::{self, HEADER};
use crate::domain::clean::Clean;

/// One question to one server.
#[derive(Debug, Clone)]
pub struct Question {
    /// The message id; random, so that an answer cannot be forged blindly (RFC 5452 §4.3).
    pub id: u16,
    /// The name asked for.
    pub name: Name,
    /// The record type asked for.
    pub kind: RecordType,
    /// Whether the server shall ask others; never so for an authoritative server.
    pub recursion: bool,
}

/// What a datagram is to a question.
#[derive(Debug)]
pub enum Reading {
    /// Another question's answer, or nobody's: to be ignored.
    Foreign,
    /// It claims to be ours, and cannot be read.
    Garbled(Clean),
    /// Our answer.
    Ours(Box<Message>),
}

impl Question {
    /// The message to send. Without EDNS: the answers wanted are short, and old servers stumble over it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.id.to_be_bytes().to_vec();
        bytes.extend([u8::from(self.recursion), 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        bytes.extend(wire_form(&self.name));
        bytes.extend(u16::from(self.kind).to_be_bytes());
        bytes.extend([0, 1]);
        bytes
    }
}

/// Reads what came back for a sent message, signed or not.
#[must_use]
pub fn read(received: &[u8], sent: &[u8]) -> Reading {
    if !answers(received, sent) {
        return Reading::Foreign;
    }
    match Message::from_vec(received) {
        Ok(message) => Reading::Ours(Box::new(message)),
        Err(error) => Reading::Garbled(Clean::new(&error.to_string())),
    }
}

/// Same id, a response, same operation, same question (RFC 5452 §9.1), read before anything is decoded.
///
/// An error may come without the question: some servers send the bare header back.
fn answers(received: &[u8], sent: &[u8]) -> bool {
    let flags = |message: &[u8]| walk::u16_at(message, 2);
    let (Some(received_flags), Some(sent_flags)) = (flags(received), flags(sent)) else { return false };
    if received.len() < HEADER || walk::id_of(received) != walk::id_of(sent) {
        return false;
    }
    let (is_response, same_operation) = (received_flags & 0x8000 != 0, (received_flags ^ sent_flags) & 0x7800 == 0);
    let same_question = match walk::u16_at(received, 4) {
        Some(0) => received_flags & 0x000F != 0,
        Some(1) => same_question(received, sent),
        _ => false,
    };
    is_response && same_operation && same_question
}

/// The question stands behind the header, where nothing is before it that a compressed name could point to.
fn same_question(received: &[u8], sent: &[u8]) -> bool {
    let Some(end) = walk::after_question(sent) else { return false };
    match (received.get(HEADER..end), sent.get(HEADER..end)) {
        (Some(theirs), Some(ours)) => theirs.eq_ignore_ascii_case(ours),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        Question { id: 7, name: Name::from_ascii("um1.contoso.com.").unwrap(), kind: RecordType::A, recursion: false }
    }

    fn answer_to(sent: &[u8]) -> Vec<u8> {
        let mut reply = sent.to_vec();
        reply[2] |= 0x84;
        reply
    }

    #[test]
    fn the_codec_reads_the_question_as_it_was_meant() {
        let message = Message::from_vec(&question().to_bytes()).unwrap();
        assert_eq!((message.id, message.recursion_desired), (7, false));
        assert_eq!(message.queries[0].name(), &question().name);
        assert_eq!(message.queries[0].query_type(), RecordType::A);
    }

    #[test]
    fn only_an_answer_to_this_very_question_is_ours() {
        let sent = question().to_bytes();
        let good = answer_to(&sent);
        assert!(matches!(read(&good, &sent), Reading::Ours(_)));
        assert!(matches!(read(&sent, &sent), Reading::Foreign), "a question is no answer");
        let mut upper = good.clone();
        upper[13] = b'U';
        assert!(matches!(read(&upper, &sent), Reading::Ours(_)), "case does not matter");
        for (at, value) in [(0, 1), (13, b'x'), (2, 0xAC), (5, 0), (5, 2), (30, 28)] {
            let mut other = good.clone();
            other[at] = value;
            assert!(matches!(read(&other, &sent), Reading::Foreign), "byte {at}");
        }
        for cut in 0..good.len() {
            assert!(matches!(read(&good[..cut], &sent), Reading::Foreign), "cut at {cut}");
        }
        let bare = [0, 7, 0x80, 5, 0, 0, 0, 0, 0, 0, 0, 0];
        assert!(matches!(read(&bare, &sent), Reading::Ours(_)), "an error without its question");
        let mut short = good.clone();
        short[7] = 1;
        assert!(matches!(read(&short, &sent), Reading::Garbled(_)));
    }
}
