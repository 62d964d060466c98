//! What comes back: records, joined to handshake messages, read one by one.

use super::suite::is_modern;

/// The most bytes of handshake that are read; real chains are below 20 KiB.
const CAP: usize = 128 * 1024;
/// The most certificates of a chain that are kept.
const CHAIN_CAP: usize = 16;
/// The most bytes of one record (RFC 5246 §6.2.1, with room for old ones that pad).
const RECORD_CAP: usize = 16 * 1024 + 2048;

/// What a server presented.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hello {
    /// The version that it chose: 0x0301 is TLS 1.0.
    pub version: u16,
    /// The suite that it chose.
    pub suite: u16,
    /// The chain in DER, leaf first.
    pub chain: Vec<Vec<u8>>,
    /// Whether it asks for a certificate of ours.
    pub asks_certificate: bool,
}

impl Hello {
    /// `1.0` to `1.2`; `SSL 3.0` for what came before.
    #[must_use]
    pub fn version_name(&self) -> &'static str {
        match self.version {
            0x0303 => "1.2",
            0x0302 => "1.1",
            0x0301 => "1.0",
            0x0300 => "SSL 3.0",
            _ => "unknown",
        }
    }

    /// Whether modern libraries could talk to this server, so that its age is not why they do not.
    #[must_use]
    pub fn is_modern(&self) -> bool {
        self.version == 0x0303 && is_modern(self.suite)
    }
}

/// Why nothing could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    /// A fatal alert, by number.
    #[error("the server sent alert {0}")]
    Alert(u8),
    /// Not TLS at all.
    #[error("the answer is not TLS")]
    NotTls,
    /// TLS that does not follow its own grammar.
    #[error("the server's hello is malformed")]
    Malformed,
    /// More than anyone needs for a hello.
    #[error("the server's hello is too long")]
    TooLong,
}

/// Reads a server's flight as it arrives, in any chunks.
#[derive(Debug, Default)]
pub struct Reader {
    records: Vec<u8>,
    handshake: Vec<u8>,
    hello: Hello,
    greeted: bool,
    taken: usize,
}

impl Reader {
    /// A reader before the first byte.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was read so far, once a ServerHello was; the chain may still be empty.
    #[must_use]
    pub fn so_far(&self) -> Option<&Hello> {
        self.greeted.then_some(&self.hello)
    }

    /// Takes bytes in. `true` when the flight is at its end and nothing more is to be read.
    ///
    /// # Errors
    /// [`HelloError`]; what was read before it stays in [`Reader::so_far`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<bool, HelloError> {
        self.taken = self.taken.saturating_add(bytes.len());
        self.records.extend_from_slice(&bytes[..bytes.len().min(CAP)]);
        while let Some(done) = self.next_record()? {
            if done {
                return Ok(true);
            }
        }
        if self.taken > CAP { Err(HelloError::TooLong) } else { Ok(false) }
    }

    /// One record, when it is whole. `Some(true)` at the end of the flight.
    fn next_record(&mut self) -> Result<Option<bool>, HelloError> {
        let plausible = match self.records.as_slice() {
            [] => true,
            [kind] => (20..=23).contains(kind),
            [kind, major, ..] => (20..=23).contains(kind) && *major == 3,
        };
        if !plausible {
            return Err(HelloError::NotTls);
        }
        let [kind, _, _, high, low, ..] = *self.records.as_slice() else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > RECORD_CAP {
            return Err(HelloError::TooLong);
        }
        let Some(content) = self.records.get(5..5 + length) else { return Ok(None) };
        let done = match (kind, content) {
            (22, content) => {
                self.handshake.extend_from_slice(content);
                None
            }
            (21, [2, alert, ..]) => return Err(HelloError::Alert(*alert)),
            // A warning: close_notify ends the flight, others (unrecognized_name) are read over.
            (21, [1, alert, ..]) => Some(*alert == 0),
            _ => return Err(HelloError::Malformed),
        };
        self.records.drain(..5 + length);
        Ok(Some(match done {
            Some(done) => done,
            None => self.read_messages()?,
        }))
    }

    /// Every whole handshake message, whatever records it was cut into.
    fn read_messages(&mut self) -> Result<bool, HelloError> {
        loop {
            let [kind, a, b, c, ..] = *self.handshake.as_slice() else { return Ok(false) };
            let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            if length > CAP {
                return Err(HelloError::TooLong);
            }
            if self.handshake.len() < 4 + length {
                return Ok(false);
            }
            let rest = self.handshake.split_off(4 + length);
            let message = std::mem::replace(&mut self.handshake, rest);
            if self.take_message(kind, &message[4..])? {
                return Ok(true);
            }
        }
    }

    fn take_message(&mut self, kind: u8, body: &[u8]) -> Result<bool, HelloError> {
        match kind {
            2 => {
                (self.hello.version, self.hello.suite) = server_hello(body).ok_or(HelloError::Malformed)?;
                self.greeted = true;
            }
            11 => self.hello.chain = certificates(body).ok_or(HelloError::Malformed)?,
            13 => self.hello.asks_certificate = true,
            14 => return Ok(true),
            // HelloRequest, ServerKeyExchange, CertificateStatus, tickets.
            0 | 4 | 12 | 22 => {}
            _ => return Err(HelloError::Malformed),
        }
        Ok(false)
    }
}

