//! Which names a certificate covers, and why not (RFC 9525), and whose name it carries as its subject.
//!
//! A DNS name is looked for among DNS names alone, an address among addresses alone; the common name never counts.

use std::net::IpAddr;

use serde::Serialize;

use super::Facts;
use crate::domain::name::{Fqdn, NameError};

/// What a certificate has to cover.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Required {
    /// A host name.
    Name(Fqdn),
    /// An address.
    Address(IpAddr),
}

impl Required {
    /// Reads a name or an address.
    ///
    /// # Errors
    /// [`NameError`] when it is neither.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match text.trim_matches(['[', ']']).parse() {
            Ok(address) => Ok(Self::Address(address)),
            Err(_) => Fqdn::parse(text).map(Self::Name),
        }
    }
}

impl std::fmt::Display for Required {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Why a certificate does not cover a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Uncovered {
    /// There is no SAN with DNS names or addresses in it.
    NoSan,
    /// Nothing in the SAN comes near.
    NoSanMatch,
    /// There is no such SAN, and the subject's common name says it; the common name never counts (RFC 9525 §2).
    CnOnly,
    /// A wildcard would have to stand for more or fewer than one label (RFC 9525 §6.3).
    WildcardOneLabel,
    /// A wildcard would have to stand for a part of a label.
    PartialWildcard,
    /// A wildcard stands elsewhere than in the left-most label.
    WildcardNotLeftMost,
    /// A wildcard directly below a top-level domain.
    WildcardTooWide,
    /// The address is written as a DNS name; clients look among IP addresses.
    IpInDnsSan,
    /// The name is only in a URI or another kind of entry.
    OtherKindOfSan,
    /// The certificate cannot be read, or there is none.
    Unreadable,
}

impl Uncovered {
    /// The word of JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NoSan => "no-san",
            Self::NoSanMatch => "no-san-match",
            Self::CnOnly => "cn-only",
            Self::WildcardOneLabel => "wildcard-one-label",
            Self::PartialWildcard => "partial-wildcard",
            Self::WildcardNotLeftMost => "wildcard-not-left-most",
            Self::WildcardTooWide => "wildcard-too-wide",
            Self::IpInDnsSan => "ip-in-dns-san",
            Self::OtherKindOfSan => "other-kind-of-san",
            Self::Unreadable => "unreadable",
        }
    }

    /// What it means, for people.
    #[must_use]
    pub fn explained(self) -> &'static str {
        match self {
            Self::NoSan => "it has no subject alternative names",
            Self::NoSanMatch => "none of its names is that one",
            Self::CnOnly => "only the common name says so, which never counts",
            Self::WildcardOneLabel => "a wildcard stands for exactly one label",
            Self::PartialWildcard => "a wildcard must be a whole label",
            Self::WildcardNotLeftMost => "a wildcard must be the left-most label",
            Self::WildcardTooWide => "a wildcard needs two labels behind it",
            Self::IpInDnsSan => "the address stands among the DNS names, where nobody looks for it",
            Self::OtherKindOfSan => "only an entry of another kind says so",
            Self::Unreadable => "there is no certificate that can be read",
        }
    }
}

/// Why a server's certificate does not carry its own name as its subject. Lync and Exchange UM know a trusted peer by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectFault {
    /// The subject has no common name.
    NoCn,
    /// It is a wildcard.
    WildcardCn,
    /// It is another name.
    OtherCn,
}

impl Facts {
    /// Whether the SAN covers a name.
    #[must_use]
    pub fn covers(&self, name: &Fqdn) -> bool {
        self.dns_names.iter().any(|pattern| pattern_covers(pattern.as_str(), name.as_str()))
    }

    /// Whether the SAN covers what is required.
    ///
    /// # Errors
    /// The reason that comes nearest to how it was probably meant.
    pub fn coverage(&self, required: &Required) -> Result<(), Uncovered> {
        match required {
            Required::Name(name) if self.covers(name) => Ok(()),
            Required::Name(name) => Err(self.near_miss(name.as_str())),
            Required::Address(address) if self.ip_addresses.contains(address) => Ok(()),
            Required::Address(address) => Err(self.address_miss(*address)),
        }
    }

