//! Revocation lists: whatever the bytes, reading, looking up and proving come to an end without a panic.
//!
//! `tests/cert/corpus.rs` does the same with the inputs kept in `corpus/crl`.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use switchboard::domain::certificate::{Crl, Facts, judge_revocation};

/// An authority and a leaf of it, DER: whose list this might be.
const AUTHORITY: &[u8] = include_bytes!("../corpus/crl-authority.der");
const LEAF: &[u8] = include_bytes!("../corpus/crl-leaf.der");

fuzz_target!(|data: &[u8]| {
    let Ok(lists) = Crl::read(data) else { return };
    let lists: Vec<Arc<Crl>> = lists.into_iter().map(Arc::new).collect();
    let issuer = Facts::read(AUTHORITY).expect("a certificate");
    for list in &lists {
        let _ = (list.len(), list.revokes(&issuer.serial), list.may_be_issued_by(&issuer), list.is_signed_by(AUTHORITY));
        let _ = list.is_expired(list.this_update);
    }
    let chain = [LEAF.to_vec(), AUTHORITY.to_vec()];
    assert_eq!(judge_revocation(&chain, [AUTHORITY], &lists).len(), 1);
});
