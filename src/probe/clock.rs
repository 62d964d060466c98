//! The only clock: wall time that never goes back and never stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Wall time carried on by the monotonic clock. A system clock that is set forward, or that went on while the machine slept,
/// takes it along; one that is set back does not, so that an age is never negative and never frozen.
#[derive(Debug, Clone)]
pub struct Clock {
    wall: Timestamp,
    start: Instant,
    /// How far the system's clock has run ahead of `wall` and the time since, in nanoseconds; only grows. Shared by clones.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// Reads the system's clock for the first time.
    #[must_use]
    pub fn start() -> Self {
        Self { wall: system_time(), start: Instant::now(), ahead: Arc::default() }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        // In this order: whatever comes between the two readings makes the lead too small for a moment. The other way round each
        // pause of this thread would stay in the clock for good.
        let system = system_time();
        let carried = self.carried();
        let ahead = system.duration_since(carried).as_nanos();
        let ahead = i64::try_from(ahead).unwrap_or(i64::MAX);
        let ahead = self.ahead.fetch_max(ahead, Ordering::Relaxed).max(ahead);
        carried.checked_add(SignedDuration::from_nanos(ahead)).unwrap_or(Timestamp::MAX)
    }

    /// What the system's clock says, right or wrong: signatures (RFC 8945) are made with it, and nothing else.
    #[must_use]
    pub fn system(&self) -> Timestamp {
        system_time()
    }

    fn carried(&self) -> Timestamp {
        self.wall.checked_add(self.start.elapsed()).unwrap_or(Timestamp::MAX)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else uses")]
fn system_time() -> Timestamp {
    Timestamp::now()
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

    #[test]
    fn threads_that_wait_for_a_processor_do_not_push_it_ahead() {
        let clock = Clock::start();
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| (0..20_000).map(|_| clock.now()).max());
            }
        });
        let now = clock.now();
        assert!(now <= clock.system() + SignedDuration::from_micros(1), "{now} is ahead of the system's clock");
    }

    #[test]
    fn a_clock_set_forward_is_followed_and_one_set_back_is_not() {
        let hour = SignedDuration::from_hours(1);
        let mut clock = Clock::start();
        // As if the system's clock had been an hour behind at the start.
        clock.wall = clock.wall.checked_sub(hour).unwrap();
        let now = clock.now();
        assert!(now.duration_since(clock.system()).abs() < SignedDuration::from_secs(60), "{now}");
        // As if it had been an hour ahead.
        clock.wall = clock.wall.checked_add(hour * 2).unwrap();
        let before = clock.now();
        assert!(before.duration_since(clock.system()) > hour / 2);
        assert!(clock.now() >= before);
    }
}
