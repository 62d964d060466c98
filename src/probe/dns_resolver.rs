//! Asks one resolver through hickory-resolver: nothing kept, no search list, no hosts file, one server.
//!
//! Its sockets come from here, because its own are not connected: a closed port would look like silence.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RecordType};
use hickory_resolver::Resolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::{DnsUdpSocket, RuntimeProvider, TokioHandle, TokioRuntimeProvider, TokioTime};
use hickory_resolver::net::{DnsError, NetError};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::dns_exchange::{connected, failure};
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::domain::observation::{Addresses, DnsFailure, DnsKind};
use crate::wire::dns::answer::{self, Half};
use crate::wire::dns::{code, to_name};

/// Looks names up at one resolver.
pub(super) struct Lookups {
    resolver: Result<Resolver<Connected>, Clean>,
    trouble: Trouble,
}

/// The last error of a socket: the library reports "no connections" in its place.
type Trouble = Arc<Mutex<Option<DnsFailure>>>;

impl Lookups {
    pub(super) fn at(server: SocketAddr, patience: Duration) -> Self {
        let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
        for connection in &mut connections {
            connection.port = server.port();
        }
        let servers = vec![NameServerConfig::new(server.ip(), true, connections)];
        let config = ResolverConfig::from_name_servers(servers);
        let mut options = ResolverOpts::default();
        options.timeout = patience;
        options.attempts = 0;
        options.cache_size = 0;
        options.edns0 = false;
        options.use_hosts_file = ResolveHosts::Never;
        options.num_concurrent_reqs = 1;
        options.os_port_selection = true;
        let sockets = Connected::default();
        let trouble = Arc::clone(&sockets.trouble);
        let resolver = Resolver::builder_with_config(config, sockets).with_options(options).build();
        Self { resolver: resolver.map_err(|error| Clean::new(&error.to_string())), trouble }
    }

    /// A and AAAA at once; a name is known only when both are.
    pub(super) async fn addresses(&self, name: &Fqdn, until: Instant) -> Result<Addresses, DnsFailure> {
        let resolver = self.resolver.as_ref().map_err(|why| DnsFailure::Local(why.clone()))?;
        let name = to_name(name);
        let half = async |kind| match timeout_at(until, half(resolver, &name, kind, &self.trouble)).await {
            Ok(found) => found,
            Err(_) => Err(DnsFailure::Timeout),
        };
        let (a, aaaa) = futures_util::join!(half(RecordType::A), half(RecordType::AAAA));
        Ok(answer::addresses(&a?, &aaaa?))
    }
}

async fn half(
    resolver: &Resolver<Connected>,
    name: &Name,
    kind: RecordType,
    trouble: &Trouble,
) -> Result<Half, DnsFailure> {
    match resolver.lookup(name.clone(), kind).await {
        Ok(found) => Half::of(found.message(), name, DnsKind::Resolver),
        Err(NetError::NoConnections) => Err(locked(trouble).clone().unwrap_or(DnsFailure::Timeout)),
        Err(error) => nothing(&error),
    }
}

/// The library counts "no such name" and "no such record" as errors; here they are answers.
fn nothing(error: &NetError) -> Result<Half, DnsFailure> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => Ok(Half { nonexistent: true, ..Half::default() }),
            ResponseCode::NoError => Ok(Half::default()),
            other => Err(DnsFailure::Code(code::name(other).into())),
        },
        NetError::Dns(DnsError::ResponseCode(other)) => Err(DnsFailure::Code(code::name(*other).into())),
        NetError::Timeout => Err(DnsFailure::Timeout),
        NetError::Io(error) => Err(failure(error)),
        other => Err(DnsFailure::Malformed(Clean::new(&other.to_string()))),
    }
}

/// tokio's runtime with connected UDP sockets.
#[derive(Clone, Default)]
struct Connected {
    tokio: TokioRuntimeProvider,
    trouble: Trouble,
}

fn locked(trouble: &Trouble) -> MutexGuard<'_, Option<DnsFailure>> {
    trouble.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers what went wrong and hands it on.
fn noted<T>(result: io::Result<T>, trouble: &Trouble) -> io::Result<T> {
    result.inspect_err(|error| *locked(trouble) = Some(failure(error)))
}

impl RuntimeProvider for Connected {
    type Handle = TokioHandle;
    type Timer = TokioTime;
    type Udp = ConnectedSocket;
    type Tcp = <TokioRuntimeProvider as RuntimeProvider>::Tcp;

    fn create_handle(&self) -> Self::Handle {
        self.tokio.create_handle()
    }

    fn connect_tcp(
        &self,
        server: SocketAddr,
        bind: Option<SocketAddr>,
        patience: Option<Duration>,
    ) -> Pin<Box<dyn Send + Future<Output = io::Result<Self::Tcp>>>> {
        let (connecting, trouble) = (self.tokio.connect_tcp(server, bind, patience), Arc::clone(&self.trouble));
        Box::pin(async move { noted(connecting.await, &trouble) })
    }

    fn bind_udp(
        &self,
        _local: SocketAddr,
        server: SocketAddr,
    ) -> Pin<Box<dyn Send + Future<Output = io::Result<Self::Udp>>>> {
        let trouble = Arc::clone(&self.trouble);
        Box::pin(async move {
            let socket = noted(connected(server).await, &trouble)?;
            Ok(ConnectedSocket { socket, server, trouble })
        })
    }
}

/// A datagram's length and sender, some time.
type Receiving<'a> = Pin<Box<dyn Future<Output = io::Result<(usize, SocketAddr)>> + Send + 'a>>;

/// A UDP socket that talks with one server only.
struct ConnectedSocket {
    socket: UdpSocket,
    server: SocketAddr,
    trouble: Trouble,
}

impl DnsUdpSocket for ConnectedSocket {
    type Time = TokioTime;

    fn poll_recv_from(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<(usize, SocketAddr)>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(self.socket.poll_recv(cx, &mut buffer))?;
        Poll::Ready(Ok((buffer.filled().len(), self.server)))
    }

    /// The waiting form instead of the polled one: only this one is woken by an ICMP error, "nothing listens there".
    fn recv_from<'a, 'b, 'c>(&'a self, buffer: &'b mut [u8]) -> Receiving<'c>
    where
        'a: 'c,
        'b: 'c,
    {
        Box::pin(async move { Ok((noted(self.socket.recv(buffer).await, &self.trouble)?, self.server)) })
    }

    fn poll_send_to(&self, cx: &mut Context<'_>, bytes: &[u8], _server: SocketAddr) -> Poll<io::Result<usize>> {
        self.socket.poll_send(cx, bytes)
    }
}
