//! The same update as a script for `nsupdate`: for zones that only take Kerberos, and for doing it by hand.

use std::fmt::Write as _;

use super::update::{UpdateError, check};
use crate::domain::act::{MarkerChange, RecordChange, RecordKind, Update};
use crate::domain::name::Fqdn;

/// The script, up to and with `send`.
///
/// # Errors
/// [`UpdateError`], as for the message; also for a text that a script cannot hold.
pub fn script(update: &Update) -> Result<String, UpdateError> {
    check(update)?;
    let (mut required, mut changed) = (String::new(), String::new());
    for change in &update.records {
        records(change, &mut required, &mut changed);
    }
    for change in &update.markers {
        marker(change, &mut required, &mut changed)?;
    }
    Ok(format!("zone {}.\n{required}{changed}send\n", update.zone))
}

fn records(change: &RecordChange, required: &mut String, changed: &mut String) {
    let kind = match change.kind {
        RecordKind::A => "A",
        RecordKind::Aaaa => "AAAA",
    };
    let RecordChange { name, before, after, .. } = change;
    require(required, name, kind, before.values.iter().map(ToString::to_string));
    if !change.is_absent() {
        line(changed, &format!("update delete {name}. {kind}"));
    }
    for value in &after.values {
        line(changed, &format!("update add {name}. {} {kind} {value}", after.ttl));
    }
}

fn marker(change: &MarkerChange, required: &mut String, changed: &mut String) -> Result<(), UpdateError> {
    let MarkerChange { name, ttl, before, after } = change;
    let before = before.iter().map(|text| quoted(name, text)).collect::<Result<Vec<_>, _>>()?;
    require(required, name, "TXT", before.into_iter());
    if let Some(after) = after {
        line(changed, &format!("update delete {name}. TXT"));
        line(changed, &format!("update add {name}. {ttl} TXT {}", quoted(name, after)?));
    }
    Ok(())
}

/// Lines of one name and type are one set to nsupdate: exactly these, or none.
fn require(script: &mut String, name: &Fqdn, kind: &str, values: impl ExactSizeIterator<Item = String>) {
    if values.len() == 0 {
        line(script, &format!("prereq nxrrset {name}. {kind}"));
    }
    for value in values {
        line(script, &format!("prereq yxrrset {name}. {kind} {value}"));
    }
}

/// A text in strings of at most 255 octets, each quoted. Nothing that could end a string or a line gets in.
fn quoted(name: &Fqdn, text: &str) -> Result<String, UpdateError> {
    let plain = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && !matches!(byte, b'"' | b'\\');
    if !text.bytes().all(plain) {
        return Err(UpdateError::Text(name.clone()));
    }
    let parts = text.as_bytes().chunks(255).map(|part| format!("\"{}\"", String::from_utf8_lossy(part)));
    Ok(parts.collect::<Vec<String>>().join(" "))
}

fn line(script: &mut String, text: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(script, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::act::RrSet;
    use crate::domain::name::BackendName;

    fn update(before: Option<&str>) -> Update {
        let name = |text| Fqdn::parse(text).unwrap();
        let set = |values: &[&str]| RrSet { ttl: 60, values: values.iter().map(|v| v.parse().unwrap()).collect() };
        Update {
            backend: BackendName::new("dns"),
            zone: name("contoso.com"),
            primary: "192.0.2.53:53".parse().unwrap(),
            records: vec![RecordChange {
                name: name("um1.contoso.com"),
                kind: RecordKind::A,
                before: set(&["192.0.2.11", "192.0.2.12"]),
                after: set(&["192.0.2.21"]),
            }],
            markers: vec![MarkerChange {
                name: name("_switchboard.tukwila.contoso.com"),
                ttl: 5,
                before: before.map(str::to_owned),
                after: Some("v=1;seq=2".to_owned()),
            }],
        }
    }

    #[test]
    fn the_script_says_what_the_message_says() {
        let expected = "zone contoso.com.\nprereq yxrrset um1.contoso.com. A 192.0.2.11\n\
            prereq yxrrset um1.contoso.com. A 192.0.2.12\nprereq nxrrset _switchboard.tukwila.contoso.com. TXT\n\
            update delete um1.contoso.com. A\nupdate add um1.contoso.com. 60 A 192.0.2.21\n\
            update delete _switchboard.tukwila.contoso.com. TXT\n\
            update add _switchboard.tukwila.contoso.com. 5 TXT \"v=1;seq=2\"\nsend\n";
        assert_eq!(script(&update(None)).unwrap(), expected);
        let long = script(&update(Some(&"x".repeat(300)))).unwrap();
        assert!(long.contains(&format!("TXT \"{}\" \"{}\"\n", "x".repeat(255), "x".repeat(45))));
    }

    #[test]
    fn no_text_ends_its_string_or_its_line() {
        for bad in ["a\"b", "a\\", "a\nsend", "a\tb", "ü"] {
            assert!(script(&update(Some(bad))).is_err(), "{bad:?}");
        }
    }
}
