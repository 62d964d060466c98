//! Which signatures were checked before: the same bytes give the same answer, and a console is shown the same few certificates
//! and revocation lists all day long.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use ring::digest::{Context, SHA256};

use super::algorithm::Signed;

/// Signatures that are remembered. Whoever shows ever new certificates makes everything be forgotten, and checked again.
const MOST: usize = 2048;

static CHECKED: LazyLock<Mutex<HashMap<[u8; 32], Signed>>> = LazyLock::new(Mutex::default);

/// The answer to a signature, checked where it is not known yet. `all` is everything that the answer depends on.
pub(super) fn once(all: &[&[u8]], check: impl FnOnce() -> Signed) -> Signed {
    let key = digest(all);
    let checked = || CHECKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = checked().get(&key) {
        return *known;
    }
    let answer = check();
    let mut checked = checked();
    if checked.len() >= MOST {
        checked.clear();
    }
    checked.insert(key, answer);
    answer
}

/// SHA-256 over all parts with their lengths, so that no two lists of parts are the same bytes.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_checked_is_not_checked_again_and_nothing_else_is_taken_for_it() {
        let never = || unreachable!("it was checked before");
        assert_eq!(once(&[b"test", b"key", b"message"], || Signed::Yes), Signed::Yes);
        assert_eq!(once(&[b"test", b"key", b"message"], never), Signed::Yes);
        for other in [[&b"test"[..], b"keymes", b"sage"], [b"test", b"", b"keymessage"], [b"Test", b"key", b"message"]]
        {
            assert_eq!(once(&other, || Signed::No), Signed::No);
            assert_eq!(once(&other, never), Signed::No);
        }
    }
}