    /// Whether the subject's common name is the server's own.
    ///
    /// # Errors
    /// What it is instead.
    pub fn subject_is(&self, own: &Fqdn) -> Result<(), SubjectFault> {
        match self.subject_cn.as_ref().map(|cn| cn.as_str().trim()) {
            None => Err(SubjectFault::NoCn),
            Some(cn) if cn.contains('*') => Err(SubjectFault::WildcardCn),
            Some(cn) if Fqdn::parse(cn).is_ok_and(|cn| cn == *own) => Ok(()),
            Some(_) => Err(SubjectFault::OtherCn),
        }
    }

    fn near_miss(&self, name: &str) -> Uncovered {
        let of_patterns = self
            .dns_names
            .iter()
            .filter_map(|pattern| pattern_miss(pattern.as_str(), name))
            .min_by_key(|miss| NEAREST.iter().position(|known| known == miss));
        if let Some(miss) = of_patterns {
            return miss;
        }
        if self.other_names.iter().any(|other| names_host(other.value.as_str(), name)) {
            return Uncovered::OtherKindOfSan;
        }
        self.without_match(|cn| pattern_covers(&cn.to_lowercase(), name))
    }

    fn address_miss(&self, address: IpAddr) -> Uncovered {
        let is_it = |text: &str| text.parse::<IpAddr>().is_ok_and(|found| found == address);
        if self.dns_names.iter().any(|name| is_it(name.as_str())) {
            return Uncovered::IpInDnsSan;
        }
        self.without_match(is_it)
    }

    fn without_match(&self, says: impl Fn(&str) -> bool) -> Uncovered {
        if !self.dns_names.is_empty() || !self.ip_addresses.is_empty() {
            Uncovered::NoSanMatch
        } else if self.subject_cn.as_ref().is_some_and(|cn| says(cn.as_str())) {
            Uncovered::CnOnly
        } else {
            Uncovered::NoSan
        }
    }
}

/// Reasons that a pattern can give, the likeliest intention first.
const NEAREST: &[Uncovered] = &[
    Uncovered::WildcardOneLabel,
    Uncovered::PartialWildcard,
    Uncovered::WildcardNotLeftMost,
    Uncovered::WildcardTooWide,
];

/// Whether a DNS name of the SAN covers a name. Both in lower case; the trailing dot is no part of a name.
fn pattern_covers(pattern: &str, name: &str) -> bool {
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    match pattern.strip_prefix("*.") {
        Some(parent) => parent.contains('.') && name.split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => pattern == name,
    }
}

/// What a pattern was probably meant to cover, when it holds a wildcard.
fn pattern_miss(pattern: &str, name: &str) -> Option<Uncovered> {
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    if !pattern.contains('*') || pattern.len() > 253 {
        return None;
    }
    if let Some(parent) = pattern.strip_prefix("*.").filter(|parent| !parent.contains('*')) {
        let below = name == parent || name.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'));
        let too_wide = !parent.contains('.') && name.split_once('.').is_some_and(|(_, rest)| rest == parent);
        return match (too_wide, below) {
            (true, _) => Some(Uncovered::WildcardTooWide),
            (_, true) => Some(Uncovered::WildcardOneLabel),
            _ => None,
        };
    }
    let (patterns, labels): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), name.split('.').collect());
    let fits = patterns.len() == labels.len() && patterns.iter().zip(&labels).all(|(p, label)| label_fits(p, label));
    let elsewhere = patterns.iter().skip(1).any(|label| label.contains('*'));
    fits.then_some(if elsewhere { Uncovered::WildcardNotLeftMost } else { Uncovered::PartialWildcard })
}

/// Whether a label with asterisks could be read as standing for a label: its ends fit.
fn label_fits(pattern: &str, label: &str) -> bool {
    match (pattern.split_once('*'), pattern.rsplit_once('*')) {
        (Some((start, _)), Some((_, end))) => {
            label.len() >= start.len() + end.len() && label.starts_with(start) && label.ends_with(end)
        }
        _ => pattern == label,
    }
}

