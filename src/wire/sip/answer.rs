//! What a response says beside its code: the peer's software, why it refuses, when to come back.

use std::time::Duration;

use crate::domain::clean::Clean;
use crate::domain::observation::Diagnostics;

use super::header::{parameter, split_list};
use super::message::Message;

/// `ms-diagnostics` ([MS-OCER] §2.2.1.1), or else its public form that leaves a site: `15030;reason="…";source="…"`.
#[must_use]
pub fn diagnostics(message: &Message) -> Option<Diagnostics> {
    let names = ["ms-diagnostics", "ms-diagnostics-public"];
    let value = names.iter().find_map(|name| message.field(name))?;
    let id = split_list(value, b';').next()?.parse().ok()?;
    let text = |name| parameter(value, name).filter(|text| !text.is_empty()).map(|text| Clean::new(&unescaped(text)));
    Some(Diagnostics { id, reason: text("reason"), source: text("source") })
}

/// `Retry-After` in seconds; a comment and parameters may follow (RFC 3261 §20.33).
#[must_use]
pub fn retry_after(message: &Message) -> Option<Duration> {
    let value = message.field("Retry-After")?;
    let digits = value.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()))
}

/// The `Server` header, or `User-Agent` from peers that confuse the two.
#[must_use]
pub fn software(message: &Message) -> Option<Clean> {
    message.field("Server").or_else(|| message.field("User-Agent")).filter(|text| !text.is_empty()).map(Clean::new)
}

/// Takes the backslashes of a quoted string away.
fn unescaped(text: &str) -> String {
    let mut escaped = false;
    text.chars()
        .filter(|c| {
            escaped = *c == '\\' && !escaped;
            !escaped
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn a_refusal_says_why_who_and_for_how_long() {
        let text = b"SIP/2.0 503 Service Unavailable\r\nSERVER: RTCC/5.0.0.0 MSExchangeUM/15.01.2507.017\r\n\
            MS-DIAGNOSTICS: 15030;reason=\"Failed; \\\"really\\\"\";source=\"um1.contoso.com\";appName=\"UM\"\r\n\
            Retry-After: 30 (in a meeting);duration=60\r\n\r\n";
        let message = parse(text).unwrap();
        let found = diagnostics(&message).unwrap();
        assert_eq!((found.id, found.reason), (15030, Some("Failed; \"really\"".into())));
        assert_eq!(found.source, Some("um1.contoso.com".into()));
        assert_eq!(retry_after(&message), Some(Duration::from_secs(30)));
        assert_eq!(software(&message), Some("RTCC/5.0.0.0 MSExchangeUM/15.01.2507.017".into()));
    }

    #[test]
    fn what_cannot_be_read_is_absent() {
        let message = parse(b"SIP/2.0 200 OK\r\nms-diagnostics: none\r\nRetry-After: soon\r\nServer:\r\n\r\n").unwrap();
        assert_eq!((diagnostics(&message), retry_after(&message), software(&message)), (None, None, None));
    }
}
