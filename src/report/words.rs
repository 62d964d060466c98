//! Times and durations in words that fit into a line.

use std::time::Duration;

use jiff::Timestamp;

/// How long ago something was, coarsely: `4 s`, `12 min`, `3 h`, `9 d`.
#[must_use]
pub fn ago(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(since.as_second()).max(0);
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A round-trip time: `0.8 ms` below ten, `12 ms` above.
#[must_use]
pub fn milliseconds(time: Duration) -> String {
    let exact = time.as_secs_f64() * 1000.0;
    if exact < 10.0 { format!("{exact:.1} ms") } else { format!("{exact:.0} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_grow_coarser_as_they_grow() {
        let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).unwrap();
        let words = |second| ago(at(0), at(second));
        assert_eq!(
            [words(-5), words(4), words(119), words(120), words(7200), words(200_000)],
            ["0 s", "4 s", "119 s", "2 min", "2 h", "2 d"]
        );
    }
}
