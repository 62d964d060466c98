//! `switchboard`: the console on the topology file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::tz::TimeZone;

use super::context::{Context, environment};
use super::{output, plain, settings};
use crate::app::Settings;
use crate::demo::FaultBoard;
use crate::domain::topology::Topology;
use crate::domain::watch::{SinceBook, Watch};
use crate::executor::attach::Who;
use crate::executor::store::Store;
use crate::probe::{Clock, Network};
use crate::readiness::ReadyBook;
use crate::report;
use crate::runtime::readiness::Judge;
use crate::runtime::{Console, Ended, Memory, TestPanic, Voice, Workplace, run_console};
use crate::term;
use crate::ui::LookOptions;

/// The exit code of a console that could not start.
pub(crate) const FAILED: u8 = 1;

/// Least time between two frames that no key asked for: 30 in a second, 10 over SSH.
const FRAME: Duration = Duration::from_millis(33);
const FRAME_OVER_SSH: Duration = Duration::from_millis(100);

/// Arguments of the console.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Args {
    /// Watch only: nothing can be changed from this console
    #[arg(long)]
    pub(crate) read_only: bool,
    /// auto, dark, light, high-contrast, ansi16, mono, or one of your own: themes/THEME.toml [default: chosen from NO_COLOR, TERM, COLORTERM, COLORFGBG]
    #[arg(long, value_name = "THEME")]
    pub(crate) theme: Option<String>,
    /// Plain ASCII signs and lines [default: chosen from the locale]
    #[arg(long)]
    pub(crate) ascii: bool,
    /// Record the session in a new file, for `switchboard replay`
    #[arg(long, value_name = "FILE", conflicts_with = "plain")]
    pub(crate) record: Option<PathBuf>,
    /// Lines of plain text instead of a screen, for screen readers and simple terminals [default where TERM is `dumb`]
    #[arg(long)]
    pub(crate) plain: bool,
}

impl Args {
    /// An option that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let all = [
            (self.read_only, "--read-only"),
            (self.theme.is_some(), "--theme"),
            (self.ascii, "--ascii"),
            (self.record.is_some(), "--record"),
            (self.plain, "--plain"),
        ];
        all.into_iter().find(|(given, _)| *given).map(|(_, option)| option)
    }

    /// Whether lines are asked for, or nothing else would do.
    fn lines(&self) -> bool {
        self.plain || (term::is_terminal() && environment("TERM").as_deref() == Some("dumb"))
    }
}

/// Least time between two frames that no key asked for.
pub(crate) fn frame() -> Duration {
    let over_ssh = environment("SSH_CONNECTION").is_some_and(|value| !value.is_empty());
    if over_ssh { FRAME_OVER_SSH } else { FRAME }
}

/// The zone of this machine's clock. Read from its file where that is plain: to look it up by name, every directory of the zone
/// database is listed first, and that takes longer than to draw the first screen.
pub(crate) fn local_zone() -> TimeZone {
    let read = || {
        let file = Path::new("/etc/localtime").canonicalize().ok()?;
        let (_, name) = file.to_str()?.rsplit_once("/zoneinfo/")?;
        TimeZone::tzif(name, &std::fs::read(&file).ok()?).ok()
    };
    let named_elsewhere = environment("TZ").is_some();
    if named_elsewhere { None } else { read() }.unwrap_or_else(TimeZone::system)
}

/// Opens the console on the topology file.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    let topology = Arc::new(context.topology(false)?);
    let (config, state_dir) = (context.topology_file()?.canonicalize()?, context.state_dir()?);
    open(args, topology, Clock::start(), &config, &state_dir, None).await
}

/// Opens the console on a topology, which was read from `config`; `faults` where this process runs the demo.
pub(crate) async fn open(
    args: Args,
    topology: Arc<Topology>,
    clock: Clock,
    config: &Path,
    state_dir: &Path,
    faults: Option<FaultBoard>,
) -> anyhow::Result<u8> {
    let memory = Memory::of(state_dir, &topology.console.name);
    let since = memory.load().unwrap_or_else(|error| {
        output::note(&format!("switchboard: since when findings hold is not known: {error}"));
        SinceBook::default()
    });
    let ready = memory.load_ready().unwrap_or_else(|error| {
        output::note(&format!("switchboard: when sites were last ready is not known: {error}"));
        ReadyBook::default()
    });
    let judge = Judge::new(Arc::clone(&topology), clock.clone(), ready)?.read_only(args.read_only);
    if args.lines() {
        let watch = Watch::new(topology, since);
        return plain::open(&args, watch, clock, Store::new(state_dir), memory, judge).await;
    }
    let options = LookOptions { theme: args.theme, ascii: args.ascii.then_some(true) };
    let (look, keymap) = (settings::look(&options)?, settings::keymap()?);
    let ascii = !look.glyphs().arrows;
    let workplace = Workplace {
        config: config.to_owned(),
        store: Store::new(state_dir),
        program: std::env::current_exe().context("this program does not find itself")?,
        who: Who::am_i(&environment),
        environment,
    };
    let network = Network::new(Arc::clone(&topology), &clock)?;
    let console = Console {
        watch: Watch::new(topology, since),
        network,
        clock,
        settings: Settings {
            operator: workplace.who.by.to_string(),
            zone: local_zone(),
            read_only: args.read_only,
            can_run: true,
        },
        keymap,
        look,
        faults,
        memory: Some(memory),
        workplace: Some(workplace),
        judge: Some(judge),
        voice: Voice::of(&environment),
        frame: frame(),
        record: args.record,
        test_panic: environment("SWITCHBOARD_TEST_PANIC").and_then(|value| TestPanic::asked(&value)),
    };
    let ended = run_console(console).await?;
    if let Ended::Quit(summary) = ended {
        // A terminal that went away in this very moment has nobody to read it.
        let _ = output::print(&if ascii { report::plain::ascii(&summary) } else { summary });
        for panic in term::swallowed_panics() {
            output::note(&format!("switchboard: a probe ended by a defect of the program, please report it: {panic}"));
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_that_is_read_is_the_one_that_is_looked_up() {
        let (read, looked_up) = (local_zone(), TimeZone::system());
        for moment in [1_780_000_000, 1_795_000_000] {
            let moment = jiff::Timestamp::from_second(moment).unwrap();
            assert_eq!(read.to_offset(moment), looked_up.to_offset(moment));
        }
    }
}
