//! Names between the domain's words and the codec's.

use hickory_proto::rr::Name;

use crate::domain::name::Fqdn;

/// The codec's form of a checked name: absolute, lower case.
#[must_use]
pub fn to_name(fqdn: &Fqdn) -> Name {
    // A checked name has 1 to 63 octets in each label and at most 253 in all, which is all that the codec asks for.
    let mut name = Name::from_labels(fqdn.as_str().split('.').map(str::as_bytes)).unwrap_or_else(|_| Name::root());
    name.set_fqdn(true);
    name
}

/// The domain's form of a name from the network, when it is a host name at all.
#[must_use]
pub fn to_fqdn(name: &Name) -> Option<Fqdn> {
    Fqdn::parse(&name.to_ascii()).ok()
}

/// A name as it stands in a message: labels with their lengths, lower case, never compressed (RFC 4034 §6.2).
#[must_use]
pub fn wire_form(name: &Name) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(name.len() + 1);
    for label in name {
        bytes.push(u8::try_from(label.len()).unwrap_or(63));
        bytes.extend(label.iter().take(63).map(u8::to_ascii_lowercase));
    }
    bytes.push(0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_name_with_an_underscore_survives_both_ways() {
        let fqdn = Fqdn::parse("_switchboard.tukwila.contoso.com").unwrap();
        assert_eq!(to_fqdn(&to_name(&fqdn)), Some(fqdn.clone()));
        assert!(to_name(&fqdn).is_fqdn());
        assert_eq!(wire_form(&to_name(&Fqdn::parse("a.bc").unwrap())), [1, b'a', 2, b'b', b'c', 0]);
    }

    #[test]
    fn the_longest_name_fits() {
        let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
        assert_eq!(wire_form(&to_name(&Fqdn::parse(&longest).unwrap())).len(), 255);
    }
}
