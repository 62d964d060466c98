//! Transaction signatures (RFC 8945), made and checked on the bytes of a message.
//!
//! By hand, for three reasons that were met in the field: the error inside a TSIG record has to be seen before its signature is
//! checked, the record's owner name must not be compressed (Samba answers BADSIG), and a hostile message must not reach
//! arithmetic that can overflow.

use hickory_proto::rr::rdata::TSIG;
use hickory_proto::rr::rdata::tsig::TsigAlgorithm as Hmac;
use hickory_proto::rr::{DNSClass, Name, Record};

use super::name::{to_name, wire_form};
use super::walk::{self, HEADER};
use crate::domain::name::Fqdn;
use crate::domain::secret::Secret;
use crate::domain::topology::{TsigAlgorithm, UpdateAuth};

/// How far two clocks may differ, in seconds (RFC 8945 §10 recommends 300).
pub const FUDGE: u16 = 300;

/// BADSIG (RFC 8945 §3).
pub const BADSIG: u16 = 16;
/// BADKEY.
pub const BADKEY: u16 = 17;
/// BADTIME.
pub const BADTIME: u16 = 18;

/// A shared secret with its name and algorithm.
#[derive(Debug, Clone)]
pub struct TsigKey {
    name: Name,
    algorithm: TsigAlgorithm,
    secret: Secret,
}

impl TsigKey {
    /// Takes the parts over.
    #[must_use]
    pub fn new(name: &Fqdn, algorithm: TsigAlgorithm, secret: Secret) -> Self {
        Self { name: to_name(name), algorithm, secret }
    }

