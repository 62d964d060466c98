//! Puts escape sequences together again that came in pieces: over a bad line `ESC` and `[D` may arrive in two packets, and
//! are read as Esc, `[` and `D` then, or, worse, a paste as keys.
//!
//! Pure: time comes in as an argument. Esc by itself is held back for a moment that nobody notices. Letters count as the
//! tail of a sequence only when they come all at once, as no hand types them.

use std::time::Duration;

use crate::app::key::{Code, Key, Named};

use super::input::{Input, Mouse, MouseKind};

/// How long Esc waits for the rest of a sequence.
const HOLD: Duration = Duration::from_millis(25);
/// How long after Esc was taken for a key the rest of its sequence may still come.
const LATE: Duration = Duration::from_secs(2);
/// Letters that come within this time came together.
const TOGETHER: Duration = Duration::from_millis(10);
/// A paste whose beginning was cut ends when nothing more comes for so long.
const SILENCE: Duration = Duration::from_millis(200);
/// No sequence that we know is longer.
const LONGEST: usize = 32;

/// What came of a sequence so far.
#[derive(Debug, Default)]
pub(super) struct Joiner {
    state: State,
    /// When the last key came, counted from any start.
    at: Duration,
}

#[derive(Debug, Default)]
enum State {
    /// Nothing.
    #[default]
    Idle,
    /// Esc, held back.
    Esc,
    /// Esc, which was taken for a key.
    Taken,
    /// The letters after Esc.
    Tail {
        /// `[…` or `O…`.
        text: String,
        /// Whether Esc itself was taken for a key before.
        taken: bool,
    },
    /// A paste whose beginning was cut.
    Paste(String),
}

impl Joiner {
    /// How long to wait for more before [`Self::give_up`]; `None`: as long as it takes.
    pub(super) fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Idle | State::Taken => None,
            State::Esc => Some(HOLD),
            State::Tail { .. } => Some(TOGETHER),
            State::Paste(_) => Some(SILENCE),
        }
    }

    /// Nothing more came: what was held back is what it is.
    pub(super) fn give_up(&mut self) -> Vec<Input> {
        match std::mem::take(&mut self.state) {
            State::Idle | State::Taken => Vec::new(),
            State::Esc => {
                self.state = State::Taken;
                vec![Input::Key(Key::named(Named::Esc))]
            }
            State::Tail { text, taken } => as_keys(&text, taken),
            State::Paste(text) => vec![Input::Paste(text)],
        }
    }

    /// Takes an input; gives those that are whole.
    pub(super) fn take(&mut self, input: Input, now: Duration) -> Vec<Input> {
        let apart = now.saturating_sub(self.at);
        self.at = now;
        match (std::mem::take(&mut self.state), input) {
            (State::Paste(text), Input::Key(key)) if apart <= SILENCE => self.pasted(text, key),
            (State::Tail { text, taken }, Input::Key(Key { code: Code::Char(c), ctrl: false, .. }))
                if apart <= TOGETHER =>
            {
                self.tail(text, c, taken)
            }
            (State::Esc, Input::Key(key)) if begins_tail(key) => self.begin(key, false),
            (State::Taken, Input::Key(key)) if begins_tail(key) && apart <= LATE => self.begin(key, true),
            (held, input) => {
                self.state = held;
                let mut all = self.give_up();
                self.state = State::Idle;
                if input == Input::Key(Key::named(Named::Esc)) {
                    self.state = State::Esc;
                } else {
                    all.push(input);
                }
                all
            }
        }
    }

    fn begin(&mut self, key: Key, taken: bool) -> Vec<Input> {
        self.state = State::Tail { text: key.to_string(), taken };
        Vec::new()
    }

    /// One more letter of a tail.
    fn tail(&mut self, mut text: String, c: char, taken: bool) -> Vec<Input> {
        text.push(c);
        let ends = text.starts_with('O') || matches!(c, '@'..='~');
        if text == "[200~" {
            self.state = State::Paste(String::new());
            return Vec::new();
        }
        if ends {
            return meaning(&text).into_iter().collect();
        }
        if text.len() >= LONGEST || !matches!(c, ' '..='?') {
            return as_keys(&text, taken);
        }
        self.state = State::Tail { text, taken };
        Vec::new()
    }

    /// One more letter of a paste. Its end, `ESC[201~`, is a sequence that crossterm swallows.
    fn pasted(&mut self, mut text: String, key: Key) -> Vec<Input> {
        match key.code {
            Code::Char(c) if !key.ctrl => text.push(c),
            Code::Named(Named::Space | Named::Tab | Named::Enter) => text.push(' '),
            _ => {}
        }
        self.state = State::Paste(text);
        Vec::new()
    }
}

