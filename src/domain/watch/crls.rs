//! Revocation lists: whether they can be read, what they say, who signed them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Watch, age};
use crate::domain::certificate::{Crl, Facts};
use crate::domain::health::{Health, Tracker};
use crate::domain::judge::{CrlView, ListView};
use crate::domain::observation::CrlFailure;
use crate::domain::topology::CrlSource;

/// What is remembered of one place where lists are read.
#[derive(Debug, Clone)]
pub(super) struct CrlTrack {
    /// `true` is a failed reading.
    pub(super) failing: Tracker<bool>,
    pub(super) error: Option<CrlFailure>,
    /// The newest lists that could be read; a failed reading keeps the older ones.
    lists: Vec<Arc<Crl>>,
    /// Of each, whether an authority that is known signed it; `None` where none of its issuer's name and key is known.
    proofs: Vec<Option<bool>>,
    at: Timestamp,
    read_at: Option<Timestamp>,
}

impl Watch {
    pub(super) fn absorb_crl(&mut self, source: String, result: Result<Vec<Arc<Crl>>, CrlFailure>, at: Timestamp) {
        if !self.topology.trust.crls.iter().any(|known| known.written == source) {
            return;
        }
        let (counts, failed) = (self.counts(), result.is_err());
        let track = self.crls.entry(source).or_insert_with(|| CrlTrack::new(failed, at));
        if track.at < at {
            track.failing.absorb(failed, at, counts);
        }
        track.at = at;
        let changed = match result {
            Err(failure) => {
                track.error = Some(failure);
                false
            }
            Ok(lists) => {
                let changed = lists != track.lists;
                (track.lists, track.error, track.read_at) = (lists, None, Some(at));
                changed
            }
        };
        if changed {
            self.take_lists(at);
        }
    }

    /// Judges every chain with the lists that there are now.
    pub(super) fn take_lists(&mut self, at: Timestamp) {
        self.lists = self.crls.values().flat_map(|track| &track.lists).cloned().collect();
        self.prove_lists();
        self.judge_again(at, |_| true);
    }

    /// Looks for the signer of each list among all authorities that are known.
    pub(super) fn prove_lists(&mut self) {
        let trust = &self.topology.trust;
        let roots = trust.lync.iter().chain(&trust.exchange).flat_map(|roots| &roots.certificates);
        let known: Vec<(&Vec<u8>, Facts)> =
            roots.chain(&self.authorities).filter_map(|der| Some((der, Facts::read(der).ok()?))).collect();
        for track in self.crls.values_mut() {
            track.proofs = track.lists.iter().map(|list| proof(list, &known)).collect();
        }
    }

    /// The views, whether or not anything was ever read.
    pub(super) fn crl_views(&self, now: Timestamp) -> Vec<CrlView> {
        self.topology.trust.crls.iter().map(|source| self.crl_view(source, now)).collect()
    }

    fn crl_view(&self, source: &CrlSource, now: Timestamp) -> CrlView {
        let track = self.crls.get(&source.written);
        let too_old = (source.interval() + self.topology.console.timeout) * (self.topology.console.fall.max(1) + 1);
        let health = match track {
            Some(track) if age(track.at, now) <= too_old => {
                if track.failing.state {
                    Health::Down
                } else {
                    Health::Up
                }
            }
            _ => Health::Unknown,
        };
        let lists = track.into_iter().flat_map(|track| track.lists.iter().zip(&track.proofs));
        CrlView {
            source: source.written.clone(),
            health,
            at: track.map(|track| track.at),
            read_at: track.and_then(|track| track.read_at),
            error: track.and_then(|track| track.error.as_ref()).map(failure_words),
            lists: lists.map(|(list, proof)| view(list, *proof)).collect(),
        }
    }
}

impl CrlTrack {
    /// Whether the newest reading speaks for a worse state than the judged one.
    pub(super) fn is_unsettled(&self) -> bool {
        self.failing.worsens()
    }

    fn new(failed: bool, at: Timestamp) -> Self {
        let failing = Tracker::new(failed, at);
        Self { failing, error: None, lists: Vec::new(), proofs: Vec::new(), at, read_at: None }
    }
}

fn proof(list: &Crl, known: &[(&Vec<u8>, Facts)]) -> Option<bool> {
    let mut issuers = known.iter().filter(|(_, facts)| list.may_be_issued_by(facts)).peekable();
    issuers.peek()?;
    Some(issuers.any(|(der, _)| list.is_signed_by(der)))
}

fn view(list: &Crl, signed: Option<bool>) -> ListView {
    ListView {
        issuer: list.issuer.clone(),
        this_update: list.this_update,
        next_update: list.next_update,
        revoked: list.len(),
        signed,
    }
}

/// A failure in plain words.
#[must_use]
pub fn failure_words(failure: &CrlFailure) -> String {
    match failure {
        CrlFailure::Unreachable(why) => format!("cannot be read: {why}"),
        CrlFailure::Unusable(why) => format!("is of no use: {why}"),
    }
}

/// By place: what is remembered.
pub(super) type CrlTracks = BTreeMap<String, CrlTrack>;
