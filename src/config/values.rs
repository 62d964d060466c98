//! Values that are written as text: names, addresses, durations, versions, numbers.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::reader::Bad;
use super::suggest;
use super::table::quoted;
use crate::domain::certificate::Thumbprint;
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::domain::server::Version;

/// A text that screens and logs can show as it is.
pub(super) fn shown(text: &str) -> Result<String, Bad> {
    if text.trim().is_empty() {
        return Err(Bad::new("the text is empty"));
    }
    if Clean::new(text).as_str() != text {
        return Err(Bad::new("the text holds control or invisible characters, or is longer than 500"));
    }
    Ok(text.to_owned())
}

/// A host name.
pub(super) fn fqdn(text: &str) -> Result<Fqdn, Bad> {
    if text.parse::<IpAddr>().is_ok() {
        return Err(Bad::new(format!("{} is an address where a name is wanted", quoted(text))));
    }
    Fqdn::parse(text).map_err(|error| {
        let bad = Bad::new(error.to_string());
        if is_uri(text) { bad.help("write the name alone, without scheme and port") } else { bad }
    })
}

/// One of a few words.
pub(super) fn word<T: Copy>(key: &str, text: &str, words: &[(&str, T)]) -> Result<T, Bad> {
    let known = || words.iter().map(|(word, _)| *word);
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| Bad {
        message: format!("`{key}` knows no {}", quoted(text)),
        help: suggest::advice(text, known()),
    })
}

/// A certificate's thumbprint.
pub(super) fn thumbprint(text: &str) -> Result<Thumbprint, Bad> {
    Thumbprint::parse(text).ok_or_else(|| {
        Bad::new(format!("{} is no thumbprint", quoted(text)))
            .help("write the 40 hexadecimal digits that Windows shows, such as the `SHA-1` of `switchboard cert`")
    })
}

/// A duration within bounds.
pub(super) fn duration(key: &str, text: &str, bounds: &RangeInclusive<Duration>) -> Result<Duration, Bad> {
    let read = humantime::parse_duration(text).map_err(|_| {
        Bad::new(format!("{} is no duration", quoted(text)))
            .help("write a number and a unit: \"200ms\", \"5s\", \"12m\", \"1h\", \"30d\"")
    })?;
    if bounds.contains(&read) {
        return Ok(read);
    }
    let of = |d: &Duration| humantime::format_duration(*d).to_string();
    Err(Bad::new(format!("`{key}` wants {} to {}, not {}", of(bounds.start()), of(bounds.end()), quoted(text))))
}

/// A host's address.
pub(super) fn address(text: &str) -> Result<IpAddr, Bad> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let read = bare.parse().map_err(|_| {
        let bad = Bad::new(format!("{} is no IP address", quoted(text)));
        if text.parse::<SocketAddr>().is_ok() {
            bad.help("write the address without a port")
        } else if is_uri(text) {
            bad.help("write the address alone, without scheme")
        } else if Fqdn::parse(text).is_ok() && text.contains(|c: char| c.is_ascii_alphabetic()) {
            bad.help("a name is looked up at the resolvers; here its address is wanted")
        } else {
            bad.help("write it as \"192.0.2.11\" or \"2001:db8::11\"")
        }
    })?;
    reachable(read, text)
}

/// Addresses that no single host has.
fn reachable(address: IpAddr, text: &str) -> Result<IpAddr, Bad> {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    if address.is_unspecified() || address.is_multicast() || broadcast {
        return Err(Bad::new(format!("{} is not the address of one host", quoted(text))));
    }
    Ok(address)
}

/// An address and a port; the port may be left out where one is usual.
pub(super) fn endpoint(text: &str, usual: Option<u16>) -> Result<SocketAddr, Bad> {
    if let Ok(written) = text.parse::<SocketAddr>() {
        reachable(written.ip(), text)?;
        return if written.port() == 0 { Err(bad_port(text)) } else { Ok(written) };
    }
    if let Some((host, port)) = text.rsplit_once(':')
        && address(host).is_ok()
        && (host.starts_with('[') || !host.contains(':'))
        && port.parse::<u16>().is_err()
    {
        return Err(bad_port(text));
    }
    match (address(text), usual) {
        (Ok(address), Some(port)) => Ok(SocketAddr::new(address, port)),
        (Ok(_), None) => Err(Bad::new(format!("{} has no port", quoted(text)))
            .help("write it as \"192.0.2.11:5061\" or \"[2001:db8::11]:5061\"")),
        (Err(_), _) => Err(Bad::new(format!("{} is no address and port", quoted(text)))
            .help("write it as \"192.0.2.53:53\" or \"[2001:db8::53]:53\"; names are not looked up here")),
    }
}

