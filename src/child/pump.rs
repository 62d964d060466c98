//! Moves bytes between the console and a child's pipes. Errors of a pipe mean that the other side is gone.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::ChildStdin;

use super::Failure;

/// How much of standard error is kept.
const TAIL: usize = 4 * 1024;
const CHUNK: usize = 8 * 1024;

/// Writes the whole input and closes the pipe. A command that does not read it is none of our business.
pub(super) async fn feed(stdin: Option<ChildStdin>, input: &[u8]) -> Result<(), Failure> {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(input).await;
    }
    Ok(())
}

/// Reads to the end; more than the cap is a failure.
pub(super) async fn keep_all<R: AsyncRead + Unpin>(
    pipe: Option<R>,
    kept: &mut Vec<u8>,
    cap: usize,
) -> Result<(), Failure> {
    each_chunk(pipe, |chunk| {
        if kept.len() + chunk.len() > cap {
            return Err(Failure::TooLong(cap));
        }
        kept.extend_from_slice(chunk);
        Ok(())
    })
    .await
}

/// Reads to the end and keeps the last bytes.
pub(super) async fn keep_end<R: AsyncRead + Unpin>(pipe: Option<R>, kept: &mut Vec<u8>) -> Result<(), Failure> {
    each_chunk(pipe, |chunk| {
        kept.extend_from_slice(chunk);
        let surplus = kept.len().saturating_sub(TAIL);
        kept.drain(..surplus);
        Ok(())
    })
    .await
}

async fn each_chunk<R: AsyncRead + Unpin>(
    pipe: Option<R>,
    mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    let mut chunk = vec![0; CHUNK];
    loop {
        match pipe.read(&mut chunk).await {
            Ok(0) | Err(_) => return Ok(()),
            Ok(count) => take(&chunk[..count])?,
        }
    }
}
