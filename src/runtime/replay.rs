//! Shows a recording on the terminal: the same screens, with a line below that says where one is.

use std::io;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::console::Ended;
use super::record::{Player, Recording, RecordingError};
use super::signals::{Asked, Signals};
use crate::app::Key;
use crate::app::key::{Code, Named};
use crate::term::{self, Guard, Input, Inputs, Writer};
use crate::ui::{Look, Screen};

/// How far a key goes.
const STEP: Duration = Duration::from_secs(10);
const LEAP: Duration = Duration::from_secs(60);
/// How often the terminal is looked at for a hang-up.
const HANG_UP: Duration = Duration::from_millis(500);
/// Speeds, in percent of real time.
const SPEEDS: [u32; 10] = [25, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800];
/// Where real time stands in [`SPEEDS`].
const REAL_TIME: usize = 2;

/// Why a recording could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// No terminal.
    #[error("a replay needs a terminal; `switchboard replay --plain FILE` prints what changed instead")]
    NoTerminal,
    /// The terminal does not do what it is asked.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
    /// The file is none, or is damaged.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The thread ended without an answer.
    #[error("the replay's thread ended without a word")]
    Vanished,
}

/// Plays a recording until it is quit; `frame` is the least time between two frames.
///
/// # Errors
/// [`ReplayError`]; the terminal is as it was then.
pub async fn run_replay(recording: Recording, look: Look, frame: Duration) -> Result<Ended, ReplayError> {
    if !term::is_terminal() {
        return Err(ReplayError::NoTerminal);
    }
    let (answer, ended) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name(term::DRAWING_THREAD.into()).spawn(move || {
        let _ = answer.send(on_own_thread(recording, look, frame));
    })?;
    ended.await.unwrap_or(Err(ReplayError::Vanished))
}

fn on_own_thread(recording: Recording, look: Look, frame: Duration) -> Result<Ended, ReplayError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    term::install_panic_hook();
    let ended = runtime.block_on(async { Replay::start(Player::new(recording)?, look)?.run(frame).await });
    runtime.shutdown_background();
    ended
}

struct Replay {
    guard: Guard,
    screen: Screen<Writer>,
    player: Player,
    speed: usize,
    paused: bool,
    /// When the position was right last.
    since: Instant,
    away: bool,
    ended: Option<Ended>,
}

impl Replay {
    fn start(player: Player, look: Look) -> Result<Self, ReplayError> {
        let (columns, rows) = term::size();
        let writer = Writer::open()?;
        Ok(Self {
            guard: Guard::enter()?,
            screen: Screen::new(writer, look, columns, rows),
            player,
            speed: REAL_TIME,
            paused: false,
            since: Instant::now(),
            away: false,
            ended: None,
        })
    }

    async fn run(mut self, frame: Duration) -> Result<Ended, ReplayError> {
        let mut signals = Signals::listen()?;
        let mut inputs = Inputs::listen()?;
        let (mut hang_up, mut frames) = (interval(HANG_UP), interval(frame));
        hang_up.set_missed_tick_behavior(MissedTickBehavior::Delay);
        frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.refit();
        loop {
            if let Some(ended) = self.ended.take() {
                match ended {
                    Ended::HungUp => term::abandon(),
                    Ended::Quit(_) => self.guard.suspend(),
                }
                return Ok(ended);
            }
            let stalled = self.screen.writer().is_stalled();
            tokio::select! {
                biased;
                asked = signals.next() => self.obey(asked),
                _ = hang_up.tick() => if term::hung_up() { self.ended = Some(Ended::HungUp) },
                input = inputs.next() => self.take(input.as_ref())?,
                drained = self.screen.writer().drained(), if stalled => if drained.is_err() {
                    self.ended = Some(Ended::HungUp);
                },
                _ = frames.tick(), if !stalled && !self.away => self.play()?,
            }
        }
    }

    /// Goes on as far as time did, and draws.
    fn play(&mut self) -> Result<(), ReplayError> {
        let went = self.since.elapsed();
        self.since = Instant::now();
        if !self.paused {
            let to = self.player.position() + went * SPEEDS[self.speed] / 100;
            self.player.seek(to)?;
        }
        self.draw();
        Ok(())
    }

