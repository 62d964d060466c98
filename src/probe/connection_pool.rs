//! Connections that wait for their next probe, at most one per target.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::name::Fqdn;
use crate::domain::server::Transport;

use super::connection::Connection;

/// How often connections that nobody asks for any more are looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// Which connection may serve which probe.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The declared address, before the address map: it stands in the requests too.
    pub(super) address: SocketAddr,
    /// How.
    pub(super) transport: Transport,
    /// The name that the handshake asked for.
    pub(super) server_name: Fqdn,
}

/// The connections at rest.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Resting>);

#[derive(Debug, Default)]
struct Resting {
    connections: HashMap<Key, Box<Connection>>,
    swept: Option<Instant>,
}

impl Pool {
    /// Takes a connection out, when there is one that is young enough.
    pub(super) fn take(&self, key: &Key) -> Option<Box<Connection>> {
        let connection = self.lock().connections.remove(key)?;
        if Instant::now() < connection.until() {
            return Some(connection);
        }
        connection.close();
        None
    }

    /// Puts a connection to rest after a good answer.
    pub(super) fn put(&self, key: Key, connection: Box<Connection>) {
        let now = Instant::now();
        if now >= connection.until() {
            return connection.close();
        }
        let mut resting = self.lock();
        if resting.swept.is_none_or(|swept| now.duration_since(swept) > SWEEP) {
            resting.connections.retain(|_, connection| now < connection.until());
            resting.swept = Some(now);
        }
        resting.connections.insert(key, connection);
    }

    /// Ends the connection that waits for a target's next probe.
    pub(super) fn forget(&self, key: &Key) {
        if let Some(connection) = self.lock().connections.remove(key) {
            connection.close();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Resting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
