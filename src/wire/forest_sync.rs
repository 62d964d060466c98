//! The JSON that a forest's `sync` command prints: when user settings last went into the Lync forest, and whether a sample user has
//! them there.
//!
//! ```json
//! {"version": 1, "last_sync": "2026-11-22T03:00:00Z", "sample_user": "anna@contoso.com", "has_settings": true}
//! ```
//!
//! `sample_user` may be left out. Keys that are not named here are passed over.

use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::clean::Clean;
use crate::domain::observation::Sync;

#[derive(Debug, Deserialize)]
struct Document {
    version: u32,
    last_sync: Timestamp,
    #[serde(default)]
    sample_user: Option<String>,
    has_settings: bool,
}

/// The text is not the documented JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// Not JSON, or another shape.
    #[error("{0}")]
    Shape(Clean),
    /// Another version of the contract.
    #[error("version {0} of the sync JSON is not known here, only version 1")]
    Version(u32),
}

/// Reads what a `sync` command printed. A byte order mark, as PowerShell writes it, is passed over.
///
/// # Errors
/// [`SyncError`] for anything else.
pub fn parse(text: &[u8]) -> Result<Sync, SyncError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let document: Document =
        serde_json::from_slice(text).map_err(|error| SyncError::Shape(Clean::new(&error.to_string())))?;
    if document.version != 1 {
        return Err(SyncError::Version(document.version));
    }
    let user = document.sample_user.map(|user| Clean::new(&user));
    Ok(Sync { at: document.last_sync, sample: document.has_settings, user })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_command_prints_is_read_and_everything_else_is_refused() {
        let read = |text: &str| parse(text.as_bytes());
        let whole = r#"{"version":1,"last_sync":"2026-11-22T03:00:00Z","sample_user":"anna\u001b[2J","has_settings":true,"by":"ILM"}"#;
        let sync = read(whole).unwrap();
        assert_eq!((sync.at.to_string().as_str(), sync.sample), ("2026-11-22T03:00:00Z", true));
        assert!(!sync.user.unwrap().as_str().chars().any(char::is_control));
        assert_eq!(
            read(r#"{"version":2,"last_sync":"2026-11-22T03:00:00Z","has_settings":true}"#),
            Err(SyncError::Version(2))
        );
        for wrong in [
            "",
            "{}",
            r#"{"version":1,"last_sync":"yesterday","has_settings":true}"#,
            r#"{"version":1,"last_sync":"2026-11-22T03:00:00Z"}"#,
            r#"{"version":1,"last_sync":"2026-11-22T03:00:00Z","has_settings":"yes"}"#,
        ] {
            assert!(matches!(read(wrong), Err(SyncError::Shape(_))), "{wrong}");
        }
    }
}