fn begins_tail(key: Key) -> bool {
    key == Key::char('[') || key == Key::char('O')
}

/// A tail that was none.
fn as_keys(text: &str, taken: bool) -> Vec<Input> {
    let esc = (!taken).then_some(Key::named(Named::Esc));
    esc.into_iter().chain(text.chars().map(Key::char)).map(Input::Key).collect()
}

/// What a whole tail stands for; nothing where we know of none.
fn meaning(tail: &str) -> Option<Input> {
    let rest = tail.get(1..)?;
    let (parameters, end) = rest.split_at(rest.len().checked_sub(1)?);
    if let Some(report) = parameters.strip_prefix('<') {
        return mouse(report, end);
    }
    let mut numbers = parameters.split(';').map(|number| number.parse::<u8>().ok());
    let first = numbers.next().flatten();
    let held = numbers.next().flatten().unwrap_or(1).saturating_sub(1);
    let code = match end {
        "~" => numbered(first?)?,
        _ => Code::Named(match end {
            "A" => Named::Up,
            "B" => Named::Down,
            "C" => Named::Right,
            "D" => Named::Left,
            "H" => Named::Home,
            "F" => Named::End,
            "Z" => Named::BackTab,
            "P" | "Q" | "R" | "S" => return Some(function(end, held)),
            _ => return None,
        }),
    };
    Some(Input::Key(with(code, held)))
}

/// A key with its modifiers: bits for Shift, Alt, Ctrl. Shift is no modifier of a key with a name here.
fn with(code: Code, held: u8) -> Key {
    Key { code, ctrl: held & 4 != 0, alt: held & 2 != 0 }
}

fn function(end: &str, held: u8) -> Input {
    let number = end.bytes().next().map_or(1, |letter| letter - b'P' + 1);
    Input::Key(with(Code::Function(number), held))
}

/// Keys that send a number (DEC VT220, xterm).
fn numbered(number: u8) -> Option<Code> {
    let named = |name| Some(Code::Named(name));
    match number {
        1 | 7 => named(Named::Home),
        2 => named(Named::Insert),
        3 => named(Named::Delete),
        4 | 8 => named(Named::End),
        5 => named(Named::PageUp),
        6 => named(Named::PageDown),
        11..=15 => Some(Code::Function(number - 10)),
        17..=21 => Some(Code::Function(number - 11)),
        23 | 24 => Some(Code::Function(number - 12)),
        _ => None,
    }
}

