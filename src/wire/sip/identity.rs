//! Which response belongs to which request (RFC 3261 §17.1.3, §8.1.1).

use super::message::Message;

/// What a branch begins with (RFC 3261 §8.1.1.7).
const COOKIE: &str = "z9hG4bK";

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
        Self { branch: format!("{COOKIE}{random:016x}"), call_id, cseq: cseq & 0x7fff_ffff }
    }

    /// The tag of From: a part of the branch, so that it differs between requests too.
    pub(super) fn tag(&self) -> &str {
        self.branch.get(COOKIE.len()..COOKIE.len() + 8).unwrap_or("1")
    }

    /// Makes it that of the next request on the same connection.
    pub(super) fn advance(&mut self, random: u64) {
        self.cseq = (self.cseq + 1) & 0x7fff_ffff;
        self.branch.truncate(COOKIE.len());
        self.branch.extend(hex(random).map(char::from));
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

/// Sixteen hexadecimal digits.
fn hex(number: u64) -> [u8; 16] {
    std::array::from_fn(|at| {
        let digit = (number >> (60 - 4 * at)) & 0xf;
        b"0123456789abcdef"[usize::try_from(digit).unwrap_or_default()]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advanced_identity_is_as_a_new_one() {
        for random in [0, 7, 0x0123_4567_89ab_cdef, u64::MAX] {
            let mut identity = Identity::new(1, "abc@console".to_owned(), 9);
            identity.advance(random);
            assert_eq!(identity, Identity::new(random, "abc@console".to_owned(), 10));
        }
    }
}