/// Whether an entry of another kind, such as `sip:um1.contoso.com`, names a host.
fn names_host(value: &str, name: &str) -> bool {
    let value = value.to_lowercase();
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '*');
    value.split(|c| !inner(c)).any(|word| word.strip_suffix('.').unwrap_or(word) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(cn: Option<&str>, names: &[&str], addresses: &[&str]) -> Facts {
        Facts {
            subject_cn: cn.map(Into::into),
            dns_names: names.iter().map(|name| (*name).into()).collect(),
            ip_addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
            ..Facts::default()
        }
    }

    fn verdict(names: &[&str], required: &str) -> Result<(), Uncovered> {
        facts(None, names, &[]).coverage(&Required::parse(required).unwrap())
    }

    #[test]
    fn a_wildcard_stands_for_exactly_one_whole_left_most_label() {
        const UM1: &str = "UM1.tukwila.contoso.com.";
        assert_eq!(verdict(&["um1.tukwila.contoso.com"], UM1), Ok(()));
        assert_eq!(verdict(&["um1.tukwila.contoso.com."], UM1), Ok(()));
        assert_eq!(verdict(&["*.tukwila.contoso.com"], UM1), Ok(()));
        for (pattern, why) in [
            ("*.contoso.com", Uncovered::WildcardOneLabel),
            ("*.um1.tukwila.contoso.com", Uncovered::WildcardOneLabel),
            ("um*.tukwila.contoso.com", Uncovered::PartialWildcard),
            ("*m1.tukwila.contoso.com", Uncovered::PartialWildcard),
            ("um1.*.contoso.com", Uncovered::WildcardNotLeftMost),
            ("*.*.contoso.com", Uncovered::WildcardNotLeftMost),
            ("*", Uncovered::NoSanMatch),
            ("*.", Uncovered::NoSanMatch),
            ("*.dublin.contoso.com", Uncovered::NoSanMatch),
            ("um2.tukwila.contoso.com", Uncovered::NoSanMatch),
        ] {
            assert_eq!(verdict(&[pattern], UM1), Err(why), "{pattern}");
        }
        assert_eq!(verdict(&["*.com"], "contoso.com"), Err(Uncovered::WildcardTooWide));
        assert_eq!(verdict(&["*.contoso.com"], "contoso.com"), Err(Uncovered::WildcardOneLabel));
        assert_eq!(verdict(&["*.xn--bcher-kva.example"], "um1.bücher.example"), Ok(()));
    }

    #[test]
    fn the_common_name_never_counts_and_is_told_apart() {
        let um1 = Required::parse("um1.contoso.com").unwrap();
        assert_eq!(facts(Some("UM1.contoso.com"), &[], &[]).coverage(&um1), Err(Uncovered::CnOnly));
        assert_eq!(
            facts(Some("UM1.contoso.com"), &["um2.contoso.com"], &[]).coverage(&um1),
            Err(Uncovered::NoSanMatch)
        );
        assert_eq!(facts(Some("Exchange"), &[], &[]).coverage(&um1), Err(Uncovered::NoSan));
        assert_eq!(facts(Some("Exchange"), &["um2.contoso.com"], &[]).coverage(&um1), Err(Uncovered::NoSanMatch));
    }

    #[test]
    fn an_address_is_looked_for_among_addresses_alone() {
        let address = Required::parse("192.0.2.11").unwrap();
        assert_eq!(facts(None, &[], &["192.0.2.11"]).coverage(&address), Ok(()));
        assert_eq!(facts(None, &["192.0.2.11"], &[]).coverage(&address), Err(Uncovered::IpInDnsSan));
        assert_eq!(facts(Some("192.0.2.11"), &["um1.contoso.com"], &[]).coverage(&address), Err(Uncovered::NoSanMatch));
        assert_eq!(facts(None, &["*.0.2.11"], &[]).coverage(&address), Err(Uncovered::NoSanMatch));
        let six = Required::parse("[2001:db8::1]").unwrap();
        assert_eq!(facts(None, &[], &["2001:db8::1"]).coverage(&six), Ok(()));
    }

    #[test]
    fn the_subject_is_the_servers_own_name_and_no_wildcard() {
        let own = Fqdn::parse("um1.contoso.com").unwrap();
        assert_eq!(facts(Some("UM1.contoso.com"), &[], &[]).subject_is(&own), Ok(()));
        assert_eq!(facts(Some("*.contoso.com"), &[], &[]).subject_is(&own), Err(SubjectFault::WildcardCn));
        assert_eq!(facts(Some("um2.contoso.com"), &[], &[]).subject_is(&own), Err(SubjectFault::OtherCn));
        assert_eq!(facts(None, &[], &[]).subject_is(&own), Err(SubjectFault::NoCn));
    }
}