/// A report of mode 1006: button, column and row from 1, `M` for pressed and `m` for let go.
fn mouse(report: &str, end: &str) -> Option<Input> {
    let mut numbers = report.split(';').map(|number| number.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let kind = match (button, end) {
        (0, "M") => MouseKind::Click,
        (64, _) => MouseKind::ScrollUp,
        (65, _) => MouseKind::ScrollDown,
        _ => return None,
    };
    Some(Input::Mouse(Mouse { kind, column: column.checked_sub(1)?, row: row.checked_sub(1)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that come at moments, in milliseconds; the reader gives up whenever it would.
    fn joined(keys: &[(u64, &str)]) -> Vec<Input> {
        let mut joiner = Joiner::default();
        let mut all = Vec::new();
        let mut before = Duration::ZERO;
        for (at, keys) in keys {
            let now = Duration::from_millis(*at);
            while joiner.patience().is_some_and(|patience| now.saturating_sub(before) > patience) {
                before += joiner.patience().unwrap();
                all.extend(joiner.give_up());
            }
            for key in keys.split(' ') {
                all.extend(joiner.take(Input::Key(key.parse().unwrap()), now));
            }
            before = now;
        }
        while joiner.patience().is_some() {
            all.extend(joiner.give_up());
        }
        all
    }

    fn keys(text: &str) -> Vec<Input> {
        text.split_whitespace().map(|key| Input::Key(key.parse().unwrap())).collect()
    }

    #[test]
    fn a_sequence_in_two_packets_is_one_key() {
        assert_eq!(joined(&[(0, "Esc"), (20, "[ D")]), keys("Left"));
        assert_eq!(joined(&[(0, "Esc"), (20, "O A")]), keys("Up"));
        assert_eq!(joined(&[(0, "Esc"), (20, "[ 6 ~")]), keys("PageDown"));
        assert_eq!(joined(&[(0, "Esc"), (20, "[ 1 ; 5 C")]), keys("ctrl-Right"));
        assert_eq!(joined(&[(0, "Esc"), (20, "[ 1 5 ~"), (90, "O R")]), [keys("F5"), keys("O R")].concat());
        assert_eq!(joined(&[(0, "Esc"), (20, "[ Z"), (90, "x")]), keys("BackTab x"));
    }

    #[test]
    fn what_comes_late_does_nothing_but_what_it_is() {
        // Esc has been taken for a key by then: it closes, which loses nothing. `[` and `D` are never keys of their own.
        assert_eq!(joined(&[(0, "Esc"), (900, "[ D")]), keys("Esc Left"));
        assert_eq!(joined(&[(0, "Esc"), (900, "[ 9 9 ~")]), keys("Esc"));
        assert_eq!(joined(&[(0, "Esc"), (2900, "[ D")]), keys("Esc [ D"));
    }

    #[test]
    fn what_a_hand_types_stays_what_it_is() {
        assert_eq!(joined(&[(0, "Esc"), (100, "["), (200, "D")]), keys("Esc [ D"));
        assert_eq!(joined(&[(0, "Esc"), (10, "x")]), keys("Esc x"));
        assert_eq!(joined(&[(0, "Esc"), (10, "Esc"), (20, "Esc"), (21, "q")]), keys("Esc Esc Esc q"));
        assert_eq!(joined(&[(0, "[ D O A")]), keys("[ D O A"));
        assert_eq!(joined(&[(0, "Esc"), (10, "["), (15, "Enter")]), keys("Esc [ Enter"));
        assert_eq!(joined(&[(0, "Esc")]), keys("Esc"));
    }

    #[test]
    fn a_paste_that_was_cut_never_becomes_keys() {
        let paste = [(0, "Esc"), (20, "[ 2 0 0 ~ q Enter y Space H"), (60, "q")];
        assert_eq!(joined(&paste), [Input::Paste("q y Hq".into())]);
        let after = [(0, "Esc"), (20, "[ 2 0 0 ~ q"), (500, "q")];
        assert_eq!(joined(&after), [vec![Input::Paste("q".into())], keys("q")].concat());
    }

    #[test]
    fn a_mouse_report_that_was_cut_is_one() {
        let click = Input::Mouse(Mouse { kind: MouseKind::Click, column: 9, row: 4 });
        assert_eq!(joined(&[(0, "Esc"), (10, "[ < 0 ; 1 0 ; 5 M")]), [click]);
        assert_eq!(joined(&[(0, "Esc"), (10, "[ < 0 ; 1 0 ; 5 m")]), []);
        assert_eq!(joined(&[(0, "Esc"), (10, "[ < 0 ; 0 ; 5 M")]), []);
    }

    #[test]
    fn no_row_of_keys_is_lost_or_made_up() {
        let mut seed = 1_u64;
        let mut below = |limit: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % limit
        };
        for _ in 0..2000 {
            // Without Esc nothing is ever held back or joined.
            let mut now = 0;
            let row: Vec<(u64, &str)> = (0..8)
                .map(|_| {
                    now += below(40);
                    (now, ["[", "O", "D", "Enter", "~", "5"][usize::try_from(below(6)).unwrap()])
                })
                .collect();
            let text: Vec<&str> = row.iter().map(|key| key.1).collect();
            assert_eq!(joined(&row), keys(&text.join(" ")));
        }
    }
}
