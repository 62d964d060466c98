//! A loopback port that stays ours while its listener comes and goes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::demo::error::DemoError;

use super::connection::Server;
use super::{Conduct, Link};

/// As many connections as one port keeps at a time; more are closed at once.
const MOST_CONNECTIONS: usize = 256;
const BACKLOG: u32 = 128;

/// A port that is bound by a socket which never listens, so that nobody else gets it while the server is stopped.
pub(super) struct Port {
    /// Where it is.
    pub(super) address: SocketAddr,
    _holder: TcpSocket,
}

impl Port {
    /// Takes a free port of loopback.
    pub(super) fn reserve() -> Result<Self, DemoError> {
        let bound = || {
            let holder = socket(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
            Ok(Self { address: holder.local_addr()?, _holder: holder })
        };
        bound().map_err(DemoError::socket("take a port"))
    }

    /// Starts to listen on it.
    pub(super) fn listen(&self) -> Result<TcpListener, DemoError> {
        self.open(BACKLOG).map_err(DemoError::socket("listen"))
    }

    fn open(&self, backlog: u32) -> io::Result<TcpListener> {
        socket(self.address)?.listen(backlog)
    }
}

/// Sockets of one user may share a port when all of them say so; only the one that listens gets connections.
fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// A listener that nobody gets through to: its queue of one is full, and the kernel drops what comes after.
struct Darkness {
    _listener: TcpListener,
    _filler: Option<TcpStream>,
}

impl Darkness {
    async fn fall(port: &Port, open: Option<TcpListener>) -> io::Result<Self> {
        let listener = port.open(0)?;
        drop(open);
        // Someone else may have taken the place in the queue; then it is full as well.
        let filler = timeout(Duration::from_millis(200), TcpStream::connect(port.address)).await;
        Ok(Self { _listener: listener, _filler: filler.ok().and_then(Result::ok) })
    }
}

/// Serves a port for as long as the server lives, as its conduct says; tells in `settled` which link it has taken up.
pub(super) async fn run(
    port: Port,
    first: TcpListener,
    mut conduct: watch::Receiver<Conduct>,
    server: Server,
    settled: watch::Sender<Link>,
) {
    let mut connections = JoinSet::new();
    let mut listener = Some(first);
    loop {
        let link = conduct.borrow_and_update().link;
        let darkness = match link {
            Link::Open | Link::Resetting => {
                listener = listener.or_else(|| port.open(BACKLOG).ok());
                None
            }
            Link::Stopped => {
                listener = None;
                None
            }
            Link::Dark => Darkness::fall(&port, listener.take()).await.ok(),
        };
        settled.send_replace(link);
        let goes_on = until_changed(link, listener.as_ref(), &mut conduct, &mut connections, &server).await;
        if !goes_on {
            return;
        }
        if darkness.is_some() && conduct.borrow().link != Link::Dark {
            // The new listener is there before the dark one goes, so that no attempt is refused in between.
            listener = port.open(BACKLOG).ok().filter(|_| conduct.borrow().link != Link::Stopped);
        }
    }
}

/// Takes connections until the link is another one. `false` when the server is gone.
async fn until_changed(
    link: Link,
    listener: Option<&TcpListener>,
    conduct: &mut watch::Receiver<Conduct>,
    connections: &mut JoinSet<()>,
    server: &Server,
) -> bool {
    loop {
        tokio::select! {
            changed = conduct.changed() => {
                if changed.is_err() {
                    return false;
                }
                if conduct.borrow().link != link {
                    return true;
                }
            }
            Some(_) = connections.join_next() => {}
            Ok((stream, source)) = accept(listener) => {
                if connections.len() < MOST_CONNECTIONS {
                    connections.spawn(server.clone().serve(stream, source, conduct.clone()));
                }
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}
