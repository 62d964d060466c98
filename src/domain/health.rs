//! From observations to a judged state: what an answer means, how many in a row it takes, when a state is too old to show.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::observation::{SipAnswer, SipFailure, SipOutcome, TlsFailure};

/// The judged state of a thing, from this vantage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// Answers as it should.
    Up,
    /// Something is alive there, and it does not answer as it should.
    Degraded,
    /// Nothing answers.
    Down,
    /// Not known, or not known any more. Never a kind of Down.
    Unknown,
}

impl Health {
    /// The word on screen and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }
}

/// A round-trip time, in whole milliseconds: what it is for people who look whether somebody answers.
#[must_use]
pub fn round_trip(time: Duration) -> String {
    match time.as_millis() {
        0 => "<1 ms".to_owned(),
        ms => format!("{ms} ms"),
    }
}

/// What a probe's result means. Ordered from best to worst: hysteresis counts towards the worse with `fall`, towards the
/// better with `rise`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// 2xx or 3xx in good time.
    Answers,
    /// 2xx or 3xx, later than the declared limit.
    Slow,
    /// 401, 403, 404, 405, 481, 488, 501: the stack is alive, we are no peer of it.
    NotForUs,
    /// 480, 486, 503: alive and refusing calls: draining, full or disabled.
    Refusing,
    /// The certificate could be read, a session could not be opened from here.
    Unproven,
    /// Connected, and no SIP answer: not a peer, or hung.
    Silent,
    /// Connected, and what came back is no SIP.
    NotSip,
    /// 408, 500, 504, any other failure code: alive and ill.
    Ill,
    /// A redirect whose target does not answer.
    DeadEnd,
    /// Cut off: reset or closed by the peer before an answer.
    CutOff,
    /// The host says that nothing listens there.
    Refused,
    /// No answer to the connection attempt.
    Unreachable,
    /// The console itself could not try.
    NotTried,
}

impl Class {
    /// What a result means; `slow` is the limit for a good round-trip time.
    #[must_use]
    pub fn of(outcome: &SipOutcome, slow: Duration) -> Self {
        match &outcome.result {
            Ok(answer) => Self::of_answer(answer, slow),
            Err(failure) => Self::of_failure(failure),
        }
    }

    fn of_answer(answer: &SipAnswer, slow: Duration) -> Self {
        if let Some(redirect) = &answer.redirect {
            return match &redirect.result {
                Ok(behind) => Self::of_answer(behind, slow),
                Err(SipFailure::RedirectNotFollowed(_)) => Self::Answers,
                Err(_) => Self::DeadEnd,
            };
        }
        match answer.code {
            200..=399 if answer.rtt > slow => Self::Slow,
            200..=399 => Self::Answers,
            401 | 403 | 404 | 405 | 407 | 481 | 488 | 501 => Self::NotForUs,
            480 | 486 | 503 | 600 | 603 => Self::Refusing,
            _ => Self::Ill,
        }
    }

    fn of_failure(failure: &SipFailure) -> Self {
        match failure {
            SipFailure::Refused => Self::Refused,
            SipFailure::Unreachable(_) | SipFailure::ConnectTimeout => Self::Unreachable,
            SipFailure::Tls(TlsFailure::Legacy(_) | TlsFailure::ClientCertificate(_) | TlsFailure::Alert(_)) => {
                Self::Unproven
            }
            SipFailure::Tls(TlsFailure::CutOff) | SipFailure::Reset | SipFailure::Closed => Self::CutOff,
            SipFailure::Tls(TlsFailure::Timeout) | SipFailure::Silent => Self::Silent,
            SipFailure::Tls(TlsFailure::NotTls | TlsFailure::Other(_))
            | SipFailure::NotSip(_)
            | SipFailure::NotOurs(_) => Self::NotSip,
            SipFailure::RedirectNotFollowed(_) => Self::Answers,
            SipFailure::NoAddress(_) | SipFailure::Local(_) => Self::NotTried,
        }
    }

    /// The health that goes with it.
    #[must_use]
    pub fn health(self) -> Health {
        match self {
            Self::Answers | Self::Slow | Self::NotForUs | Self::Refusing => Health::Up,
            Self::Unproven | Self::Silent | Self::NotSip | Self::Ill | Self::DeadEnd => Health::Degraded,
            Self::CutOff | Self::Refused | Self::Unreachable => Health::Down,
            Self::NotTried => Health::Unknown,
        }
    }
}

/// How many results in a row change a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hysteresis {
    /// Towards the worse.
    pub fall: u32,
    /// Towards the better.
    pub rise: u32,
}

/// How many changes among the last [`RECENT`] raw results make a thing flap.
const FLAPS: usize = 5;
/// How many raw results are looked at for flapping.
const RECENT: usize = 20;

