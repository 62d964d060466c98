//! Runs the console: on a thread of its own, with a runtime of its own, so that no probe ever keeps a key waiting.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::app::event::Reread;
use crate::app::{Effect, Event, Key, Keymap, Model, Settings, update};
use crate::demo::FaultBoard;
use crate::domain::topology::Environment;
use crate::domain::watch::Watch;
use crate::probe::{Clock, Network, Supervisor};
use crate::report::summary;
use crate::term::{self, Guard, Input, Inputs, Mouse, MouseKind, Writer};
use crate::ui::{Look, Screen};

use super::defect::TestPanic;
use super::effects::{Faults, Keeper};
use super::error::RuntimeError;
use super::memory::Memory;
use super::office::{Office, Workplace};
use super::readiness::{Judge, Rounds, Sight, judged};
use super::record::{Header, Recorder};
use super::signals::{Asked, Signals};
use super::voice::Voice;
use super::{reload, shared};

/// How often the terminal is looked at for a hang-up.
const HANG_UP: Duration = Duration::from_millis(500);
/// Lines that one notch of the wheel moves.
const WHEEL: i8 = 3;
/// How long the last lines of a recording may take to be written.
const LAST_LINES: Duration = Duration::from_secs(1);
/// Results are taken in batches: judging and drawing all of them once is as good as doing it for each, and much cheaper.
const BATCH: Duration = Duration::from_millis(300);
/// Events that wait to be taken; senders wait when it is full, nothing is dropped.
const INBOX: usize = 64;

/// Everything that a console needs to run.
pub struct Console {
    /// What is watched.
    pub watch: Watch,
    /// The probes; they begin when the first frame is on the screen.
    pub network: Network,
    /// The clock of both.
    pub clock: Clock,
    /// What does not change.
    pub settings: Settings,
    /// Which key does what.
    pub keymap: Keymap,
    /// How it looks.
    pub look: Look,
    /// The demo's faults, where this process runs the demo.
    pub faults: Option<FaultBoard>,
    /// Where it is kept since when findings hold, and what operators said.
    pub memory: Option<Memory>,
    /// Where runs are kept; none where nothing can be changed from here.
    pub workplace: Option<Workplace>,
    /// What judges readiness; none where nothing can be asked.
    pub judge: Option<Judge>,
    /// Least time between two frames that no key asked for.
    pub frame: Duration,
    /// How the terminal is spoken to beside the frames.
    pub voice: Voice,
    /// Where the session is recorded.
    pub record: Option<PathBuf>,
    /// For tests, and obeyed in the demo alone: the key P panics.
    pub test_panic: Option<TestPanic>,
}

/// How a console ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It was quit, or told to end; with the last state to be printed.
    Quit(String),
    /// The terminal is gone: there is nobody to tell.
    HungUp,
}

/// Runs the console until it is quit, told to end, or its terminal is gone.
///
/// # Errors
/// [`RuntimeError`]; the terminal is as it was then.
pub async fn run_console(console: Console) -> Result<Ended, RuntimeError> {
    if !term::is_terminal() {
        return Err(RuntimeError::NoTerminal);
    }
    let (answer, ended) = tokio::sync::oneshot::channel();
    let probes = Handle::current();
    std::thread::Builder::new().name(term::DRAWING_THREAD.into()).spawn(move || {
        let _ = answer.send(on_own_thread(console, probes));
    })?;
    ended.await.unwrap_or(Err(RuntimeError::Vanished))
}

fn on_own_thread(console: Console, probes: Handle) -> Result<Ended, RuntimeError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    term::install_panic_hook();
    let ended = runtime.block_on(async { Loop::start(console, probes)?.run().await });
    // The thread that reads keys may still wait for one.
    runtime.shutdown_background();
    ended
}

/// The loop's state.
struct Loop {
    guard: Guard,
    screen: Screen<Writer>,
    model: Model,
    network: Option<Network>,
    supervisor: Option<Supervisor>,
    clock: Clock,
    faults: Option<Faults>,
    keeper: Option<Keeper>,
    office: Option<Office>,
    rounds: Option<Rounds>,
    memory: Option<Memory>,
    /// Where what was done elsewhere is told, and where it is done.
    told: Sender<Event>,
    probes: Handle,
    inbox: Receiver<Event>,
    frame: Duration,
    panic_key: Option<(Key, TestPanic)>,
    voice: Voice,
    recorder: Option<Recorder>,
    /// Something may have changed that is not drawn yet.
    dirty: bool,
    /// No frame that no key asked for is drawn before.
    next_frame: Instant,
    /// No results are taken before.
    next_take: Instant,
    ended: Option<Ended>,
    /// Since when the terminal is the shell's.
    away: Option<Instant>,
}

