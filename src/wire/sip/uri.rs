//! SIP URIs and the addresses that hold them (RFC 3261 §19.1, §20.10).

use super::header::split_list;
use super::via::host_and_port;

/// A `sip:` or `sips:` URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uri<'a> {
    /// Whether it is `sips:`.
    pub secure: bool,
    /// What stands before the `@`.
    pub user: Option<&'a str>,
    /// Host name, IPv4 address, or IPv6 address in brackets.
    pub host: &'a str,
    /// Port, where one is written.
    pub port: Option<u16>,
    parameters: &'a str,
}

impl<'a> Uri<'a> {
    /// Reads a URI without angle brackets; `None` for another scheme or a broken one.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let secure = scheme.eq_ignore_ascii_case("sips");
        if !secure && !scheme.eq_ignore_ascii_case("sip") {
            return None;
        }
        // A user part may hold `;` and `?`, so the last `@` before the host is looked for first.
        let (user, rest) = rest.rsplit_once('@').map_or((None, rest), |(user, rest)| (Some(user), rest));
        let rest = rest.split('?').next().unwrap_or(rest);
        let (host_port, parameters) = rest.find(';').map_or((rest, ""), |at| rest.split_at(at));
        let (host, port) = host_and_port(host_port).filter(|(host, _)| is_host(host))?;
        Some(Self { secure, user, host, port, parameters })
    }

    /// A URI parameter: `maddr`, `transport`, …
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.split(';').find_map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Where a request is sent: `maddr` before the host (RFC 3261 §19.1.1), brackets taken off.
    #[must_use]
    pub fn destination(&self) -> &'a str {
        let host = self.parameter("maddr").filter(|maddr| !maddr.is_empty()).unwrap_or(self.host);
        host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host)
    }
}

fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
    }
}

/// A URI with or without display name and angle brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    /// The URI's text.
    pub text: &'a str,
    /// The URI, where it is a SIP one.
    pub uri: Option<Uri<'a>>,
}

impl<'a> Address<'a> {
    /// Reads one Contact, From or To value. Header parameters are left out; `*` is no address.
    #[must_use]
    pub fn parse(value: &'a str) -> Option<Self> {
        let text = match bracketed(value) {
            Some(inner) => inner,
            // Without brackets everything after the first `;` belongs to the header (RFC 3261 §20.10).
            None => split_list(value, b';').next()?,
        };
        let text = text.trim();
        (text.contains(':')).then(|| Self { text, uri: Uri::parse(text) })
    }
}

/// What stands between `<` and `>`, a quoted display name skipped.
pub(super) fn bracketed(value: &str) -> Option<&str> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => return value[at + 1..].split_once('>').map(|(inner, _)| inner),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirects_contact_gives_host_port_maddr_and_transport() {
        let value = r#""Worker, <1>" <sip:um1.contoso.com:5066;transport=Tls;maddr=192.0.2.11>;q=0.5"#;
        let uri = Address::parse(value).and_then(|address| address.uri).unwrap();
        assert_eq!((uri.host, uri.port, uri.secure), ("um1.contoso.com", Some(5066), false));
        assert_eq!(uri.parameter("transport"), Some("Tls"));
        assert_eq!(uri.destination(), "192.0.2.11");
    }

    #[test]
    fn an_ipv6_host_loses_its_brackets_only_as_destination() {
        let uri = Uri::parse("sips:[2001:db8::10]:5061").unwrap();
        assert_eq!((uri.host, uri.destination(), uri.port), ("[2001:db8::10]", "2001:db8::10", Some(5061)));
        assert!(Uri::parse("sip:2001:db8::10").is_none());
    }

    #[test]
    fn parameters_outside_the_brackets_belong_to_the_header() {
        let address = Address::parse("sip:a@h;expires=5").unwrap();
        assert_eq!(address.text, "sip:a@h");
        assert!(Address::parse("*").is_none());
        assert!(Address::parse("<tel:+14255550100>").unwrap().uri.is_none());
    }

    #[test]
    fn a_user_part_may_hold_an_at_sign_escape_and_semicolons() {
        let uri = Uri::parse("sip:user;par=u%40example.net@example.com").unwrap();
        assert_eq!((uri.user, uri.host), (Some("user;par=u%40example.net"), "example.com"));
    }
}
