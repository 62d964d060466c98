//! Revocation lists, read from where the topology file says: a file, or a plain HTTP server as authorities publish them.
//!
//! Nothing is followed, and nothing is believed: a list is signed, and who signed it is asked where it is used.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::config::read_file;
use crate::domain::certificate::Crl;
use crate::domain::clean::Clean;
use crate::domain::observation::CrlFailure;
use crate::domain::topology::{AddressMap, CrlPlace};
use crate::wire::http;

/// The largest list that is read; a hundred thousand entries take about 4 MiB.
const LARGEST_MIB: u32 = 8;
/// The most addresses of a name that are tried.
const ADDRESSES: usize = 4;

/// Reads the lists of one place, within a deadline.
///
/// # Errors
/// [`CrlFailure`] when the place cannot be reached, or what is there is of no use.
pub async fn read(place: &CrlPlace, map: &AddressMap, deadline: Duration) -> Result<Vec<Arc<Crl>>, CrlFailure> {
    let late = CrlFailure::Unreachable(Clean::new("no whole answer in time"));
    let bytes = async {
        match place {
            CrlPlace::File(path) => from_file(path).await,
            CrlPlace::Http { host, port, path } => from_server(host, *port, path, map).await,
        }
    };
    let bytes = timeout(deadline, bytes).await.map_err(|_| late)??;
    // A long list takes a while to be read.
    let lists = spawn_blocking(move || Crl::read(&bytes)).await;
    let lists = lists.map_err(|error| CrlFailure::Unusable(Clean::new(&error.to_string())))?;
    let lists = lists.map_err(|error| CrlFailure::Unusable(Clean::new(&error.to_string())))?;
    Ok(lists.into_iter().map(Arc::new).collect())
}

async fn from_file(path: &Path) -> Result<Vec<u8>, CrlFailure> {
    let path = path.to_owned();
    let read = spawn_blocking(move || read_file(&path, LARGEST_MIB)).await;
    read.map_err(io::Error::other).and_then(|read| read).map_err(|error| unreachable(&error))
}

async fn from_server(host: &str, port: u16, path: &str, map: &AddressMap) -> Result<Vec<u8>, CrlFailure> {
    let Some(request) = http::request(host, port, path) else {
        return Err(CrlFailure::Unreachable(Clean::new("no URL that can be asked for")));
    };
    let addresses: Vec<SocketAddr> = match lookup_host((host.trim_matches(['[', ']']), port)).await {
        Ok(found) => found.take(ADDRESSES).collect(),
        Err(error) => return Err(unreachable(&error)),
    };
    let mut failure = CrlFailure::Unreachable(Clean::new(&format!("{host} has no address")));
    for address in addresses {
        match exchange(map.route(address), &request).await {
            Ok(answer) => {
                let body =
                    http::body(&answer).map_err(|error| CrlFailure::Unreachable(Clean::new(&error.to_string())))?;
                return Ok(body.to_vec());
            }
            Err(error) => failure = unreachable(&error),
        }
    }
    Err(failure)
}

async fn exchange(address: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut io = TcpStream::connect(address).await?;
    io.write_all(request).await?;
    let most = u64::from(LARGEST_MIB) * 1024 * 1024;
    let mut answer = Vec::new();
    io.take(most + 1).read_to_end(&mut answer).await?;
    if answer.len() as u64 > most {
        return Err(io::Error::other(format!("it sends more than {LARGEST_MIB} MiB")));
    }
    Ok(answer)
}

fn unreachable(error: &io::Error) -> CrlFailure {
    CrlFailure::Unreachable(Clean::new(&error.to_string()))
}
