//! The journal's lines: JSON that a person can read, each bound to the one before by SHA-256 over its very bytes.
//!
//! The first line is bound to the bytes of the plan. Pure: bytes in, values out.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The longest line that is written or read, in bytes.
pub const LONGEST: usize = 64 * 1024;

const TAIL: &str = ",\"hash\":\"";
const HASH: usize = 64;

/// What the next line is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How many lines there are.
    pub count: u64,
    /// The hash of the last one; of the plan when there is none.
    pub hash: String,
}

/// One line, checked.
#[derive(Debug, Clone)]
pub struct Line {
    /// From 1.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened, as it was written.
    pub event: Value,
    /// What the next line is bound to.
    pub hash: String,
}

/// Why a line is not the one that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Its own hash does not fit its bytes.
    #[error("was changed after it was written")]
    Changed,
    /// It does not follow the line before.
    #[error("does not follow the line before it: a line was taken out, put in or moved")]
    OutOfPlace,
}

#[derive(Serialize)]
struct Written<'a, E> {
    seq: u64,
    at: Timestamp,
    prev: &'a str,
    event: &'a E,
}

#[derive(serde::Deserialize)]
struct Read {
    seq: u64,
    at: Timestamp,
    prev: String,
    event: Value,
}

impl Link {
    /// The beginning of a plan's journal.
    #[must_use]
    pub fn to_plan(plan: &[u8]) -> Self {
        Self { count: 0, hash: HEXLOWER.encode(&Sha256::digest(plan)) }
    }

    /// Writes the next line, without its line feed.
    ///
    /// # Errors
    /// The serializer's, which no event of this program gives; and a line that is too long.
    pub fn write<E: Serialize>(&self, at: Timestamp, event: &E) -> Result<(String, Self), serde_json::Error> {
        let seq = self.count + 1;
        let body = serde_json::to_string(&Written { seq, at, prev: &self.hash, event })?;
        let body = body.strip_suffix('}').unwrap_or(&body);
        if body.len() + TAIL.len() + HASH + 3 > LONGEST {
            return Err(serde::ser::Error::custom("the event is longer than a journal's line may be"));
        }
        let hash = HEXLOWER.encode(&Sha256::digest(body.as_bytes()));
        Ok((format!("{body}{TAIL}{hash}\"}}"), Self { count: seq, hash }))
    }

    /// Reads the next line, without its line feed.
    pub fn read(&self, line: &[u8]) -> Result<Line, Broken> {
        let text = std::str::from_utf8(line).map_err(|_| Broken::Changed)?;
        let (body, hash) = split(text).ok_or(Broken::Changed)?;
        if HEXLOWER.encode(&Sha256::digest(body.as_bytes())) != hash {
            return Err(Broken::Changed);
        }
        let read: Read = serde_json::from_str(&format!("{body}}}")).map_err(|_| Broken::Changed)?;
        if read.prev != self.hash || read.seq != self.count + 1 {
            return Err(Broken::OutOfPlace);
        }
        Ok(Line { seq: read.seq, at: read.at, event: read.event, hash: hash.to_owned() })
    }
}

impl Line {
    /// What the next line is bound to.
    #[must_use]
    pub fn link(&self) -> Link {
        Link { count: self.seq, hash: self.hash.clone() }
    }
}

fn split(line: &str) -> Option<(&str, &str)> {
    let (body, tail) = line.split_at_checked(line.len().checked_sub(TAIL.len() + HASH + 2)?)?;
    Some((body, tail.strip_prefix(TAIL)?.strip_suffix("\"}")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_follows_the_one_before_and_no_other() {
        let plan = Link::to_plan(b"plan");
        let (first, one) = plan.write(Timestamp::UNIX_EPOCH, &"a").unwrap();
        let (second, _) = one.write(Timestamp::UNIX_EPOCH, &"b").unwrap();
        assert_eq!(plan.read(first.as_bytes()).unwrap().link(), one);
        assert_eq!(one.read(second.as_bytes()).unwrap().event, "b");
        assert_eq!(plan.read(second.as_bytes()).unwrap_err(), Broken::OutOfPlace);
        assert_eq!(Link::to_plan(b"another").read(first.as_bytes()).unwrap_err(), Broken::OutOfPlace);
    }

    #[test]
    fn no_byte_of_a_line_can_change() {
        let plan = Link::to_plan(b"plan");
        let (line, _) = plan.write(Timestamp::UNIX_EPOCH, &"a").unwrap();
        for at in 0..line.len() {
            for flip in [1, 0x20, 0x80] {
                let mut bytes = line.clone().into_bytes();
                bytes[at] ^= flip;
                assert!(plan.read(&bytes).is_err(), "byte {at} ^ {flip}");
            }
        }
    }

    #[test]
    fn an_endless_event_is_not_written() {
        assert!(Link::to_plan(b"plan").write(Timestamp::UNIX_EPOCH, &"x".repeat(LONGEST)).is_err());
    }
}
