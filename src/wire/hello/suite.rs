//! Cipher suites that servers of TLS 1.2 and below may choose (IANA TLS Cipher Suites registry).

/// Number, name, and whether modern libraries speak it (ephemeral key exchange, authenticated encryption).
const SUITES: &[(u16, &str, bool)] = &[
    (0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", true),
    (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", true),
    (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", true),
    (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", true),
    (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", true),
    (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", true),
    (0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", false),
    (0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", false),
    (0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", false),
    (0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", false),
    (0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", false),
    (0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", false),
    (0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", false),
    (0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", false),
    (0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", false),
    (0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", false),
    (0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", false),
    (0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", false),
    (0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", false),
    (0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", false),
    (0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", false),
    (0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", false),
    (0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", false),
    (0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256", false),
    (0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", false),
    (0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", false),
    (0x0084, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA", false),
    (0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", false),
    (0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", false),
    (0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", false),
    (0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", false),
    (0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA", false),
    (0x0005, "TLS_RSA_WITH_RC4_128_SHA", false),
    (0x0004, "TLS_RSA_WITH_RC4_128_MD5", false),
    (0x0009, "TLS_RSA_WITH_DES_CBC_SHA", false),
];

/// All numbers, best first.
pub(super) fn numbers() -> impl ExactSizeIterator<Item = u16> {
    SUITES.iter().map(|(number, ..)| *number)
}

/// A suite's registered name; its number where it is none of ours.
#[must_use]
pub fn suite_name(number: u16) -> String {
    let known = SUITES.iter().find(|(known, ..)| *known == number);
    known.map_or_else(|| format!("0x{number:04x}"), |(_, name, _)| (*name).to_owned())
}

/// Whether modern libraries speak a suite, so that it cannot be the reason for a refusal.
#[must_use]
pub fn is_modern(number: u16) -> bool {
    SUITES.iter().any(|(known, _, modern)| *known == number && *modern)
}
