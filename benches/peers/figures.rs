//! What is measured of a program.

use std::fmt;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::Program;
use super::process::{computed, memory};
use super::session::{Session, word};

/// When the screen has settled.
const WARM: Duration = Duration::from_secs(3);
/// Starts that the first figures are the median of.
const STARTS: usize = 5;
/// Presses of a key.
const PRESSES: usize = 15;
/// A program that was told to end and lives on after this lives on.
const END: Duration = Duration::from_secs(4);

/// The figures of a program.
pub(crate) struct Figures {
    /// Milliseconds to the first byte.
    pub(crate) first_byte: f64,
    /// Milliseconds to the first paint.
    pub(crate) first_paint: f64,
    /// Bytes per second while nothing happens.
    pub(crate) idle_bytes: f64,
    /// Percent of a core meanwhile.
    pub(crate) idle_cpu: f64,
    /// Milliseconds from a key to the first byte.
    pub(crate) key: f64,
    /// Megabytes.
    pub(crate) memory: f64,
    /// What each way out leaves.
    pub(crate) ways: Vec<(&'static str, End)>,
}

/// What a way out leaves.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The terminal as it was, and no process.
    Well,
    /// The process is gone; this is left on.
    Left(Vec<String>),
    /// The process lives on.
    LivesOn,
    /// It died of something else than what it was told.
    Died(String),
    /// It cannot be provoked from outside.
    NotTried,
}

impl End {
    pub(crate) fn is_well(&self) -> bool {
        *self == Self::Well
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Well => f.write_str("restored"),
            Self::Left(what) => write!(f, "{} left on", what.len()),
            Self::LivesOn => f.write_str("lives on"),
            Self::Died(how) => f.write_str(how),
            Self::NotTried => f.write_str("-"),
        }
    }
}

/// Measures everything; `own` programs can be made to panic.
pub(crate) fn measure(program: &Program, idle: Duration, own: bool) -> Figures {
    let starts: Vec<(f64, f64)> = (0..STARTS).map(|_| start(program)).collect();
    let mut session = Session::start(program, false, false);
    session.read(WARM, |_| false);
    let (idle_bytes, idle_cpu) = idling(&mut session, idle);
    let memory = memory(session.pid());
    let key = key(&mut session, program);
    Figures {
        first_byte: median(starts.iter().map(|start| start.0)),
        first_paint: median(starts.iter().map(|start| start.1)),
        idle_bytes,
        idle_cpu,
        key,
        memory,
        ways: ways(program, own),
    }
}

/// Milliseconds to the first byte and to the first paint.
fn start(program: &Program) -> (f64, f64) {
    let mut session = Session::start(program, false, false);
    session.read(WARM, |_| false);
    let wanted = (signs(&session.bytes) / 10).max(40);
    let first = session.reads.first().map_or(f64::NAN, |read| milliseconds(read.0));
    let mut length = 0;
    let painted = session.reads.iter().find(|(_, read)| {
        length += read;
        signs(&session.bytes[..length]) >= wanted
    });
    (first, painted.map_or(f64::NAN, |read| milliseconds(read.0)))
}

/// How many bytes of signs there are, without escape sequences and blanks.
fn signs(bytes: &[u8]) -> usize {
    let mut count = 0;
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after.first()) {
            (0x1b, Some(b'[')) => {
                let end =
                    after.iter().skip(1).position(|byte| (b'@'..=b'~').contains(byte)).map_or(after.len(), |at| at + 2);
                rest = &after[end..];
            }
            (0x1b, Some(b']' | b'P')) => {
                let end = after.iter().position(|byte| *byte == 7 || *byte == 0x1b).map_or(after.len(), |at| at + 1);
                rest = &after[end..];
            }
            (0x1b, Some(_)) => rest = &after[1..],
            (0..=b' ', _) => {}
            _ => count += 1,
        }
    }
    count
}

/// Bytes per second and percent of a core while nobody does anything.
fn idling(session: &mut Session, time: Duration) -> (f64, f64) {
    let (bytes, spent, start) = (session.bytes.len(), computed(session.pid()), Instant::now());
    session.read(time, |_| false);
    let seconds = start.elapsed().as_secs_f64();
    let cpu = computed(session.pid()).saturating_sub(spent).as_secs_f64();
    ((session.bytes.len() - bytes) as f64 / seconds, cpu / seconds * 100.0)
}

/// Milliseconds from the help key to the first byte, the median of some presses at odd moments.
fn key(session: &mut Session, program: &Program) -> f64 {
    let mut times = Vec::new();
    for press in 0..PRESSES {
        // Not in step with anything that happens every so often.
        let odd = Duration::from_millis(250 + u64::try_from(press * 97 % 250).unwrap_or(0));
        session.read(odd, |_| false);
        let (reads, start) = (session.reads.len(), session.started.elapsed());
        session.send(program.help);
        session.read(Duration::from_secs(2), |session| session.reads.len() > reads);
        // When it was read, and not when the answers to what it asks were looked for.
        times.extend(session.reads.get(reads).map(|read| milliseconds(read.0.saturating_sub(start))));
        session.read(odd, |_| false);
        session.send(program.close);
        session.read(Duration::from_millis(300), |_| false);
    }
    median(times.into_iter())
}

/// The seven ways out.
fn ways(program: &Program, own: bool) -> Vec<(&'static str, End)> {
    let ended_by = |act: &dyn Fn(&mut Session), wanted: Option<i32>, panics: bool| {
        let mut session = Session::start(program, false, panics);
        session.read(Duration::from_millis(1500), |_| false);
        act(&mut session);
        let Some((status, _)) = session.ended(END) else { return End::LivesOn };
        let left = session.left_on();
        if !left.is_empty() {
            End::Left(left)
        } else if wanted.is_none_or(|wanted| status.code() == Some(wanted)) {
            End::Well
        } else {
            End::Died(word(status))
        }
    };
    let told = |signal| ended_by(&move |session: &mut Session| session.signal(signal), None, false);
    let closed = |ignoring| {
        let mut session = Session::start(program, ignoring, false);
        session.read(Duration::from_millis(1500), |_| false);
        session.close();
        // Nobody is left whose terminal could be wrong; that the process is gone is all.
        if session.ended(END).is_some() { End::Well } else { End::LivesOn }
    };
    let panic = if own { ended_by(&|session| session.send("P"), Some(101), true) } else { End::NotTried };
    vec![
        ("after quit", ended_by(&|session| session.send(program.quit), None, false)),
        ("after TERM", told(Signal::TERM)),
        ("after HUP", told(Signal::HUP)),
        ("after INT", told(Signal::INT)),
        ("terminal closed", closed(false)),
        ("the same, HUP ignored", closed(true)),
        ("after a panic", panic),
    ]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
