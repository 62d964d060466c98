//! The URI of the command line: host, port, transport, and the name to ask for.

use crate::cli::Usage;
use crate::domain::name::Fqdn;
use crate::domain::server::Transport;
use crate::wire::sip::Uri;

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Host name or address, brackets taken off.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) transport: Transport,
    /// The name for the request and for the TLS handshake.
    pub(super) name: Fqdn,
}

impl Endpoint {
    pub(super) fn parse(text: &str, server_name: Option<&str>) -> Result<Self, Usage> {
        let form = "write sip:HOST:PORT;transport=tcp, sip:HOST:PORT;transport=udp or sips:HOST:PORT";
        let wrong = |why: &str| Usage(format!("{text}: {why}; {form}"));
        let uri = Uri::parse(text).ok_or_else(|| wrong("no SIP URI"))?;
        if uri.user.is_some() {
            return Err(wrong("a listener is asked, not a user"));
        }
        let transport = match (uri.secure, uri.parameter("transport").map(str::to_ascii_lowercase).as_deref()) {
            (true, None | Some("tls" | "tcp")) | (false, Some("tls")) => Transport::Tls,
            (false, None | Some("tcp")) => Transport::Tcp,
            (false, Some("udp")) => Transport::Udp,
            (_, Some(other)) => return Err(wrong(&format!("no transport {other:?} here"))),
        };
        let port = uri.port.unwrap_or(if transport.is_tls() { 5061 } else { 5060 });
        if port == 0 {
            return Err(wrong("port 0 cannot be asked"));
        }
        let host = uri.host.trim_matches(['[', ']']).to_owned();
        if host.contains(':') && server_name.is_none() {
            return Err(Usage(format!("{text}: with an IPv6 address say --server-name NAME, the name to ask for")));
        }
        let name = super::name(server_name.unwrap_or(&host))?;
        Ok(Self { host, port, transport, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_gives_host_port_and_transport() {
        for (text, host, port, transport) in [
            ("sip:um1.contoso.com:5060;transport=udp", "um1.contoso.com", 5060, Transport::Udp),
            ("sip:um1.contoso.com;transport=TCP", "um1.contoso.com", 5060, Transport::Tcp),
            ("sip:um1.contoso.com:5062", "um1.contoso.com", 5062, Transport::Tcp),
            ("sip:um1.contoso.com;transport=tls", "um1.contoso.com", 5061, Transport::Tls),
            ("SIPS:192.0.2.11", "192.0.2.11", 5061, Transport::Tls),
        ] {
            let endpoint = Endpoint::parse(text, None).unwrap();
            assert_eq!((endpoint.host.as_str(), endpoint.port, endpoint.transport), (host, port, transport), "{text}");
        }
        let endpoint = Endpoint::parse("sips:[2001:db8::1]:5063", Some("um1.contoso.com")).unwrap();
        assert_eq!((endpoint.host.as_str(), endpoint.name.as_str()), ("2001:db8::1", "um1.contoso.com"));
    }

    #[test]
    fn what_cannot_be_asked_is_a_usage_error() {
        for text in [
            "um1:5061",
            "http://um1",
            "sip:",
            "sip:um1:99999",
            "sip:user@um1",
            "sip:um1;transport=sctp",
            "sips:um1;transport=udp",
            "sip:[2001:db8::1]",
            "sip:um1:0",
        ] {
            assert!(Endpoint::parse(text, None).is_err(), "{text}");
        }
    }
}
