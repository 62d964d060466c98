//! The console as lines: what changes is printed, what is typed is answered. No cursor, no colour, no escape sequence.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::console::Ended;
use super::effects::Keeper;
use super::memory::Memory;
use super::readiness::{Judge, Rounds, Sight, judged};
use super::shared;
use super::signals::Endings;
use crate::app::{Event, Keymap, Model, Settings, update};
use crate::domain::clean::clean_lines;
use crate::domain::watch::Watch;
use crate::executor::store::Store;
use crate::probe::{Clock, Supervisor};
use crate::readiness::Ready;
use crate::report::plain::{self, Command};
use crate::report::summary;

/// Nothing was printed for so long: say that nothing changed.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// The first answers are waited for so long before the state is said.
const PATIENCE: Duration = Duration::from_secs(10);
/// Results are taken in batches.
const BATCH: Duration = Duration::from_millis(100);
/// Texts that wait for a reader that does not read; more are counted and left out.
const WAITING: usize = 1000;
/// How long the last text may take to be read.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Everything that lines need.
pub struct Plain {
    /// What is watched.
    pub watch: Watch,
    /// The running probes.
    pub supervisor: Supervisor,
    /// The clock of both.
    pub clock: Clock,
    /// What does not change.
    pub settings: Settings,
    /// Where it is kept since when findings hold.
    pub memory: Option<Memory>,
    /// Where runs are kept.
    pub store: Option<Store>,
    /// What judges readiness.
    pub judge: Option<Judge>,
    /// Whether to print ASCII alone.
    pub ascii: bool,
}

/// Prints and answers until it is told to end, or nobody reads any more.
///
/// # Errors
/// When no thread can be started, or no signal be listened to.
pub async fn run_plain(plain: Plain) -> io::Result<Ended> {
    let mut endings = Endings::listen()?;
    let (printer, mut gone) = Printer::start(plain.ascii)?;
    let mut typed = typed()?;
    let (mut lines, supervisor) = Lines::start(plain, printer);
    let mut second = interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut next_take, mut listening) = (Instant::now(), true);
    loop {
        tokio::select! {
            biased;
            () = endings.next() => break,
            _ = &mut gone => return Ok(Ended::HungUp),
            line = typed.recv(), if listening => match line {
                Some(line) if lines.answered(&line) => {}
                // Whoever gave a file or nothing to read from has no more to say, and still listens.
                None if !io::stdin().is_terminal() => listening = false,
                _ => break,
            },
            Some(event) = lines.inbox.recv() => lines.happen(event),
            readiness = judged(&mut lines.rounds) => lines.happen(Event::Judged(readiness)),
            () = async { sleep_until(next_take).await; supervisor.changed().await } => {
                next_take = Instant::now() + BATCH;
                lines.happen(Event::Observed(supervisor.take()));
            }
            _ = second.tick() => lines.tick(),
        }
    }
    lines.printer.say(&summary(&lines.model));
    drop(lines);
    let _ = timeout(LAST_WORDS, gone).await;
    Ok(Ended::Quit(String::new()))
}

/// What was printed so far, and of what.
struct Lines {
    model: Model,
    clock: Clock,
    printer: Printer,
    inbox: Receiver<Event>,
    rounds: Option<Rounds>,
    keeper: Option<Keeper>,
    started: Instant,
    /// The newest event that was printed; `None` before the state was said.
    told: Option<u64>,
    ready: Vec<Ready>,
}

impl Lines {
    fn start(plain: Plain, printer: Printer) -> (Self, Supervisor) {
        let on = Handle::current();
        let (sender, inbox) = channel(64);
        let topology = plain.watch.topology().clone();
        let keeper = plain.memory.clone().map(|memory| Keeper::new(memory, on.clone(), plain.watch.since().clone()));
        if let Some(store) = plain.store {
            shared::watch(store, plain.memory.clone(), &on, sender);
        }
        let rounds = plain.judge.map(|judge| Rounds::new(judge, &topology, plain.memory, on));
        let model = Model::new(plain.watch, plain.settings, Keymap::default(), plain.clock.now());
        let mut lines = Self {
            model,
            clock: plain.clock,
            printer,
            inbox,
            rounds,
            keeper,
            started: Instant::now(),
            told: None,
            ready: Vec::new(),
        };
        let console = &topology.console;
        let start = format!("switchboard, {}, {}; type help for commands\n", console.name, console.environment.word());
        lines.printer.say(&start);
        (lines, plain.supervisor)
    }