impl Loop {
    fn start(console: Console, probes: Handle) -> Result<Self, RuntimeError> {
        let (sender, inbox) = channel(INBOX);
        let topology = console.watch.topology().clone();
        let keeper =
            console.memory.clone().map(|memory| Keeper::new(memory, probes.clone(), console.watch.since().clone()));
        let faults = console.faults.map(|board| Faults { board, on: probes.clone(), inbox: sender.clone() });
        let rounds = console.judge.map(|judge| Rounds::new(judge, &topology, console.memory.clone(), probes.clone()));
        let office = console.workplace.map(|place| Office {
            place,
            topology: topology.clone(),
            clock: console.clock.clone(),
            on: probes.clone(),
            inbox: sender.clone(),
        });
        let is_demo = console.watch.topology().console.environment == Environment::Demo;
        let model = Model::new(console.watch, console.settings, console.keymap, console.clock.now());
        let recorder = console.record.as_deref().map(|file| record(file, &model, sender.clone())).transpose()?;
        let (columns, rows) = term::size();
        let writer = Writer::open()?;
        let now = Instant::now();
        Ok(Self {
            guard: Guard::enter()?,
            screen: Screen::new(writer, console.look, columns, rows),
            model,
            network: Some(console.network),
            supervisor: None,
            clock: console.clock,
            faults,
            keeper,
            office,
            rounds,
            memory: console.memory,
            told: sender,
            probes,
            inbox,
            frame: console.frame,
            panic_key: console.test_panic.filter(|_| is_demo).map(|panic| (Key::char('P'), panic)),
            voice: console.voice,
            recorder,
            dirty: true,
            next_frame: now,
            next_take: now + BATCH / 3,
            ended: None,
            away: None,
        })
    }

    async fn run(mut self) -> Result<Ended, RuntimeError> {
        let mut signals = Signals::listen()?;
        let mut inputs = Inputs::listen()?;
        let mut hang_up = interval(HANG_UP);
        let mut second = interval(Duration::from_secs(1));
        hang_up.set_missed_tick_behavior(MissedTickBehavior::Delay);
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.refit();
        self.draw();
        self.begin();
        loop {
            if let Some(ended) = self.ended.take() {
                return Ok(self.leave(ended));
            }
            let stalled = self.screen.writer().is_stalled();
            tokio::select! {
                biased;
                asked = signals.next() => self.obey(asked),
                _ = hang_up.tick() => self.look_at_the_terminal(),
                input = inputs.next() => self.take_inputs(input, &mut inputs),
                drained = self.screen.writer().drained(), if stalled => self.drained(&drained),
                Some(event) = self.inbox.recv() => self.happen(event),
                readiness = judged(&mut self.rounds) => self.happen(Event::Judged(readiness)),
                () = taken(self.supervisor.as_ref(), self.next_take) => self.take_results(),
                _ = second.tick() => self.tick(),
                () = sleep_until(self.next_frame), if self.dirty && !stalled && self.away.is_none() => self.draw(),
            }
        }
    }

    /// Begins to watch. Not before the first frame is on the screen: whoever opens the console sees it sooner.
    fn begin(&mut self) {
        self.supervisor = self.network.take().map(|network| network.watch(&self.probes));
        if let Some(office) = &self.office {
            shared::watch(office.place.store.clone(), self.memory.clone(), &self.probes, self.told.clone());
            reload::watch(office.place.config.clone(), office.place.environment, &self.probes, self.told.clone());
        }
    }

    /// Takes an event in and carries out what follows.
    fn happen(&mut self, event: Event) {
        let event = match event {
            Event::TopologyRead(Ok(reread)) => self.adopt(reread),
            event => event,
        };
        let now = self.clock.now();
        if let Some(ends) = self.recorder.as_mut().and_then(|recorder| recorder.note(&event, now)) {
            let _ = self.told.try_send(Event::Told(Err(ends)));
        }
        for effect in update(&mut self.model, event, now) {
            self.carry_out(effect);
        }
        self.dirty = true;
    }