    /// The key of a backend that signs with a shared secret; none for Kerberos.
    #[must_use]
    pub fn of(auth: &UpdateAuth) -> Option<Self> {
        match auth {
            UpdateAuth::Tsig { key, algorithm, secret } => Some(Self::new(key, *algorithm, secret.clone())),
            UpdateAuth::Gss => None,
        }
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Whether a TSIG record names this key and this algorithm.
    #[must_use]
    pub fn is_named_by(&self, record: &Record<TSIG>) -> bool {
        record.name == self.name && record.data.algorithm.to_name().eq_ignore_root(&self.hmac().to_name())
    }

    fn hmac(&self) -> Hmac {
        match self.algorithm {
            TsigAlgorithm::HmacSha256 => Hmac::HmacSha256,
            TsigAlgorithm::HmacSha384 => Hmac::HmacSha384,
            TsigAlgorithm::HmacSha512 => Hmac::HmacSha512,
        }
    }
}

/// What a signature covers besides the message itself (RFC 8945 §4.3).
#[derive(Debug, Clone, Copy)]
pub enum Prior<'a> {
    /// Nothing: a request.
    Nothing,
    /// The request's MAC: an answer, or the first of several.
    Request(&'a [u8]),
    /// The MAC of the message before it: a later message of a zone transfer.
    Message(&'a [u8]),
}

/// When a message is signed, and with which error.
#[derive(Debug, Clone, Default)]
pub struct Stamp {
    /// Seconds since 1970.
    pub time: u64,
    /// TSIG error, 0 for none.
    pub error: u16,
    /// Other data: the server's time for BADTIME.
    pub other: Vec<u8>,
}

impl Stamp {
    /// A signature made now.
    #[must_use]
    pub fn now(time: u64) -> Self {
        Self { time, ..Self::default() }
    }
}

/// A message could not be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be signed: it has no header, or no room for a signature")]
pub struct CannotSign;

/// Why a signature does not prove anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It was made with another key or algorithm.
    #[error("the message is signed with another key or algorithm")]
    Key,
    /// The MAC is wrong, cut, or at the wrong place.
    #[error("the signature is wrong")]
    Signature,
}

/// Appends a signature and returns its MAC.
///
/// # Errors
/// [`CannotSign`] when the bytes are no message.
pub fn sign(message: &mut Vec<u8>, key: &TsigKey, stamp: &Stamp, prior: Prior<'_>) -> Result<Vec<u8>, CannotSign> {
    let data = fields(key.hmac(), stamp, Vec::new(), walk::id_of(message));
    let covered = covered(message, &key.name, &data, prior).ok_or(CannotSign)?;
    let mac = key.hmac().mac_data(key.secret.expose(), &covered).map_err(|_| CannotSign)?;
    append(message, &key.name, &data.set_mac(mac.clone()))?;
    Ok(mac)
}

/// Appends a TSIG record that only carries an error: BADKEY and BADSIG are answered unsigned (RFC 8945 §5.3.2).
///
/// # Errors
/// [`CannotSign`] when the bytes are no message.
pub fn append_error(message: &mut Vec<u8>, request: &Record<TSIG>, stamp: &Stamp) -> Result<(), CannotSign> {
    let data = fields(request.data.algorithm.clone(), stamp, Vec::new(), walk::id_of(message));
    append(message, &request.name, &data)
}

/// Checks the signature of a message; the time is left to [`in_time`].
///
/// # Errors
/// [`Mismatch`], telling a foreign key from a wrong signature.
pub fn verify(message: &[u8], record: &Record<TSIG>, key: &TsigKey, prior: Prior<'_>) -> Result<(), Mismatch> {
    if !key.is_named_by(record) {
        return Err(Mismatch::Key);
    }
    // The MAC is made as if these were so; what stands there is not covered by it.
    if record.dns_class != DNSClass::ANY || record.ttl != 0 {
        return Err(Mismatch::Signature);
    }
    let start = walk::last_record(message).ok_or(Mismatch::Signature)?;
    let mut signed = message.get(..start).ok_or(Mismatch::Signature)?.to_vec();
    set_u16(&mut signed, 0, record.data.oid);
    let additional = walk::u16_at(message, 10).and_then(|count| count.checked_sub(1)).ok_or(Mismatch::Signature)?;
    set_u16(&mut signed, 10, additional);
    let covered = covered(&signed, &record.name, &record.data, prior).ok_or(Mismatch::Signature)?;
    key.hmac().verify_mac(key.secret.expose(), &covered, &record.data.mac).map_err(|_| Mismatch::Signature)
}

/// Whether a signature was made within its fudge of a time.
#[must_use]
pub fn in_time(tsig: &TSIG, now: u64) -> bool {
    tsig.time.abs_diff(now) <= u64::from(tsig.fudge)
}

/// The server's time in a BADTIME answer: 48 bits (RFC 8945 §5.2.3).
#[must_use]
pub fn time_in(other: &[u8]) -> Option<u64> {
    let bytes: [u8; 6] = other.try_into().ok()?;
    Some(bytes.iter().fold(0, |time, byte| (time << 8) | u64::from(*byte)))
}

/// A time as a BADTIME answer carries it.
#[must_use]
pub fn time_out(time: u64) -> Vec<u8> {
    time.to_be_bytes().iter().skip(2).copied().collect()
}

fn fields(algorithm: Hmac, stamp: &Stamp, mac: Vec<u8>, id: u16) -> TSIG {
    let error = (stamp.error != 0).then(|| stamp.error.into());
    TSIG::new(algorithm, stamp.time, FUDGE, mac, id, error, stamp.other.clone())
}

/// The bytes that the MAC is made over (RFC 8945 §4.3.3); `message` is without its TSIG record.
fn covered(message: &[u8], key: &Name, tsig: &TSIG, prior: Prior<'_>) -> Option<Vec<u8>> {
    if message.len() < HEADER {
        return None;
    }
    let mut bytes = Vec::with_capacity(message.len() + 256);
    if let Prior::Request(mac) | Prior::Message(mac) = prior {
        bytes.extend(u16::try_from(mac.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(mac);
    }
    bytes.extend_from_slice(message);
    let timers = timers(tsig);
    if let Prior::Message(_) = prior {
        bytes.extend(timers);
        return Some(bytes);
    }
    bytes.extend(wire_form(key));
    bytes.extend([0, 255, 0, 0, 0, 0]); // class ANY, TTL 0
    bytes.extend(wire_form(&tsig.algorithm.to_name()));
    bytes.extend(timers);
    bytes.extend(tsig.error.map_or(0, u16::from).to_be_bytes());
    bytes.extend(u16::try_from(tsig.other.len()).ok()?.to_be_bytes());
    bytes.extend_from_slice(&tsig.other);
    Some(bytes)
}

fn timers(tsig: &TSIG) -> Vec<u8> {
    let mut bytes = time_out(tsig.time);
    bytes.extend(tsig.fudge.to_be_bytes());
    bytes
}

fn append(message: &mut Vec<u8>, key: &Name, tsig: &TSIG) -> Result<(), CannotSign> {
    let additional = walk::u16_at(message, 10).and_then(|count| count.checked_add(1)).ok_or(CannotSign)?;
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).map(u16::to_be_bytes).map_err(|_| CannotSign);
    let mut data = wire_form(&tsig.algorithm.to_name());
    data.extend(timers(tsig));
    data.extend(length(&tsig.mac)?);
    data.extend_from_slice(&tsig.mac);
    data.extend(tsig.oid.to_be_bytes());
    data.extend(tsig.error.map_or(0, u16::from).to_be_bytes());
    data.extend(length(&tsig.other)?);
    data.extend_from_slice(&tsig.other);
    set_u16(message, 10, additional);
    message.extend(wire_form(key));
    message.extend([0, 250, 0, 255, 0, 0, 0, 0]); // type TSIG, class ANY, TTL 0
    message.extend(length(&data)?);
    message.extend(data);
    Ok(())
}

fn set_u16(message: &mut [u8], at: usize, value: u16) {
    if let Some(place) = message.get_mut(at..at + 2) {
        place.copy_from_slice(&value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::{Message, Query};
    use hickory_proto::rr::{RecordType, TSigner};

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn key(secret: &[u8]) -> TsigKey {
        let name = Fqdn::parse("switchboard.contoso.com").unwrap();
        TsigKey::new(&name, TsigAlgorithm::HmacSha256, Secret::new(secret.to_vec()))
    }

    fn question() -> Vec<u8> {
        let mut message = Message::query();
        message.add_query(Query::query(Name::from_ascii("contoso.com.").unwrap(), RecordType::SOA));
        message.to_vec().unwrap()
    }

    fn record(message: &[u8]) -> Record<TSIG> {
        *Message::from_vec(message).unwrap().signature.unwrap()
    }

    #[test]
    fn a_signature_of_ours_satisfies_the_codec_and_its_owner_name_is_not_compressed() {
        let mut message = question();
        sign(&mut message, &key(b"secret"), &Stamp::now(NOW), Prior::Nothing).unwrap();
        let signer = TSigner::new(
            b"secret".to_vec(),
            Hmac::HmacSha256,
            Name::from_ascii("switchboard.contoso.com.").unwrap(),
            FUDGE,
        );
        signer.unwrap().verify_message_byte(&message, None, true).unwrap();
        let uncompressed = b"\x0bswitchboard\x07contoso\x03com\x00\x00\xfa";
        assert!(message.windows(uncompressed.len()).any(|bytes| bytes == uncompressed));
    }

    #[test]
    fn one_changed_byte_anywhere_is_noticed() {
        let mut message = question();
        sign(&mut message, &key(b"secret"), &Stamp::now(NOW), Prior::Request(b"mac of the request")).unwrap();
        let prior = Prior::Request(b"mac of the request");
        assert_eq!(verify(&message, &record(&message), &key(b"secret"), prior), Ok(()));
        assert!(verify(&message, &record(&message), &key(b"other"), prior).is_err());
        assert!(verify(&message, &record(&message), &key(b"secret"), Prior::Nothing).is_err());
        // The id is replaced by the original id of the signature, so it may change (RFC 8945 §4.3.2).
        for at in 2..message.len() {
            let mut changed = message.clone();
            changed[at] ^= 1;
            let Ok(Some(record)) = Message::from_vec(&changed).map(|message| message.signature) else { continue };
            let in_case_of_a_letter = verify(&changed, &record, &key(b"secret"), prior);
            assert!(in_case_of_a_letter.is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_server_time_survives_its_48_bits() {
        assert_eq!(time_in(&time_out(NOW)), Some(NOW));
        assert_eq!(time_in(&[1, 2]), None);
        let far = TSIG::new(Hmac::HmacSha256, 5, 300, vec![], 0, None, vec![]);
        assert!(!in_time(&far, NOW));
        assert!(in_time(&far, 0));
    }
}
