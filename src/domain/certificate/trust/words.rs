//! What each reason means, for people: what is known, and what is a guess.

use super::TrustVerdict;

/// Reason, what it means.
const MEANINGS: &[(&str, &str)] = &[
    ("no-certificate", "nothing was presented"),
    ("unreadable", "the certificate cannot be read"),
    ("self-signed", "its own key signed it, and nobody else vouches for it"),
    ("unknown-issuer", "its issuer is none of these roots, and leads to none of them"),
    ("missing-intermediate", "its issuer is known here, leads to these roots, and was not sent"),
    ("revoked", "its issuer took it back"),
    ("expired", "its validity has ended"),
    ("not-yet-valid", "its validity has not begun"),
    ("weak-key", "an RSA key below 2048 bits"),
    ("weak-signature", "a signature whose hash can be forged"),
    ("bad-signature", "the issuer of that name did not sign it"),
    ("unknown-signature", "a signature that cannot be checked here"),
    ("wrong-purpose", "it was issued for another purpose"),
    ("name-constraint", "its authority may not vouch for such names"),
    ("path-length", "more authorities in the chain than one of them allows"),
    ("authority-as-leaf", "the certificate of an authority in place of a server's"),
    ("issuer-is-no-authority", "its issuer may not issue certificates"),
    ("unsupported-version", "a version of certificates that is too old"),
    ("unsupported-extension", "it has a critical extension that is not known here"),
    ("too-many-paths", "so many cross-signed authorities that the search was given up"),
    ("not-acceptable", "it is not acceptable to a strict library"),
];

/// The same where nobody has seen the issuer.
const GUESSES: &[(&str, &str)] = &[
    (
        "unknown-issuer",
        "nobody here has seen its issuer, and its name is of another house than these roots: probably a strange authority",
    ),
    (
        "missing-intermediate",
        "nobody here has seen its issuer; by its name it is of these roots' house: probably their intermediate, not sent",
    ),
];

impl TrustVerdict {
    /// What the reason means; of a guess, that it is one and what it rests on. `None` when trusted.
    #[must_use]
    pub fn explained(&self) -> Option<&'static str> {
        let why = self.why?;
        let of =
            |table: &[(&str, &'static str)]| table.iter().find(|(known, _)| *known == why).map(|(_, words)| *words);
        if self.guess { of(GUESSES).or_else(|| of(MEANINGS)) } else { of(MEANINGS) }
    }
}
