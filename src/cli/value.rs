//! Values that several commands take.

use std::time::Duration;

/// Reads a duration such as `20s`, `1m 30s`, `200ms`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let duration =
        humantime::parse_duration(text).map_err(|why| format!("{why}; write it as 200ms, 20s, 12m or 1h"))?;
    if duration.is_zero() { Err("must be longer than nothing".to_owned()) } else { Ok(duration) }
}
