//! A certificate's thumbprint as Windows and Exchange write it: SHA-1 of the whole certificate.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Forty hexadecimal digits, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thumbprint(String);

impl Thumbprint {
    /// Reads one, with the blanks, colons and invisible marks that come along when it is copied from a Windows dialog.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let passed_over =
            |c: &char| !c.is_whitespace() && !matches!(c, ':' | '-' | '\u{200e}' | '\u{200f}' | '\u{feff}');
        let digits: String = text.chars().filter(passed_over).map(|c| c.to_ascii_lowercase()).collect();
        let is_one = digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then_some(Self(digits))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_read_as_it_is_copied_and_nothing_else_is() {
        let plain = "0123456789abcdef0123456789abcdef01234567";
        let copied = "\u{200e}01 23 45 67 89 ab cd ef 01 23 45 67 89 AB CD EF 01 23 45 67";
        assert_eq!(Thumbprint::parse(copied).unwrap().as_str(), plain);
        assert_eq!(Thumbprint::parse(plain).unwrap().to_string(), plain.to_uppercase());
        for wrong in ["", "0123", &plain[1..], &format!("{plain}0"), &plain.replace('a', "g"), &plain.replace('a', "é")]
        {
            assert_eq!(Thumbprint::parse(wrong), None, "{wrong}");
        }
    }
}
