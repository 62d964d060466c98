//! The fuzzers' inputs that were worth keeping, replayed: what `fuzz/` runs, on what it found.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchboard::domain::certificate::{Crl, Facts, Known, Purpose, Required, judge_chain, judge_revocation, shape};
use switchboard::domain::topology::Roots;
use switchboard::wire::hello::{Hello, HelloError, Reader};

fn inputs(kind: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(kind);
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<_> = files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    assert!(found.len() > 5, "the corpus of {kind} is where it was");
    found
}

#[test]
fn certificates_of_the_corpus_are_read_and_judged_without_a_panic() {
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    let mut readable = 0;
    for (_, data) in inputs("certificate") {
        let cut = match data.as_slice() {
            [0x30, 0x82, high, low, ..] => (4 + usize::from(u16::from_be_bytes([*high, *low]))).min(data.len()),
            _ => data.len(),
        };
        let (leaf, second) = data.split_at(cut);
        let mut chain = vec![leaf.to_vec()];
        chain.extend((!second.is_empty()).then(|| second.to_vec()));
        let facts: Vec<Facts> = chain.iter().filter_map(|der| Facts::read(der).ok()).collect();
        readable += facts.len();
        assert!(shape(&facts).path.len() <= facts.len());
        for facts in &facts {
            let _ = facts.coverage(&Required::parse("um1.tukwila.contoso.com").unwrap());
            let _ = facts.coverage(&Required::parse("192.0.2.11").unwrap());
        }
        let roots = Roots { certificates: chain[1..].to_vec(), ..Roots::default() };
        let known = Known { elsewhere: &[&roots], seen: &chain, ..Known::default() };
        let _ = judge_chain(&chain, &roots, known, now, Purpose::Server);
    }
    assert!(readable > 2, "some of them are certificates");
}

#[test]
fn revocation_lists_of_the_corpus_are_read_and_looked_up_without_a_panic() {
    let der = |name: &str| std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name)).unwrap();
    let (leaf, authority) = (der("crl-leaf.der"), der("crl-authority.der"));
    let issuer = Facts::read(&authority).unwrap();
    let (mut readable, mut proven) = (0, 0);
    for (path, data) in inputs("crl") {
        let Ok(lists) = Crl::read(&data) else { continue };
        let lists: Vec<Arc<Crl>> = lists.into_iter().map(Arc::new).collect();
        readable += lists.len();
        for list in &lists {
            assert!(list.revokes(&issuer.serial).is_none() || !list.is_empty(), "{}", path.display());
            proven += usize::from(list.may_be_issued_by(&issuer) && list.is_signed_by(&authority));
        }
        let chain = [leaf.clone(), authority.clone()];
        assert_eq!(judge_revocation(&chain, [authority.as_slice()], &lists).len(), 1, "{}", path.display());
    }
    assert!(readable > 3 && proven > 3, "{readable} lists, {proven} of them proven");
}

fn read(data: &[u8], size: usize) -> Result<Option<Hello>, HelloError> {
    let mut reader = Reader::new();
    for chunk in data.chunks(size) {
        if reader.push(chunk)? {
            break;
        }
    }
    Ok(reader.so_far().cloned())
}

#[test]
fn hellos_of_the_corpus_give_the_same_result_in_any_chunks() {
    let mut greeted = 0;
    for (path, data) in inputs("hello") {
        let whole = read(&data, data.len().max(1));
        for size in [1, 7, 100] {
            assert_eq!(whole, read(&data, size), "{}", path.display());
        }
        greeted += usize::from(matches!(whole, Ok(Some(_))));
    }
    assert!(greeted > 2, "some of them are hellos");
}
