//! Header fields: compact names, lists in one field, parameters.

/// Compact forms (RFC 3261 §7.3.3 and §20; RFC 3515, 4028, 3841, 6665, 4474).
const COMPACT: &[(&str, &str)] = &[
    ("v", "Via"),
    ("f", "From"),
    ("t", "To"),
    ("i", "Call-ID"),
    ("m", "Contact"),
    ("l", "Content-Length"),
    ("c", "Content-Type"),
    ("e", "Content-Encoding"),
    ("k", "Supported"),
    ("s", "Subject"),
    ("o", "Event"),
    ("r", "Refer-To"),
    ("b", "Referred-By"),
    ("u", "Allow-Events"),
    ("x", "Session-Expires"),
    ("a", "Accept-Contact"),
    ("j", "Reject-Contact"),
    ("d", "Request-Disposition"),
    ("y", "Identity"),
];

/// Whether a field's name, as it was written, means this header.
pub(super) fn is_named(written: &str, name: &str) -> bool {
    written.eq_ignore_ascii_case(name)
        || (written.len() == 1
            && COMPACT
                .iter()
                .any(|(short, long)| short.eq_ignore_ascii_case(written) && long.eq_ignore_ascii_case(name)))
}

/// A character of a SIP token (RFC 3261 §25.1).
pub(super) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~')
}

/// Whether a text is a SIP token.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// Splits at an ASCII separator, but not inside quotes or angle brackets. Blank parts are left out; parts come trimmed.
pub fn split_list(value: &str, separator: u8) -> impl Iterator<Item = &str> {
    split_keeping_blank(value, separator).filter(|part| !part.is_empty())
}

/// As [`split_list`], with blank parts kept: a list that ends in a comma has one.
pub(super) fn split_keeping_blank(value: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let (part, after) = match cut_at(text, separator) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        rest = after;
        Some(part.trim())
    })
}

/// Where the first separator outside quotes and angle brackets is.
fn cut_at(text: &str, separator: u8) -> Option<usize> {
    let (mut quoted, mut escaped, mut angled) = (false, false, false);
    // Everything looked for is ASCII, and no byte of a longer character is: bytes are enough, and quicker.
    let start = text.bytes().position(|byte| byte == separator || byte == b'"' || byte == b'<')?;
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => angled = true,
            b'>' if !quoted => angled = false,
            byte if byte == separator && !quoted && !angled => return Some(at),
            _ => {}
        }
    }
    None
}

/// A parameter of a header value (`;name=value`), unquoted. `Some("")` for a parameter without a value.
pub fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    split_list(value, b';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        key.trim_end().eq_ignore_ascii_case(name).then(|| unquoted(value.trim()))
    })
}

/// Takes the quotes off; escapes inside are left as they are.
pub(super) fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_outside_quotes_and_angle_brackets_only() {
        let value = r#""Fu, \"Bar" <sip:a,b@h;x=1>;q=0.1, <sip:c@d>, sip:e@f,"#;
        let parts: Vec<&str> = split_list(value, b',').collect();
        assert_eq!(parts, [r#""Fu, \"Bar" <sip:a,b@h;x=1>;q=0.1"#, "<sip:c@d>", "sip:e@f"]);
    }

    #[test]
    fn compact_names_mean_the_long_ones_in_any_case() {
        assert!(is_named("v", "Via") && is_named("V", "via") && is_named("CALL-ID", "Call-ID"));
        assert!(!is_named("v", "From") && !is_named("z", "Via"));
    }

    #[test]
    fn a_parameter_is_found_in_any_case_and_unquoted() {
        let value = r#"15030;reason="Failed; to route";Source="um1.contoso.com";flag"#;
        assert_eq!(parameter(value, "REASON"), Some("Failed; to route"));
        assert_eq!(parameter(value, "source"), Some("um1.contoso.com"));
        assert_eq!(parameter(value, "flag"), Some(""));
        assert_eq!(parameter(value, "15030"), None);
    }
}
