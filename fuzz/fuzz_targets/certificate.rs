//! Certificates: whatever the bytes, reading, covering, ordering and judging come to an end without a panic.
//!
//! The input is a leaf; where it holds a second DER sequence behind the first, that is sent with it and is the only root.
//! `tests/cert/corpus.rs` does the same with the inputs kept in `corpus/certificate`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard::domain::certificate::{Facts, Known, Purpose, Required, judge_chain, shape};
use switchboard::domain::topology::Roots;

fuzz_target!(|data: &[u8]| {
    let cut = match data {
        [0x30, 0x82, high, low, ..] => (4 + usize::from(u16::from_be_bytes([*high, *low]))).min(data.len()),
        _ => data.len(),
    };
    let (leaf, second) = data.split_at(cut);
    let mut chain = vec![leaf.to_vec()];
    chain.extend((!second.is_empty()).then(|| second.to_vec()));
    let facts: Vec<Facts> = chain.iter().filter_map(|der| Facts::read(der).ok()).collect();
    let _ = shape(&facts);
    for name in ["um1.tukwila.contoso.com", "192.0.2.11"] {
        let required = Required::parse(name).expect("a name");
        for facts in &facts {
            let _ = facts.coverage(&required);
        }
    }
    let roots = Roots { certificates: chain[1..].to_vec(), ..Roots::default() };
    let known = Known { elsewhere: &[&roots], seen: &chain, ..Known::default() };
    let now = "2026-06-01T00:00:00Z".parse().expect("a time");
    let _ = judge_chain(&chain, &roots, known, now, Purpose::Server);
});
