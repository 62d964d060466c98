//! The embedded topology: the source document's two sites as real SIP, TLS and DNS servers on loopback, and their faults.
//!
//! It needs no privilege and no fixed port, so that several run side by side; nothing in it touches a real network. It
//! writes a topology file of the kind that users write, and whoever reads that file cannot tell the demo from a deployment.
//! It knows nothing of the console, of probes, or of how findings are judged.

pub mod board;
pub mod cast;
pub mod control;
pub mod dns;
pub mod error;
pub mod faults;
mod files;
mod names;
pub mod pki;
pub mod sip;
mod stage;
mod topology;
pub mod um_service;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::secret::Secret;

pub use board::{FaultBoard, Switch};
pub use cast::{Cast, Design, Profile};
pub use dns::WallClock;
pub use error::DemoError;

use control::Control;
use pki::{Authorities, Condition};
use stage::Stage;

/// What a demo needs to start.
#[derive(Clone)]
pub struct Options {
    /// Which of the source document's designs.
    pub design: Design,
    /// How servers treat a console.
    pub profile: Profile,
    /// TTL of the servers' records; 20 s, and 20 min in the field profile, when absent.
    pub ttl: Option<Duration>,
    /// Time between two rounds of a probe.
    pub interval: Duration,
    /// Where its files go. Made when it is missing.
    pub dir: PathBuf,
    /// This program: the topology file names it as the UM tool.
    pub program: PathBuf,
    /// The wall time.
    pub clock: WallClock,
}

impl Options {
    /// The first design, with servers that answer everyone, probed each second.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, program: impl Into<PathBuf>, clock: WallClock) -> Self {
        Self {
            design: Design::Dns,
            profile: Profile::Kind,
            ttl: None,
            interval: Duration::from_secs(1),
            dir: dir.into(),
            program: program.into(),
            clock,
        }
    }

    fn ttl(&self) -> Duration {
        let usual = if self.profile == Profile::Field { 1200 } else { 20 };
        self.ttl.unwrap_or(Duration::from_secs(usual))
    }
}

/// A running demo. Its servers end when it and every clone of its board are dropped; its files stay, but for the control file.
pub struct Demo {
    dir: PathBuf,
    board: FaultBoard,
    _control: Control,
    _lock: File,
}

impl Demo {
    /// Starts every server, then writes the files.
    ///
    /// # Errors
    /// [`DemoError::InUse`] when a living demo serves the directory; others when a file or port cannot be had.
    pub async fn start(options: Options) -> Result<Self, DemoError> {
        let lock = files::claim(&options.dir)?;
        let dir = options.dir.canonicalize().map_err(DemoError::file("find", &options.dir))?;
        let authorities = Authorities::new((options.clock)())?;
        let secret: [u8; 32] = rand::random();
        let cast = Cast::new(options.design, options.profile);
        let names = names::Names::start(&cast, &options, Secret::new(secret.to_vec())).await?;
        let stage = Stage::start(cast, &authorities, names)?;
        write_files(&dir, &authorities, &secret)?;
        let list = authorities.revocation_lists(stage.cast.hosts().map(cast::Host::fqdn))?;
        files::write(&dir.join("issuing.crl"), &list)?;
        let text = topology::write(&stage, &dir, &options);
        let board = FaultBoard::new(stage);
        let control = Control::open(&dir, board.clone()).await?;
        // Last, so that whoever sees it finds everything else in place.
        files::write(&files::topology(&dir), &text)?;
        Ok(Self { dir, board, _control: control, _lock: lock })
    }

    /// Where its files are.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The topology file.
    #[must_use]
    pub fn topology_file(&self) -> PathBuf {
        files::topology(&self.dir)
    }

    /// The board that switches faults.
    #[must_use]
    pub fn faults(&self) -> FaultBoard {
        self.board.clone()
    }
}

/// Whether a demo served the directory once, and none does now: it was killed, or it crashed.
#[must_use]
pub fn is_abandoned(dir: &Path) -> bool {
    files::is_abandoned(dir)
}

fn write_files(dir: &Path, authorities: &Authorities, secret: &[u8]) -> Result<(), DemoError> {
    files::write(&dir.join("lync-roots.pem"), &authorities.lync_roots())?;
    files::write(&dir.join("exchange-roots.pem"), &authorities.exchange_roots())?;
    files::write_secret(&dir.join("tsig.key"), &(data_encoding::BASE64.encode(secret) + "\n"))?;
    let gateway = authorities.issue(cast::POOL.0, &[cast::POOL.0.to_owned()], Condition::Good)?;
    files::write(&dir.join("gateway.pem"), &gateway.chain_pem())?;
    files::write_secret(&dir.join("gateway-key.pem"), &gateway.key_pem())
}
