//! What the answer to an update proves.
//!
//! Servers differ in their codes and some refuse without a signature, so answers are sorted by class. NOERROR is a claim: the
//! effect has to be read back.

use hickory_proto::op::{Message, ResponseCode};

use super::code;
use super::question::{Reading, read};
use super::tsig::{self, Prior, TsigKey};
use crate::domain::act::Refusal;

/// An answer, by class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Success, with a right signature.
    Claimed,
    /// Refused with a right signature: nothing has changed.
    Refused {
        /// Why.
        why: Refusal,
        /// The server's words.
        says: String,
    },
    /// Refused, and anybody on the way could have said so.
    RefusedUnproven {
        /// Why, if it is true.
        why: Refusal,
        /// The server's words.
        says: String,
    },
    /// Proves nothing either way.
    Unclear(String),
}

/// Sorts an answer. `sent` is the signed message and `mac` its signature's.
#[must_use]
pub fn sort(received: &[u8], sent: &[u8], key: &TsigKey, mac: &[u8]) -> Answer {
    let message = match read(received, sent) {
        Reading::Ours(message) => message,
        Reading::Foreign => return Answer::Unclear("the answer belongs to another message".to_owned()),
        Reading::Garbled(why) => return Answer::Unclear(format!("the answer cannot be read: {why}")),
    };
    let says = code::name(message.response_code);
    let Some(record) = message.signature.as_deref() else { return unsigned(&message, &says) };
    let error = record.data.error.map(u16::from);
    if let Some((why, word)) = error.and_then(key_refusal) {
        let says = format!("{says}, {word}");
        let proven = tsig::verify(received, record, key, Prior::Request(mac)).is_ok();
        return if proven { Answer::Refused { why, says } } else { Answer::RefusedUnproven { why, says } };
    }
    if tsig::verify(received, record, key, Prior::Request(mac)).is_err() {
        return Answer::Unclear(format!("{says}, with a wrong signature"));
    }
    match refusal(message.response_code) {
        _ if error.is_some() => Answer::Unclear(format!("{says}, with an unknown error in the signature")),
        Some(why) => Answer::Refused { why, says },
        None if message.response_code == ResponseCode::NoError => Answer::Claimed,
        None => Answer::Unclear(says),
    }
}

/// An unsigned answer to a signed message: a refusal may be true, a success is nobody's word.
fn unsigned(message: &Message, says: &str) -> Answer {
    match message.response_code {
        ResponseCode::NoError | ResponseCode::ServFail => Answer::Unclear(format!("{says}, unsigned")),
        _ => Answer::RefusedUnproven { why: Refusal::Unsigned, says: format!("{says}, unsigned") },
    }
}

/// RFC 8945 §5.2: the server could not accept the signature.
fn key_refusal(error: u16) -> Option<(Refusal, &'static str)> {
    match error {
        tsig::BADKEY => Some((Refusal::Auth, "BADKEY: the server does not know the key")),
        tsig::BADSIG => Some((Refusal::Auth, "BADSIG: the server has another secret for the key")),
        tsig::BADTIME => Some((Refusal::Clock, "BADTIME: the clocks differ")),
        _ => None,
    }
}