fn bad_port(text: &str) -> Bad {
    Bad::new(format!("{} has no usable port: ports go from 1 to 65535", quoted(text)))
}

/// An Exchange version that has Unified Messaging.
pub(super) fn version(text: &str) -> Result<Version, Bad> {
    let read = Version::parse(text).ok_or_else(|| {
        Bad::new(format!("{} is no Exchange version", quoted(text)))
            .help("write the number: 14.3 is Exchange 2010 SP3, 15.0 is 2013, 15.1 is 2016")
    })?;
    match (read.major, read.minor) {
        (15, 2..) => {
            Err(Bad::new(format!("{} is Exchange 2019 or later, which has no Unified Messaging", quoted(text))))
        }
        (8 | 14 | 15, _) => Ok(read),
        _ => Err(Bad::new(format!("no Exchange with Unified Messaging has the version {}", quoted(text)))
            .help("14.3 is Exchange 2010 SP3, 15.0 is 2013, 15.1 is 2016")),
    }
}

/// A UCMA version.
pub(super) fn ucma(text: &str) -> Result<Version, Bad> {
    let wrong = || Bad::new(format!("{} is no UCMA version", quoted(text))).help("write it as \"4.0\"");
    Version::parse(text).filter(|version| (2..=5).contains(&version.major)).ok_or_else(wrong)
}

/// A telephone number in E.164 form: `+`, country code, at most 15 digits.
pub(super) fn number(text: &str) -> Result<String, Bad> {
    if is_e164(text) {
        return Ok(text.to_owned());
    }
    let bad = Bad::new(format!("{} is no E.164 number", quoted(text)));
    let tight: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    Err(if is_e164(&tight) {
        bad.help(format!("write it as \"{tight}\""))
    } else {
        bad.help("write +, the country code and the number, 2 to 15 digits: \"+14255550100\"")
    })
}

fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (2..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// An argument of a command.
pub(super) fn argument(text: &str) -> Result<String, Bad> {
    if text.contains('\0') { Err(Bad::new("an argument cannot hold a NUL character")) } else { Ok(text.to_owned()) }
}

fn is_uri(text: &str) -> bool {
    text.contains("://") || ["sip:", "sips:", "tel:"].iter().any(|scheme| text.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_read_in_every_usual_form() {
        let read = |text| endpoint(text, Some(53)).unwrap().to_string();
        assert_eq!(read("192.0.2.53"), "192.0.2.53:53");
        assert_eq!(read("192.0.2.53:5353"), "192.0.2.53:5353");
        assert_eq!(read("::1"), "[::1]:53");
        assert_eq!(read("[::1]"), "[::1]:53");
        assert_eq!(read("[::1]:5353"), "[::1]:5353");
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for bad in
            ["", "ns1.contoso.com", "192.0.2.53:0", "192.0.2.53:65536", "192.0.2.256", "[::1", "0.0.0.0:53", "a:53"]
        {
            assert!(endpoint(bad, Some(53)).is_err(), "{bad}");
        }
        assert!(endpoint("192.0.2.53", None).is_err());
        assert!(endpoint("192.0.2.53:99999", None).unwrap_err().message.contains("port"));
    }

    #[test]
    fn numbers_are_e164() {
        for good in ["+14255550100", "+49", "+123456789012345"] {
            assert!(number(good).is_ok(), "{good}");
        }
        for bad in ["", "+", "+1", "14255550100", "+04255550100", "+1234567890123456", "+1425555O100", "+١٢٣"] {
            assert!(number(bad).is_err(), "{bad}");
        }
        assert_eq!(number("+1 (425) 555-0100").unwrap_err().help.unwrap(), "write it as \"+14255550100\"");
    }

    #[test]
    fn a_version_without_unified_messaging_is_refused() {
        assert!(version("15.1.2507.6").is_ok() && version("14.3").is_ok());
        for bad in ["15.2", "16.0", "2013", "", "x"] {
            assert!(version(bad).is_err(), "{bad}");
        }
    }
}