/// A state that follows raw results with hysteresis. The first result sets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracker<T> {
    /// The judged state.
    pub state: T,
    /// Since when it holds.
    pub since: Timestamp,
    /// Results in a row that speak for another state.
    streak: u32,
    /// Whether the streak speaks for the worse.
    worse: bool,
    /// The newest raw results, oldest first, at most [`RECENT`].
    recent: std::collections::VecDeque<T>,
}

impl<T: Copy + Ord> Tracker<T> {
    /// Starts with the first result.
    #[must_use]
    pub fn new(first: T, at: Timestamp) -> Self {
        Self { state: first, since: at, streak: 0, worse: false, recent: [first].into() }
    }

    /// Takes a raw result; greater is worse. Returns whether the state changed.
    pub fn absorb(&mut self, raw: T, at: Timestamp, counts: Hysteresis) -> bool {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(raw);
        if raw == self.state {
            self.streak = 0;
            return false;
        }
        let worse = raw > self.state;
        self.streak = if self.streak > 0 && worse == self.worse { self.streak + 1 } else { 1 };
        self.worse = worse;
        let needed = if worse { counts.fall } else { counts.rise };
        if self.streak < needed.max(1) {
            return false;
        }
        (self.state, self.since, self.streak) = (raw, at, 0);
        true
    }

    /// The newest raw result.
    #[must_use]
    pub fn raw(&self) -> T {
        self.recent.back().copied().unwrap_or(self.state)
    }

    /// Whether the newest raw result speaks for a worse state than the judged one.
    #[must_use]
    pub fn worsens(&self) -> bool {
        self.raw() > self.state
    }

    /// Whether raw results change so often that the state says little.
    #[must_use]
    pub fn flaps(&self) -> bool {
        let mut previous = self.recent.iter();
        let next = self.recent.iter().skip(1);
        let changes = previous.by_ref().zip(next).filter(|(a, b)| a != b).count();
        changes >= FLAPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: Hysteresis = Hysteresis { fall: 3, rise: 5 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn the_first_result_sets_the_state() {
        assert_eq!(Tracker::new(Class::Refused, at(0)).state, Class::Refused);
    }

    #[test]
    fn it_takes_fall_failures_in_a_row_to_go_down_and_rise_successes_to_come_back() {
        let mut tracker = Tracker::new(Class::Answers, at(0));
        let feed = |tracker: &mut Tracker<Class>, class, n: i64| {
            (0..n).map(|i| tracker.absorb(class, at(i), COUNTS)).collect::<Vec<_>>()
        };
        assert_eq!(feed(&mut tracker, Class::Refused, 2), [false, false]);
        feed(&mut tracker, Class::Answers, 1);
        assert_eq!(feed(&mut tracker, Class::Refused, 3), [false, false, true]);
        assert_eq!(tracker.since, at(2));
        assert_eq!(feed(&mut tracker, Class::Answers, 5), [false, false, false, false, true]);
    }

    #[test]
    fn failures_of_different_kinds_count_together() {
        let mut tracker = Tracker::new(Class::Answers, at(0));
        tracker.absorb(Class::Silent, at(1), COUNTS);
        tracker.absorb(Class::Refused, at(2), COUNTS);
        assert!(tracker.absorb(Class::CutOff, at(3), COUNTS));
        assert_eq!(tracker.state, Class::CutOff);
    }

    #[test]
    fn a_thing_that_changes_at_every_probe_flaps_and_a_steady_one_does_not() {
        let mut tracker = Tracker::new(Class::Answers, at(0));
        for i in 0..6 {
            tracker.absorb(if i % 2 == 0 { Class::Refused } else { Class::Answers }, at(i), COUNTS);
        }
        assert!(tracker.flaps());
        for i in 0..40 {
            tracker.absorb(Class::Answers, at(i), COUNTS);
        }
        assert!(!tracker.flaps());
    }

    #[test]
    fn sip_codes_are_classified_as_the_rules_say() {
        let answer = |code| SipAnswer {
            code,
            reason: "x".into(),
            server: None,
            diagnostics: None,
            retry_after: None,
            rtt: Duration::from_millis(5),
            redirect: None,
        };
        let class = |code| Class::of_answer(&answer(code), Duration::from_secs(1));
        for code in [200, 202, 302] {
            assert_eq!(class(code), Class::Answers, "{code}");
        }
        for code in [401, 403, 404, 405, 481, 488, 501] {
            assert_eq!((class(code), class(code).health()), (Class::NotForUs, Health::Up), "{code}");
        }
        for code in [480, 486, 503] {
            assert_eq!((class(code), class(code).health()), (Class::Refusing, Health::Up), "{code}");
        }
        for code in [408, 500, 504] {
            assert_eq!((class(code), class(code).health()), (Class::Ill, Health::Degraded), "{code}");
        }
        assert_eq!(Class::of_failure(&SipFailure::Silent).health(), Health::Degraded);
        assert_eq!(Class::of_failure(&SipFailure::Refused).health(), Health::Down);
    }
}