    /// Answers a typed line; `false` when it asks for the end.
    fn answered(&mut self, line: &str) -> bool {
        match plain::answer(&self.model, line) {
            Command::Say(text) => self.printer.say(&text),
            Command::Quit => return false,
        }
        true
    }

    /// Takes an event in and prints what it changed. What the core asks for, bells and dialogs, is nothing for lines.
    fn happen(&mut self, event: Event) {
        let _ = update(&mut self.model, event, self.clock.now());
        let newest = self.model.log.iter().next().map_or(0, |entry| entry.number);
        let Some(told) = self.told else {
            let picture = &self.model.picture;
            let all = picture.waiting == 0 && picture.states.iter().all(|state| state.at.is_some());
            if all || self.started.elapsed() >= PATIENCE {
                self.printer.say(&plain::state(&self.model));
                self.told = Some(newest);
            }
            return;
        };
        let fresh: Vec<_> = self.model.log.iter().take_while(|entry| entry.number > told).collect();
        for entry in fresh.into_iter().rev() {
            self.printer.say(&plain::change(&self.model, entry));
        }
        self.told = Some(newest);
        self.say_ready();
    }

    /// Says which sites became ready, or not ready any more.
    fn say_ready(&mut self) {
        let Some(readiness) = &self.model.readiness else { return };
        for now in &readiness.sites {
            let before = self.ready.iter().find(|ready| ready.site == now.site);
            if before.is_none_or(|before| (before.ok, before.known) != (now.ok, now.known)) {
                self.printer.say(&plain::ready(now));
            }
        }
        self.ready.clone_from(&readiness.sites);
    }

    fn tick(&mut self) {
        self.happen(Event::Ticked);
        let picture = &self.model.picture;
        if let Some(rounds) = self.rounds.as_mut().filter(|rounds| rounds.is_due(picture)) {
            rounds.begin(Sight::of(&self.model.watch, picture.clone(), &self.model.settings.zone));
        }
        if let Some(keeper) = &mut self.keeper {
            keeper.keep(self.model.watch.since());
        }
        if self.told.is_some() && self.printer.last.elapsed() >= HEARTBEAT {
            self.printer.say(&plain::heartbeat(&self.model));
        }
    }
}

/// Prints on a thread of its own: a reader that does not read keeps nothing else waiting.
struct Printer {
    texts: SyncSender<String>,
    ascii: bool,
    missed: usize,
    last: Instant,
}

impl Printer {
    /// A printer, and what ends when nobody reads any more.
    fn start(ascii: bool) -> io::Result<(Self, oneshot::Receiver<()>)> {
        let (texts, waiting) = sync_channel::<String>(WAITING);
        let (end, gone) = oneshot::channel();
        std::thread::Builder::new().name("lines".into()).spawn(move || {
            let mut out = io::stdout();
            while let Ok(text) = waiting.recv() {
                if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
                    break;
                }
            }
            let _ = end.send(());
        })?;
        Ok((Self { texts, ascii, missed: 0, last: Instant::now() }, gone))
    }

    /// Prints a text of whole lines. What came from outside is clean already; nothing steers a terminal from here whatever it is.
    fn say(&mut self, text: &str) {
        let text = clean_lines(text);
        let mut text = if self.ascii { plain::ascii(&text) } else { text };
        if self.missed > 0 {
            text.insert_str(0, &format!("({} lines were left out: nobody read them)\n", self.missed));
        }
        self.last = Instant::now();
        match self.texts.try_send(text) {
            Err(TrySendError::Full(_)) => self.missed += 1,
            Ok(()) | Err(TrySendError::Disconnected(_)) => self.missed = 0,
        }
    }
}

/// What is typed, line by line, from a thread of its own.
fn typed() -> io::Result<Receiver<String>> {
    let (sender, receiver) = channel(16);
    std::thread::Builder::new().name("typed".into()).spawn(move || {
        for line in io::stdin().lock().lines() {
            // Bytes that are no text are no command.
            let line = match line {
                Ok(line) => line,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => "?".to_owned(),
                Err(_) => return,
            };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}
