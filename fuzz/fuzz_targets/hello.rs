//! A server's flight in clear text: the same result in any chunks, bounded, without a panic.
//!
//! `tests/cert/corpus.rs` does the same with the inputs kept in `corpus/hello`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard::domain::certificate::Facts;
use switchboard::wire::hello::{Hello, HelloError, Reader, suite_name};

fn read(data: &[u8], size: usize) -> Result<Option<Hello>, HelloError> {
    let mut reader = Reader::new();
    for chunk in data.chunks(size) {
        if reader.push(chunk)? {
            break;
        }
    }
    Ok(reader.so_far().cloned())
}

fuzz_target!(|data: &[u8]| {
    let whole = read(data, data.len().max(1));
    assert_eq!(whole, read(data, 7), "chunks change nothing");
    if let Ok(Some(hello)) = whole {
        let _ = (hello.version_name(), suite_name(hello.suite), hello.is_modern());
        for der in &hello.chain {
            let _ = Facts::read(der);
        }
    }
});
