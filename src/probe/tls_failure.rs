//! What a broken TLS session means.

use rustls::{AlertDescription, Error};

use crate::domain::clean::Clean;
use crate::domain::observation::TlsFailure;

use super::connection::Broken;
use super::tls::Witness;

/// Alerts with which a peer says no to the certificate that it got, or did not get.
const ABOUT_CERTIFICATE: &[AlertDescription] = &[
    AlertDescription::CertificateRequired,
    AlertDescription::NoCertificate,
    AlertDescription::BadCertificate,
    AlertDescription::UnsupportedCertificate,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateUnknown,
    AlertDescription::UnknownCA,
    AlertDescription::AccessDenied,
    AlertDescription::HandshakeFailure,
    AlertDescription::DecryptError,
];

/// Whether bytes could begin a TLS record (RFC 8446 §5.1).
pub(super) fn looks_like_tls(first: &[u8]) -> bool {
    match first {
        [] => true,
        [kind] => (20..=23).contains(kind),
        [kind, major, ..] => (20..=23).contains(kind) && *major == 3,
    }
}

/// Names what ended a handshake, or a session before its first answer.
pub(super) fn name(broken: &Broken, witness: &Witness, first: &[u8]) -> TlsFailure {
    if !looks_like_tls(first) {
        return TlsFailure::NotTls;
    }
    match broken {
        Broken::Tls(Error::AlertReceived(alert)) => {
            if witness.was_asked() && ABOUT_CERTIFICATE.contains(alert) {
                return TlsFailure::ClientCertificate(certificate_refused(witness, &alert_name(*alert)));
            }
            TlsFailure::Alert(alert_name(*alert).into())
        }
        Broken::Tls(error) => TlsFailure::Other(error.to_string().into()),
        // Windows closes without a word when it wanted a certificate.
        _ if witness.was_asked() && !witness.shows() => {
            TlsFailure::ClientCertificate(certificate_refused(witness, "it closed the connection"))
        }
        Broken::Closed | Broken::Io(_) => TlsFailure::CutOff,
    }
}

fn certificate_refused(witness: &Witness, how: &str) -> Clean {
    let shown = if witness.shows() { "it did not accept ours" } else { "none was shown" };
    format!("{shown} ({how})").into()
}

/// Whether reading the certificate in clear text is worth a try: the peer may be too old for the library.
pub(super) fn may_be_legacy(broken: &Broken, witness: &Witness) -> bool {
    if witness.has_seen_chain() {
        return false;
    }
    match broken {
        Broken::Tls(Error::AlertReceived(alert)) => matches!(
            *alert,
            AlertDescription::HandshakeFailure
                | AlertDescription::ProtocolVersion
                | AlertDescription::InsufficientSecurity
                | AlertDescription::IllegalParameter
                | AlertDescription::DecodeError
                | AlertDescription::InternalError
                | AlertDescription::UnexpectedMessage
        ),
        Broken::Tls(error) => {
            matches!(error, Error::PeerIncompatible(_) | Error::PeerMisbehaved(_) | Error::InvalidMessage(_))
        }
        Broken::Closed | Broken::Io(_) => true,
    }
}

/// An alert's name as RFC 8446 §6 writes it: `handshake_failure`.
pub(super) fn alert_name(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::UnknownCA => "unknown_ca".to_owned(),
        AlertDescription::UnrecognisedName => "unrecognized_name".to_owned(),
        AlertDescription::UnknownPSKIdentity => "unknown_psk_identity".to_owned(),
        AlertDescription::UserCanceled => "user_canceled".to_owned(),
        other => snake_case(&format!("{other:?}")),
    }
}

fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (at, c) in name.char_indices() {
        if c.is_ascii_uppercase() && at > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_names_of_the_rfc() {
        for (alert, name) in [
            (AlertDescription::HandshakeFailure, "handshake_failure"),
            (AlertDescription::ProtocolVersion, "protocol_version"),
            (AlertDescription::UnknownCA, "unknown_ca"),
            (AlertDescription::UnrecognisedName, "unrecognized_name"),
            (AlertDescription::CertificateRequired, "certificate_required"),
        ] {
            assert_eq!(alert_name(alert), name);
        }
    }

    #[test]
    fn the_first_bytes_tell_tls_from_everything_else() {
        assert!(looks_like_tls(&[22, 3, 1]) && looks_like_tls(&[21]) && looks_like_tls(&[]));
        assert!(!looks_like_tls(b"SIP/2.0 400") && !looks_like_tls(&[22, 1]) && !looks_like_tls(b"\r\n"));
    }
}
