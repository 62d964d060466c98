//! Which response belongs to which request (RFC 3261 §17.1.3, §8.1.1).

use super::message::Message;

/// What a response has to bring back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Begins with `z9hG4bK`.
    pub branch: String,
    /// Unique to this console and connection.
    pub call_id: String,
    /// Sequence number.
    pub cseq: u32,
}

impl Identity {
    /// Makes an identity from random bits.
    #[must_use]
    pub fn new(random: u64, call_id: String, cseq: u32) -> Self {
        Self { branch: format!("z9hG4bK{random:016x}"), call_id, cseq: cseq & 0x7fff_ffff }
    }

    /// Whether a message is a response to the OPTIONS request of this identity: top Via's branch, Call-ID and CSeq agree.
    #[must_use]
    pub fn matches(&self, message: &Message) -> bool {
        message.code().is_some()
            && message.vias().next().and_then(|via| via.branch()) == Some(self.branch.as_str())
            && message.field("Call-ID") == Some(self.call_id.as_str())
            && message.cseq().is_some_and(|cseq| cseq.number == self.cseq && cseq.method == "OPTIONS")
    }
}
