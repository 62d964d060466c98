//! Walks over the bytes of a message without decoding them: where the last record starts, what the question says.

/// Length of the header (RFC 1035 §4.1.1).
pub const HEADER: usize = 12;

/// A big-endian 16-bit number.
#[must_use]
pub fn u16_at(message: &[u8], at: usize) -> Option<u16> {
    let bytes = message.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes([*bytes.first()?, *bytes.get(1)?]))
}

/// The message id; 0 for something shorter than an id.
#[must_use]
pub fn id_of(message: &[u8]) -> u16 {
    u16_at(message, 0).unwrap_or(0)
}

/// Where the last record of a message starts, when the message ends exactly with it.
///
/// A TSIG record is always the last one (RFC 8945 §5.1); its signature covers what stands before it, byte for byte.
#[must_use]
pub fn last_record(message: &[u8]) -> Option<usize> {
    let count = |at| u16_at(message, at).map(usize::from);
    let (questions, records) = (count(4)?, count(6)? + count(8)? + count(10)?);
    let mut at = HEADER;
    for _ in 0..questions {
        at = after_name(message, at)?.checked_add(4)?;
    }
    let mut start = None;
    for _ in 0..records {
        start = Some(at);
        at = after_record(message, at)?;
    }
    start.filter(|_| at == message.len())
}

/// Where the first question ends.
#[must_use]
pub fn after_question(message: &[u8]) -> Option<usize> {
    after_name(message, HEADER)?.checked_add(4).filter(|end| *end <= message.len())
}

/// Where the record that starts at `at` ends.
fn after_record(message: &[u8], at: usize) -> Option<usize> {
    let fixed = after_name(message, at)?;
    let length = usize::from(u16_at(message, fixed.checked_add(8)?)?);
    let end = fixed.checked_add(10)?.checked_add(length)?;
    (end <= message.len()).then_some(end)
}

/// Where the name that starts at `at` ends; a pointer ends it (RFC 1035 §4.1.4).
fn after_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length @ 1..=63 => at = at.checked_add(1 + usize::from(length))?,
            0xC0..=0xFF => return message.get(at + 1).map(|_| at + 2),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_prefix_of_a_message_is_walked_over_its_end() {
        let mut message = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
        message.extend_from_slice(b"\x01a\x00\x00\x01\x00\x01");
        let start = message.len();
        message.extend_from_slice(b"\xc0\x0c\x00\xfa\x00\xff\x00\x00\x00\x00\x00\x02ab");
        assert_eq!(last_record(&message), Some(start));
        for cut in 0..message.len() {
            assert_eq!(last_record(&message[..cut]), None, "cut at {cut}");
        }
        message.push(0);
        assert_eq!(last_record(&message), None, "something stands behind the signature");
    }
}
