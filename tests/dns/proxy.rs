//! A TCP proxy in front of a DNS server that treats updates badly and questions well.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::op::{Message, OpCode, ResponseCode};
use switchboard::wire::dns::tsig::{self, Prior, Stamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{key_named, now, over_tcp, secret};

/// What becomes of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    Pass,
    /// Not handed on, and the line stays open.
    Swallow,
    /// Not handed on, and the line is reset.
    ResetBefore,
    /// Handed on; the answer is lost and the line stays open.
    SwallowAnswer,
    /// Handed on; the line is reset in place of an answer.
    ResetAfter,
    /// Handed on; the answer comes late.
    Late,
    /// Handed on twice; the first answer comes back.
    TwiceFirst,
    /// Handed on twice; the second answer comes back.
    TwiceSecond,
    /// Handed on; half of the answer comes back.
    HalfAnswer,
    /// Handed on; the answer comes with another id.
    OtherId,
    /// Not handed on; answered with this code, unsigned.
    Code(ResponseCode),
    /// Not handed on; answered with this code, signed with another secret.
    WrongSignature(ResponseCode),
    /// Not handed on; answered with an error of the key.
    KeyError(u16),
    /// Handed on; the answer is replaced by this code, unsigned.
    DoneButCode(ResponseCode),
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    pub(crate) updates: Arc<AtomicUsize>,
    pub(crate) seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Proxy {
    pub(crate) async fn start(behind: SocketAddr, treatment: Treatment) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (updates, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, log) = (Arc::clone(&updates), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(relay(stream, behind, treatment, Arc::clone(&count), Arc::clone(&log)));
            }
        });
        Self { address, updates, seen }
    }

    /// How many updates came in.
    pub(crate) fn count(&self) -> usize {
        self.updates.load(Ordering::SeqCst)
    }
}

async fn relay(
    mut stream: TcpStream,
    behind: SocketAddr,
    treatment: Treatment,
    updates: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
) {
    while let Ok(length) = stream.read_u16().await {
        let mut message = vec![0; usize::from(length)];
        stream.read_exact(&mut message).await.unwrap();
        let is_update = Message::from_vec(&message).is_ok_and(|message| message.op_code == OpCode::Update);
        let treatment = if is_update { treatment } else { Treatment::Pass };
        if is_update {
            updates.fetch_add(1, Ordering::SeqCst);
            seen.lock().unwrap().push(message.clone());
        }
        let Some(answer) = treat(&mut stream, behind, treatment, &message).await else { return };
        stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes()).await.unwrap();
        let half = treatment == Treatment::HalfAnswer;
        stream.write_all(if half { &answer[..answer.len() / 2] } else { &answer }).await.unwrap();
        if half {
            return;
        }
    }
}

/// The answer to give; none when the line ends here.
async fn treat(stream: &mut TcpStream, behind: SocketAddr, treatment: Treatment, message: &[u8]) -> Option<Vec<u8>> {
    let hand_on = || async { over_tcp(behind, message).await.unwrap() };
    match treatment {
        Treatment::Pass | Treatment::HalfAnswer | Treatment::TwiceFirst => {
            let first = hand_on().await;
            if treatment == Treatment::TwiceFirst {
                hand_on().await;
            }
            Some(first)
        }
        Treatment::Late => {
            let answer = hand_on().await;
            tokio::time::sleep(Duration::from_millis(1500)).await; // the lateness itself
            Some(answer)
        }
        Treatment::TwiceSecond => {
            hand_on().await;
            Some(hand_on().await)
        }
        Treatment::OtherId => {
            let mut answer = hand_on().await;
            answer[0] ^= 1;
            Some(answer)
        }
        Treatment::Swallow | Treatment::SwallowAnswer => {
            if treatment == Treatment::SwallowAnswer {
                hand_on().await;
            }
            // Until the client gives up.
            let _ = stream.read_u8().await;
            None
        }
        Treatment::ResetBefore | Treatment::ResetAfter => {
            if treatment == Treatment::ResetAfter {
                hand_on().await;
            }
            stream.set_zero_linger().unwrap();
            None
        }
        Treatment::Code(code) => Some(reply(message, code).to_vec().unwrap()),
        Treatment::WrongSignature(code) => Some(signed(message, code, 0)),
        Treatment::KeyError(error) => Some(signed(message, ResponseCode::NotAuth, error)),
        Treatment::DoneButCode(code) => {
            hand_on().await;
            Some(reply(message, code).to_vec().unwrap())
        }
    }
}

fn reply(message: &[u8], code: ResponseCode) -> Message {
    let request = Message::from_vec(message).unwrap();
    let mut reply = Message::error_msg(request.id, OpCode::Update, code);
    reply.add_queries(request.queries);
    reply
}

/// Signed by somebody who has not the secret.
fn signed(message: &[u8], code: ResponseCode, error: u16) -> Vec<u8> {
    let mac = Message::from_vec(message).unwrap().signature.unwrap().data.mac.clone();
    let mut bytes = reply(message, code).to_vec().unwrap();
    let mut wrong = secret();
    wrong[0] ^= 1;
    let key = key_named("switchboard", &wrong, switchboard::domain::topology::TsigAlgorithm::HmacSha256);
    let stamp = Stamp { time: now(), error, ..Stamp::default() };
    tsig::sign(&mut bytes, &key, &stamp, Prior::Request(&mac)).unwrap();
    bytes
}
