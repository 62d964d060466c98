//! Via values and the CSeq (RFC 3261 §20.42, §20.16).

use super::header::{is_token, parameter, split_list};

/// One hop of a message's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Via<'a> {
    /// `UDP`, `TCP`, `TLS`, as written.
    pub transport: &'a str,
    /// Host, or IPv6 address in brackets.
    pub host: &'a str,
    /// Port, where one is written.
    pub port: Option<u16>,
    whole: &'a str,
}

impl<'a> Via<'a> {
    /// Reads one value: `SIP/2.0/TCP host:port;parameters`, with blanks wherever the grammar allows them.
    #[must_use]
    pub fn parse(value: &'a str) -> Option<Self> {
        let before = split_list(value, b';').next()?;
        let mut parts = before.splitn(3, '/');
        let (name, version, rest) = (parts.next()?.trim(), parts.next()?.trim(), parts.next()?.trim());
        let (transport, sent_by) = rest.split_once([' ', '\t'])?;
        if !name.eq_ignore_ascii_case("SIP") || version != "2.0" || !is_token(transport) {
            return None;
        }
        let (host, port) = host_and_port(sent_by.trim())?;
        Some(Self { transport, host, port, whole: value })
    }

    /// The transaction's id.
    #[must_use]
    pub fn branch(&self) -> Option<&'a str> {
        self.parameter("branch")
    }

    /// Any parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        parameter(self.whole, name)
    }
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`, with blanks around the colon.
pub(super) fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let end = if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
    let host = text[..end].trim_end();
    let rest = text[end..].trim_start();
    if host.is_empty() || host.contains([' ', '\t']) {
        return None;
    }
    match rest.strip_prefix(':') {
        Some(port) => Some((host, Some(port.trim().parse().ok()?))),
        None => rest.is_empty().then_some((host, None)),
    }
}

/// Sequence number and method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CSeq<'a> {
    /// Below 2^31 (RFC 3261 §8.1.1.5).
    pub number: u32,
    /// The request's method.
    pub method: &'a str,
}

impl<'a> CSeq<'a> {
    /// Reads `1 OPTIONS`.
    #[must_use]
    pub fn parse(value: &'a str) -> Option<Self> {
        let (number, method) = value.split_once([' ', '\t'])?;
        let method = method.trim();
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|number| digits && *number < 1 << 31)?;
        is_token(method).then_some(Self { number, method })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_via_is_read_with_blanks_and_ipv6() {
        let via = Via::parse("SIP / 2.0 / UDP  first.example.com: 4000;ttl=16 ;branch=z9hG4bKa7").unwrap();
        assert_eq!((via.transport, via.host, via.port), ("UDP", "first.example.com", Some(4000)));
        assert_eq!(via.branch(), Some("z9hG4bKa7"));
        let via = Via::parse("SIP/2.0/TLS [2001:db8::9:1];branch=1;received=[2001:db8::9:255]").unwrap();
        assert_eq!((via.host, via.port), ("[2001:db8::9:1]", None));
    }

    #[test]
    fn what_is_no_via_or_cseq_is_none() {
        for bad in [
            "",
            ";branch=1",
            "SIP/2.0/UDP",
            "SIP/7.0/UDP h",
            "HTTP/2.0/TCP h",
            "SIP/2.0/UDP h:99999",
            "SIP/2.0/UDP [::1",
        ] {
            assert!(Via::parse(bad).is_none(), "{bad}");
        }
        for bad in ["", "1", "-1 OPTIONS", "4294967296 OPTIONS", "+1 OPTIONS", "1 OPT IONS"] {
            assert!(CSeq::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(CSeq::parse("0009  INVITE"), Some(CSeq { number: 9, method: "INVITE" }));
    }
}