    /// Probes and judges another topology from now on. One whose own files cannot be used is a bad one: the old one is kept.
    fn adopt(&mut self, reread: Reread) -> Event {
        let topology = &reread.0;
        let book = self.rounds.as_ref().map(Rounds::book).unwrap_or_default();
        let network = Network::new(Arc::clone(topology), &self.clock);
        let read_only = self.model.settings.read_only;
        let judge = Judge::new(Arc::clone(topology), self.clock.clone(), book).map(|judge| judge.read_only(read_only));
        match (network, judge) {
            (Ok(network), Ok(judge)) => {
                self.supervisor = Some(network.watch(&self.probes));
                self.rounds = Some(Rounds::new(judge, topology, self.memory.clone(), self.probes.clone()));
                if let Some(office) = &mut self.office {
                    office.topology = Arc::clone(topology);
                }
                Event::TopologyRead(Ok(reread))
            }
            (Err(error), _) | (_, Err(error)) => Event::TopologyRead(Err(error.to_string())),
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Quit => self.quit(),
            Effect::Suspend => self.suspend(),
            Effect::Redraw => self.screen.forget(),
            Effect::Say(said) => {
                if let Some(memory) = self.memory.clone() {
                    shared::say(memory, said, &self.probes, self.told.clone());
                }
            }
            Effect::SwitchFault { subject, fault, on } => {
                let _ = self.faults.as_ref().map(|faults| faults.switch(subject, fault, on));
            }
            Effect::HealAll => {
                let _ = self.faults.as_ref().map(Faults::heal_all);
            }
            Effect::Copy(text) => {
                let told = self.voice.copy(&text, self.screen.writer());
                self.happen(Event::Told(told));
            }
            Effect::Notify(text) => {
                let title = format!("switchboard {}", self.model.topology.console.name);
                self.spoken(|voice, writer, _| voice.notify(&title, &text, writer));
            }
            Effect::Mouse(on) => self.spoken(|_, writer, guard| guard.take_mouse(on, writer)),
            other => self.at_the_office(other),
        }
    }

    /// Writes something beside the frames; a terminal that takes nothing any more is gone.
    fn spoken(&mut self, say: impl FnOnce(Voice, &mut Writer, &Guard) -> io::Result<()>) {
        if say(self.voice, self.screen.writer(), &self.guard).is_err() {
            self.ended = Some(Ended::HungUp);
        }
    }

    /// A click or a turn of the wheel, in the words of the core.
    fn pointed(&mut self, mouse: Mouse) {
        let event = match mouse.kind {
            MouseKind::Click => self.screen.hit(mouse.column, mouse.row).cloned().map(Event::Clicked),
            MouseKind::ScrollUp => Some(Event::Scrolled(-WHEEL)),
            MouseKind::ScrollDown => Some(Event::Scrolled(WHEEL)),
        };
        if let Some(event) = event {
            self.happen(event);
        }
    }

    /// What needs a state directory.
    fn at_the_office(&mut self, effect: Effect) {
        let Some(office) = &self.office else { return };
        match effect {
            Effect::MakePlan(asked) => office.make_plan(*asked),
            Effect::Confirm { ticket, plan, phrase, commit_confirm } => {
                office.confirm(ticket, plan, phrase, commit_confirm);
            }
            Effect::AskRun { run, asked, reason } => office.ask_run(run, asked, reason),
            Effect::Write { path, what } => office.write(path, what),
            _ => {}
        }
    }

    fn quit(&mut self) {
        self.ended = Some(Ended::Quit(String::new()));
    }

    fn obey(&mut self, asked: Asked) {
        match asked {
            Asked::End if term::hung_up() => self.ended = Some(Ended::HungUp),
            Asked::End => self.quit(),
            Asked::Resized => self.resized(),
            Asked::Suspend => self.suspend(),
            Asked::Continue => self.come_back(),
        }
    }

    fn look_at_the_terminal(&mut self) {
        if term::hung_up() {
            self.ended = Some(Ended::HungUp);
        }
    }

