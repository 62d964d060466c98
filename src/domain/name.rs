//! Names of things: hosts, sites, dial plans, backends. Each is a type of its own, so that one is never taken for another.
//!
//! Knows nothing of addresses and asks no resolver.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A host name or zone name as DNS compares it: lower case, A-labels, without the trailing dot (RFC 1034 §3.1, RFC 5890).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fqdn(String);

/// Why a text is no host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was written.
    #[error("a name is empty")]
    Empty,
    /// RFC 1035 §2.3.4.
    #[error("{0:?} is longer than the 253 characters of a DNS name")]
    TooLong(String),
    /// A label is empty, too long, or holds a character that a host name does not have.
    #[error("{0:?} is not a host name: letters, digits and hyphens in labels of 1 to 63, joined by dots")]
    Malformed(String),
}

impl Fqdn {
    /// Reads a host name in any case, with or without trailing dot, U-labels allowed.
    ///
    /// # Errors
    /// [`NameError`] when DNS could not hold it. An underscore is allowed at the start of a label (RFC 8552).
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let ascii = if text.is_ascii() {
            text.to_ascii_lowercase()
        } else {
            idna::domain_to_ascii(text).map_err(|_| NameError::Malformed(text.to_owned()))?
        };
        if ascii.len() > 253 {
            return Err(NameError::TooLong(ascii));
        }
        if ascii.split('.').all(is_label) { Ok(Self(ascii)) } else { Err(NameError::Malformed(ascii)) }
    }

    /// The name without trailing dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The left-most label: `um1` of `um1.tukwila.contoso.com`.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }

    /// Whether this name is the zone's apex or lies below it, compared label by label.
    #[must_use]
    pub fn is_within(&self, zone: &Self) -> bool {
        self == zone || self.0.strip_suffix(zone.as_str()).is_some_and(|rest| rest.ends_with('.'))
    }

    /// How many labels it has.
    #[must_use]
    pub fn label_count(&self) -> usize {
        self.0.split('.').count()
    }
}

fn is_label(label: &str) -> bool {
    let inner = label.strip_prefix('_').unwrap_or(label);
    (1..=63).contains(&label.len())
        && !inner.is_empty()
        && !inner.starts_with('-')
        && !inner.ends_with('-')
        && inner.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl fmt::Display for Fqdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Fqdn {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<Fqdn> for String {
    fn from(name: Fqdn) -> Self {
        name.0
    }
}

/// Declares a name that is compared as it was written.
macro_rules! plain_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the name over; the configuration room has checked it.
            #[must_use]
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            /// The name as written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

plain_name! {
    /// A data centre with UM servers.
    SiteName
}
plain_name! {
    /// A SIP-URI dial plan.
    DialPlanName
}
plain_name! {
    /// A way of changing or reading the world, as the topology file names it.
    BackendName
}
plain_name! {
    /// An Active Directory forest.
    ForestName
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_compared_without_case_and_trailing_dot() {
        assert_eq!(Fqdn::parse("UM1.Tukwila.contoso.com."), Fqdn::parse("um1.tukwila.contoso.com"));
    }

    #[test]
    fn a_zone_holds_whole_labels_only() {
        let zone = Fqdn::parse("contoso.com").unwrap();
        assert!(Fqdn::parse("um1.contoso.com").unwrap().is_within(&zone));
        assert!(zone.is_within(&zone));
        assert!(!Fqdn::parse("um1.notcontoso.com").unwrap().is_within(&zone));
    }

    #[test]
    fn what_dns_cannot_hold_is_refused() {
        for bad in ["", ".", "a..b", "-a.b", "a-.b", "a b", "*.contoso.com", &"a".repeat(64), &"a.".repeat(130)] {
            assert!(Fqdn::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Fqdn::parse("bücher.example").unwrap().as_str(), "xn--bcher-kva.example");
    }
}
