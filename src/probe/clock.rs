//! The only clock: wall time that never goes back.

use std::time::Instant;

use jiff::Timestamp;

/// Wall time at its start, carried on by the monotonic clock: a stepped system clock never makes an age negative.
#[derive(Debug, Clone)]
pub struct Clock {
    wall: Timestamp,
    start: Instant,
}

impl Clock {
    /// Reads the system's clock once.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else uses")]
    pub fn start() -> Self {
        Self { wall: Timestamp::now(), start: Instant::now() }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.wall.checked_add(self.start.elapsed()).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_back() {
        let clock = Clock::start();
        let times: Vec<Timestamp> = (0..1000).map(|_| clock.now()).collect();
        assert!(times.is_sorted());
    }
}