    /// Takes an input and all that came with it, then draws at once.
    fn take_inputs(&mut self, first: Option<Input>, inputs: &mut Inputs) {
        let Some(first) = first else {
            self.ended = Some(Ended::HungUp);
            return;
        };
        let mut next = Some(first);
        while let Some(input) = next {
            match input {
                Input::Key(key) if self.panic_key.is_some_and(|wanted| wanted.0 == key) => self.panic(),
                Input::Key(key) => self.happen(Event::Pressed(key)),
                Input::Paste(text) => self.happen(Event::Pasted(text)),
                Input::Mouse(mouse) => self.pointed(mouse),
            }
            next = if self.ended.is_none() { inputs.ready() } else { None };
        }
        if !self.screen.writer().is_stalled() && self.ended.is_none() && self.away.is_none() {
            self.draw();
        }
    }

    fn panic(&self) {
        if let Some((_, panic)) = self.panic_key {
            panic.happen(&self.probes);
        }
    }

    fn take_results(&mut self) {
        self.next_take = Instant::now() + BATCH;
        let results = self.supervisor.as_ref().map(Supervisor::take).unwrap_or_default();
        self.happen(Event::Observed(results));
    }

    fn tick(&mut self) {
        // The first process of a container cannot be stopped.
        if self.away.is_some_and(|since| since.elapsed() > HANG_UP) {
            self.come_back();
        }
        // Faults may be switched from another process, too.
        if let Some(rows) = self.faults.as_ref().map(Faults::rows)
            && self.model.trainer.as_ref().is_none_or(|trainer| trainer.rows != rows)
        {
            self.happen(Event::FaultsChanged(rows));
        }
        self.happen(Event::Ticked);
        let picture = &self.model.picture;
        if let Some(rounds) = self.rounds.as_mut().filter(|rounds| rounds.is_due(picture)) {
            rounds.begin(Sight::of(&self.model.watch, picture.clone(), &self.model.settings.zone));
        }
        if let Some(keeper) = &mut self.keeper {
            keeper.keep(self.model.watch.since());
        }
    }

    fn drained(&mut self, result: &io::Result<()>) {
        match result {
            Ok(()) => self.dirty = true,
            Err(_) => self.ended = Some(Ended::HungUp),
        }
    }

    fn draw(&mut self) {
        self.dirty = false;
        self.next_frame = Instant::now() + self.frame;
        if self.screen.draw(&self.model).is_err() {
            self.ended = Some(Ended::HungUp);
        }
    }

    /// Draws at once in another size, as for a key.
    fn resized(&mut self) {
        self.refit();
        if !self.screen.writer().is_stalled() && self.away.is_none() {
            self.draw();
        }
    }

    /// Looks at the terminal's size and tells the core what fits.
    fn refit(&mut self) {
        let (columns, rows) = term::size();
        self.screen.resize(columns, rows);
        let shape = self.screen.shape(&self.model.topology);
        self.happen(Event::Resized(shape));
    }

    /// Gives the terminal back and stops. It comes back with SIGCONT and not here: another thread may take the stop, so that
    /// this one runs on for a moment.
    fn suspend(&mut self) {
        self.guard.suspend();
        self.away = Some(Instant::now());
        term::stop_here();
    }

    /// The screen belongs to this process again; what it shows is not known.
    fn come_back(&mut self) {
        self.away = None;
        self.guard.suspend();
        if self.guard.resume().is_err() {
            self.ended = Some(Ended::HungUp);
            return;
        }
        self.refit();
        if !self.screen.writer().is_stalled() {
            self.draw();
        }
    }

    fn leave(mut self, ended: Ended) -> Ended {
        match ended {
            Ended::HungUp => term::abandon(),
            Ended::Quit(_) => self.guard.suspend(),
        }
        if let Some(recorder) = self.recorder.take() {
            recorder.finish(LAST_LINES);
        }
        match ended {
            Ended::Quit(_) => Ended::Quit(summary(&self.model)),
            ended @ Ended::HungUp => ended,
        }
    }
}

/// Begins a recording of a session.
fn record(file: &Path, model: &Model, told: Sender<Event>) -> Result<Recorder, RuntimeError> {
    let tell = move |why| drop(told.blocking_send(Event::Told(Err(why))));
    Recorder::start(file, &Header::of(model), tell)
        .map_err(|source| RuntimeError::Record { path: file.to_owned(), source })
}

/// Waits until there are results, and until it is time to take some.
async fn taken(supervisor: Option<&Supervisor>, not_before: Instant) {
    let Some(supervisor) = supervisor else { return std::future::pending().await };
    sleep_until(not_before).await;
    supervisor.changed().await;
}
