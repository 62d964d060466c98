//! The way into a running demo from another process: a socket on loopback, and a file in the demo's directory that says
//! where it is and with which token, readable by its owner alone.
//!
//! One line of JSON each way, then the connection is closed.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::board::{FaultBoard, Told};
use super::error::DemoError;
use super::files;
use super::um_service::{Effect, Order, Verb};

const PATIENCE: Duration = Duration::from_secs(10);
/// The longest line that is read.
const LONGEST: u64 = 4 * 1024 * 1024;
const MOST_CALLERS: usize = 64;

/// What is in the control file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Door {
    address: SocketAddr,
    token: String,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "ask")]
pub enum Request {
    /// What the state command is to do.
    State,
    /// An order of the UM tool.
    Change {
        /// Which.
        verb: Verb,
        /// On which server, for which run.
        order: Order,
    },
    /// The words after `demo fault`.
    Fault {
        /// The first one.
        subject: String,
        /// The second one.
        fault: String,
    },
    /// All switches.
    List,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "answer")]
pub enum Response {
    /// Print this and end.
    Print {
        /// One line.
        text: String,
    },
    /// End with code 1 and this on standard error.
    Fail {
        /// One line.
        message: String,
    },
    /// Never end.
    Hang,
    /// It was done.
    Done,
    /// The order was carried out.
    Changed {
        /// What came of it.
        effect: Effect,
    },
    /// All switches.
    Switches {
        /// In the order of the cast.
        switches: Vec<Listed>,
    },
}

/// One switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The subject's token.
    pub subject: String,
    /// The fault's token.
    pub fault: String,
    /// One line of help.
    pub help: String,
    /// Whether it is on.
    pub on: bool,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    token: String,
    request: Request,
}

/// The open socket. Closed, and its file taken away, when dropped.
#[derive(Debug)]
pub(super) struct Control {
    file: PathBuf,
    _task: AbortOnDropHandle<()>,
}

impl Control {
    /// Opens the socket and writes the file.
    pub(super) async fn open(dir: &Path, board: FaultBoard) -> Result<Self, DemoError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(DemoError::socket("listen"))?;
        let address = listener.local_addr().map_err(DemoError::socket("listen"))?;
        let token = data_encoding::HEXLOWER.encode(&rand::random::<[u8; 16]>());
        let door = Door { address, token: token.clone() };
        let file = files::control(dir);
        let text = serde_json::to_string(&door).map_err(|error| DemoError::Protocol(error.to_string()))?;
        files::write_secret(&file, &(text + "\n"))?;
        Ok(Self { file, _task: AbortOnDropHandle::new(tokio::spawn(serve(listener, token, board))) })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

async fn serve(listener: TcpListener, token: String, board: FaultBoard) {
    let mut callers = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = callers.join_next() => {}
            Ok((stream, _)) = listener.accept(), if callers.len() < MOST_CALLERS => {
                let (token, board) = (token.clone(), board.clone());
                callers.spawn(async move { timeout(PATIENCE, receive(stream, &token, &board)).await });
            }
            else => return,
        }
    }
}

async fn receive(mut stream: TcpStream, token: &str, board: &FaultBoard) -> Result<(), DemoError> {
    let line = read_line(&mut stream).await?;
    let answer = match serde_json::from_str::<Envelope>(&line) {
        Ok(envelope) if envelope.token == token => answer(envelope.request, board).await,
        Ok(_) => Err(DemoError::Refused("the token is wrong".to_owned())),
        Err(error) => Err(DemoError::Protocol(error.to_string())),
    };
    let answer = answer.unwrap_or_else(|error| Response::Fail { message: error.to_string() });
    write_line(&mut stream, &answer).await
}

async fn answer(request: Request, board: &FaultBoard) -> Result<Response, DemoError> {
    Ok(match request {
        Request::State => match board.told() {
            Told::Print(text) => Response::Print { text },
            Told::Fail(message) => Response::Fail { message },
            Told::Hang => Response::Hang,
        },
        Request::Change { verb, order } => Response::Changed { effect: board.order(verb, &order).await? },
        Request::Fault { subject, fault } => {
            board.obey(&subject, &fault).await?;
            Response::Done
        }
        Request::List => {
            let listed = |switch: super::board::Switch| Listed {
                subject: switch.subject,
                fault: switch.fault.to_owned(),
                help: switch.help.to_owned(),
                on: switch.on,
            };
            Response::Switches { switches: board.list().into_iter().map(listed).collect() }
        }
    })
}

/// Asks the demo that serves a directory.
///
/// # Errors
/// [`DemoError::NotServed`] when none does; [`DemoError::Refused`] with the demo's own words when it will not.
pub async fn ask(dir: &Path, request: Request) -> Result<Response, DemoError> {
    let file = files::control(dir);
    let text = std::fs::read_to_string(&file).map_err(|_| DemoError::NotServed(dir.to_owned()))?;
    let door: Door = serde_json::from_str(&text).map_err(|error| DemoError::Protocol(error.to_string()))?;
    let exchange = async {
        let mut stream = TcpStream::connect(door.address).await.map_err(|_| DemoError::NotServed(dir.to_owned()))?;
        write_line(&mut stream, &Envelope { token: door.token, request }).await?;
        read_line(&mut stream).await
    };
    let late = || DemoError::Protocol(format!("no answer within {} s", PATIENCE.as_secs()));
    let line = timeout(PATIENCE, exchange).await.map_err(|_| late())??;
    serde_json::from_str(&line).map_err(|error| DemoError::Protocol(error.to_string()))
}

async fn write_line(stream: &mut TcpStream, value: &impl Serialize) -> Result<(), DemoError> {
    let text = serde_json::to_string(value).map_err(|error| DemoError::Protocol(error.to_string()))? + "\n";
    stream.write_all(text.as_bytes()).await.map_err(DemoError::socket("write"))
}

async fn read_line(stream: &mut TcpStream) -> Result<String, DemoError> {
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST)).read_line(&mut line).await.map_err(DemoError::socket("read"))?;
    Ok(line)
}