/// Codes by which a server says that nothing was changed (RFC 2136 §3).
fn refusal(code: ResponseCode) -> Option<Refusal> {
    match code {
        ResponseCode::NXDomain | ResponseCode::NXRRSet | ResponseCode::YXDomain | ResponseCode::YXRRSet => {
            Some(Refusal::Fence)
        }
        ResponseCode::Refused | ResponseCode::FormErr | ResponseCode::NotImp => Some(Refusal::Policy),
        ResponseCode::NotAuth | ResponseCode::NotZone => Some(Refusal::Zone),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::{MessageType, OpCode};

    use super::*;
    use crate::domain::name::Fqdn;
    use crate::domain::secret::Secret;
    use crate::domain::topology::TsigAlgorithm;
    use crate::wire::dns::tsig::Stamp;

    fn key(secret: &str) -> TsigKey {
        let name = Fqdn::parse("switchboard").unwrap();
        TsigKey::new(&name, TsigAlgorithm::HmacSha512, Secret::new(secret.as_bytes().to_vec()))
    }

    fn sent() -> (Vec<u8>, Vec<u8>) {
        let mut message = Message::new(9, MessageType::Query, OpCode::Update);
        message.add_query(hickory_proto::op::Query::query(
            hickory_proto::rr::Name::from_ascii("contoso.com.").unwrap(),
            hickory_proto::rr::RecordType::SOA,
        ));
        let mut bytes = message.to_vec().unwrap();
        let mac = tsig::sign(&mut bytes, &key("right"), &Stamp::now(1), Prior::Nothing).unwrap();
        (bytes, mac)
    }

    fn answered(code: ResponseCode, sign: Option<(&str, u16)>) -> Answer {
        let (sent, mac) = sent();
        let question = Message::from_vec(&sent).unwrap();
        let mut reply = Message::new(9, MessageType::Response, OpCode::Update);
        reply.metadata.response_code = code;
        reply.add_queries(question.queries);
        let mut bytes = reply.to_vec().unwrap();
        if let Some((secret, error)) = sign {
            let stamp = Stamp { time: 1, error, ..Stamp::default() };
            tsig::sign(&mut bytes, &key(secret), &stamp, Prior::Request(&mac)).unwrap();
        }
        sort(&bytes, &sent, &key("right"), &mac)
    }

    fn class(answer: &Answer) -> String {
        match answer {
            Answer::Claimed => "claimed".to_owned(),
            Answer::Refused { why, .. } => format!("proven {}", why.word()),
            Answer::RefusedUnproven { why, .. } => format!("unproven {}", why.word()),
            Answer::Unclear(_) => "unclear".to_owned(),
        }
    }

    #[test]
    fn every_code_has_its_class_signed_and_unsigned() {
        let table = [
            (ResponseCode::NoError, "claimed", "unclear"),
            (ResponseCode::FormErr, "proven policy", "unproven refused, unsigned"),
            (ResponseCode::ServFail, "unclear", "unclear"),
            (ResponseCode::NXDomain, "proven fence", "unproven refused, unsigned"),
            (ResponseCode::NotImp, "proven policy", "unproven refused, unsigned"),
            (ResponseCode::Refused, "proven policy", "unproven refused, unsigned"),
            (ResponseCode::YXDomain, "proven fence", "unproven refused, unsigned"),
            (ResponseCode::YXRRSet, "proven fence", "unproven refused, unsigned"),
            (ResponseCode::NXRRSet, "proven fence", "unproven refused, unsigned"),
            (ResponseCode::NotAuth, "proven zone", "unproven refused, unsigned"),
            (ResponseCode::NotZone, "proven zone", "unproven refused, unsigned"),
            (ResponseCode::Unknown(12), "unclear", "unproven refused, unsigned"),
        ];
        for (code, signed, unsigned) in table {
            assert_eq!(class(&answered(code, Some(("right", 0)))), signed, "{code:?}");
            assert_eq!(class(&answered(code, None)), unsigned, "{code:?}");
            assert_eq!(class(&answered(code, Some(("wrong", 0)))), "unclear", "{code:?}");
        }
    }

    #[test]
    fn an_error_inside_the_signature_is_seen_before_the_signature_is_checked() {
        let code = ResponseCode::NotAuth;
        assert_eq!(class(&answered(code, Some(("wrong", tsig::BADKEY)))), "unproven auth");
        assert_eq!(class(&answered(code, Some(("wrong", tsig::BADSIG)))), "unproven auth");
        assert_eq!(class(&answered(code, Some(("right", tsig::BADTIME)))), "proven clock");
        assert_eq!(class(&answered(code, Some(("wrong", tsig::BADTIME)))), "unproven clock");
        assert_eq!(class(&answered(code, Some(("right", 99)))), "unclear");
    }
}