/// Version and suite; the session id between them has any length.
fn server_hello(body: &[u8]) -> Option<(u16, u16)> {
    let version = u16::from_be_bytes([*body.first()?, *body.get(1)?]);
    let session = usize::from(*body.get(34)?);
    let suite = body.get(35 + session..37 + session)?;
    Some((version, u16::from_be_bytes([suite[0], suite[1]])))
}

fn certificates(body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut list, after) = cut(body)?;
    let mut chain = Vec::new();
    while !list.is_empty() {
        let (certificate, rest) = cut(list)?;
        if chain.len() < CHAIN_CAP {
            chain.push(certificate.to_vec());
        }
        list = rest;
    }
    after.is_empty().then_some(chain)
}

/// A value behind its length of three bytes, and what follows it.
fn cut(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [a, b, c, rest @ ..] = bytes else { return None };
    let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A flight of TLS 1.0 with two certificates and a request for ours, in records of `size` bytes.
    fn flight(size: usize) -> Vec<u8> {
        let mut hello = vec![2, 0, 0, 38, 3, 1];
        hello.extend([7; 32]);
        hello.extend([0, 0, 0x2f, 0]);
        let certificate = [11, 0, 0, 15, 0, 0, 12, 0, 0, 4, 1, 2, 3, 4, 0, 0, 2, 5, 6];
        let messages = [hello.as_slice(), &certificate, &[13, 0, 0, 4, 1, 1, 0, 0], &[14, 0, 0, 0]].concat();
        let record = |content: &[u8]| {
            [&[22, 3, 1], u16::try_from(content.len()).unwrap().to_be_bytes().as_slice(), content].concat()
        };
        messages.chunks(size).flat_map(record).collect()
    }

    fn read(bytes: &[u8], chunk: usize) -> Result<Option<Hello>, HelloError> {
        let mut reader = Reader::new();
        for bytes in bytes.chunks(chunk) {
            if reader.push(bytes)? {
                return Ok(reader.so_far().cloned());
            }
        }
        Ok(None)
    }

    #[test]
    fn a_flight_is_read_whatever_records_and_chunks_it_comes_in() {
        for size in [1, 3, 17, 1000] {
            for chunk in [1, 2, 5, 64, 5000] {
                let hello = read(&flight(size), chunk).unwrap().unwrap();
                assert_eq!((hello.version_name(), hello.suite, hello.asks_certificate), ("1.0", 0x2f, true));
                assert_eq!(hello.chain, [vec![1, 2, 3, 4], vec![5, 6]]);
                assert!(!hello.is_modern());
            }
        }
    }

    #[test]
    fn alerts_and_other_protocols_are_told_apart() {
        assert_eq!(read(&[21, 3, 1, 0, 2, 2, 40], 1), Err(HelloError::Alert(40)));
        assert_eq!(read(b"SIP/2.0 400 Bad Request\r\n", 1), Err(HelloError::NotTls));
        assert_eq!(read(&[22, 3, 1, 0xff, 0xff], 5), Err(HelloError::TooLong));
        assert_eq!(read(&[22, 3, 1, 0, 4, 11, 0xff, 0xff, 0xff], 9), Err(HelloError::TooLong));
        assert_eq!(read(&[22, 3, 1, 0, 5, 11, 0, 0, 1, 0], 9), Err(HelloError::Malformed));
    }

    #[test]
    fn twenty_thousand_mutants_give_the_same_result_in_any_chunks_and_never_panic() {
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |below: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed % below as u64).unwrap()
        };
        for _ in 0..20_000 {
            let mut bytes = flight(1 + next(120));
            for _ in 0..=next(4) {
                let at = next(bytes.len());
                bytes[at] = u8::try_from(next(256)).unwrap();
            }
            assert_eq!(read(&bytes, 1), read(&bytes, bytes.len()));
        }
    }

    #[test]
    fn an_endless_flight_is_given_up_at_the_cap() {
        let mut reader = Reader::new();
        let record = [&[22, 3, 1, 0x40, 0x00, 0, 0, 0x3f, 0xfc][..], &[0; 0x3ffc]].concat();
        let ended = (0..100).find_map(|_| reader.push(&record).err());
        assert_eq!(ended, Some(HelloError::TooLong));
    }
}