    fn draw(&mut self) {
        // The session may have gone on with another topology, of which another amount fits.
        let shape = self.screen.shape(&self.player.model().topology);
        if shape != self.player.model().shape {
            self.player.fit(shape);
        }
        let banner = self.banner();
        self.screen.set_banner(Some(banner));
        if self.screen.draw(self.player.model()).is_err() {
            self.ended = Some(Ended::HungUp);
        }
    }

    fn banner(&self) -> String {
        let (here, end) = (clock(self.player.position()), clock(self.player.length()));
        let state = match (self.player.damage(), self.paused) {
            (Some(damage), _) => damage.to_owned(),
            (None, _) if self.player.position() >= self.player.length() => "the end".to_owned(),
            (None, true) => "paused".to_owned(),
            (None, false) => speed(SPEEDS[self.speed]),
        };
        format!(" replay {here} of {end}  {state}  Space pause  Left Right 10 s  PgUp PgDn 1 min  + - speed  q quit")
    }

    fn take(&mut self, input: Option<&Input>) -> Result<(), ReplayError> {
        match input {
            None => self.ended = Some(Ended::HungUp),
            Some(Input::Key(key)) => self.press(*key)?,
            Some(Input::Paste(_) | Input::Mouse(_)) => {}
        }
        if self.ended.is_none() && !self.away && !self.screen.writer().is_stalled() {
            self.draw();
        }
        Ok(())
    }

    fn press(&mut self, key: Key) -> Result<(), ReplayError> {
        let here = self.player.position();
        match (key.code, key.ctrl) {
            (Code::Char('q') | Code::Named(Named::Esc), _) | (Code::Char('c'), true) => {
                self.ended = Some(Ended::Quit(String::new()));
            }
            (Code::Char('z'), true) => self.suspend(),
            (Code::Char('l'), true) => self.screen.forget(),
            (Code::Named(Named::Space), _) => self.paused = !self.paused,
            (Code::Named(Named::Right) | Code::Char('l'), _) => self.player.seek(here + STEP)?,
            (Code::Named(Named::Left) | Code::Char('h'), _) => self.player.seek(here.saturating_sub(STEP))?,
            (Code::Named(Named::PageDown), _) => self.player.seek(here + LEAP)?,
            (Code::Named(Named::PageUp), _) => self.player.seek(here.saturating_sub(LEAP))?,
            (Code::Named(Named::Home) | Code::Char('g'), _) => self.player.seek(Duration::ZERO)?,
            (Code::Named(Named::End) | Code::Char('G'), _) => self.player.seek(self.player.length())?,
            (Code::Char('+' | '='), _) => self.speed = (self.speed + 1).min(SPEEDS.len() - 1),
            (Code::Char('-'), _) => self.speed = self.speed.saturating_sub(1),
            _ => {}
        }
        self.since = Instant::now();
        Ok(())
    }

    fn obey(&mut self, asked: Asked) {
        match asked {
            Asked::End if term::hung_up() => self.ended = Some(Ended::HungUp),
            Asked::End => self.ended = Some(Ended::Quit(String::new())),
            Asked::Resized => self.refit(),
            Asked::Suspend => self.suspend(),
            Asked::Continue => {
                self.away = false;
                self.guard.suspend();
                match self.guard.resume() {
                    Ok(()) => self.refit(),
                    Err(_) => self.ended = Some(Ended::HungUp),
                }
                self.since = Instant::now();
            }
        }
    }

    fn suspend(&mut self) {
        self.guard.suspend();
        self.away = true;
        term::stop_here();
    }

    fn refit(&mut self) {
        let (columns, rows) = term::size();
        self.screen.resize(columns, rows);
    }
}

/// A length of time as a player shows it: `12:04`, `1:00:00`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

fn speed(percent: u32) -> String {
    if percent >= 100 { format!("{}x", percent / 100) } else { format!("1/{}x", 100 / percent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_speeds_are_shown_as_players_do() {
        let seconds = Duration::from_secs;
        assert_eq!([clock(seconds(4)), clock(seconds(724)), clock(seconds(3600))], ["0:04", "12:04", "1:00:00"]);
        assert_eq!(SPEEDS.map(speed).join(" "), "1/4x 1/2x 1x 2x 4x 8x 16x 32x 64x 128x");
        assert_eq!(SPEEDS[REAL_TIME], 100);
    }
}
