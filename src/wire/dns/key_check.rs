//! What the answer to a signed question says about the key (RFC 8945 §5.3).
//!
//! The error inside the TSIG record is looked at before the signature: BADKEY and BADSIG come unsigned by rule.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::TSIG;

use super::code;
use super::tsig::{self, Prior, TsigKey};
use crate::domain::observation::{DnsFailure, KeyFailure};

/// Judges an answer; `mac` is that of the question, `now` in seconds since 1970.
///
/// # Errors
/// What is wrong with the key, the clocks or the permission.
pub fn verdict(bytes: &[u8], message: &Message, key: &TsigKey, mac: &[u8], now: u64) -> Result<(), KeyFailure> {
    let Some(record) = message.signature.as_deref() else { return Err(unsigned(message)) };
    match record.data.error.map(u16::from) {
        Some(tsig::BADKEY) => return Err(KeyFailure::UnknownKey),
        Some(tsig::BADSIG) => return Err(KeyFailure::WrongSecret),
        Some(tsig::BADTIME) => return Err(KeyFailure::Clock { skew_seconds: skew(&record.data, now) }),
        Some(_) => return Err(KeyFailure::Refused { code: code::name(message.response_code).into(), signed: false }),
        None => {}
    }
    tsig::verify(bytes, record, key, Prior::Request(mac)).map_err(|_| KeyFailure::Unverified)?;
    if !tsig::in_time(&record.data, now) {
        return Err(KeyFailure::Clock { skew_seconds: difference(record.data.time, now) });
    }
    match message.response_code {
        ResponseCode::NoError => Ok(()),
        other if is_refusal(other) => Err(KeyFailure::Refused { code: code::name(other).into(), signed: true }),
        other => Err(KeyFailure::NoAnswer(DnsFailure::Code(code::name(other).into()))),
    }
}

fn unsigned(message: &Message) -> KeyFailure {
    match message.response_code {
        ResponseCode::NoError => KeyFailure::Unverified,
        other if is_refusal(other) => KeyFailure::Refused { code: code::name(other).into(), signed: false },
        other => KeyFailure::NoAnswer(DnsFailure::Code(code::name(other).into())),
    }
}

fn is_refusal(code: ResponseCode) -> bool {
    matches!(code, ResponseCode::Refused | ResponseCode::NotAuth)
}

fn skew(tsig: &TSIG, now: u64) -> Option<i64> {
    difference(tsig::time_in(&tsig.other)?, now)
}

fn difference(theirs: u64, ours: u64) -> Option<i64> {
    i64::try_from(theirs).ok()?.checked_sub(i64::try_from(ours).ok()?)
}
