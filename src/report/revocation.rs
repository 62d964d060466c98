//! What `cert --crl` says: which lists were read, and whether they revoke a certificate of the chain.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::certificate::{Crl, Facts, Revocation, Standing, Unreadable};

/// A question to revocation lists, and its answer.
#[derive(Debug, Default)]
pub struct Revocations {
    /// Each place that was asked for. Nothing was asked when there is none.
    pub places: Vec<ListsOf>,
    /// What the lists say of the chain's certificates.
    pub certificates: Vec<Revocation>,
}

/// A place of revocation lists.
#[derive(Debug)]
pub struct ListsOf {
    /// As it was written.
    pub source: String,
    /// The lists, or why there are none.
    pub read: Result<Vec<Arc<Crl>>, String>,
}

impl Revocations {
    /// All lists that could be read.
    pub fn lists(&self) -> impl Iterator<Item = &Arc<Crl>> {
        self.places.iter().filter_map(|place| place.read.as_ref().ok()).flatten()
    }

    /// Why the chain is not known to be unrevoked: every list has to be there and in its time, the leaf has to be looked up, and
    /// nothing may be revoked. `None` when all is well, or nothing was asked.
    #[must_use]
    pub fn trouble(&self, at: Timestamp) -> Option<&'static str> {
        let leaf = self.certificates.iter().find(|one| one.presented == 0).map(|one| &one.standing);
        if self.places.is_empty() {
            None
        } else if self.certificates.iter().any(|one| matches!(one.standing, Standing::Revoked(_))) {
            Some("revoked")
        } else if self.places.iter().any(|place| place.read.is_err()) {
            Some("list-unreachable")
        } else if matches!(leaf, Some(Standing::Unproven)) {
            Some("list-unproven")
        } else if self.lists().any(|list| list.is_expired(at)) {
            Some("list-expired")
        } else if !matches!(leaf, Some(Standing::Good { .. })) {
            Some("no-list")
        } else {
            None
        }
    }

    /// The documented JSON; `null` where nothing was asked.
    pub(super) fn json(&self, at: Timestamp) -> Value {
        if self.places.is_empty() {
            return Value::Null;
        }
        let list = |list: &Arc<Crl>| {
            json!({"issuer": list.issuer, "this_update": list.this_update, "next_update": list.next_update,
                   "expired": list.is_expired(at), "revoked": list.len()})
        };
        let sources = self.places.iter().map(|place| match &place.read {
            Ok(lists) => {
                json!({"source": place.source, "lists": lists.iter().map(list).collect::<Vec<_>>(), "error": null})
            }
            Err(why) => json!({"source": place.source, "lists": [], "error": why}),
        });
        let (sources, trouble): (Vec<Value>, _) = (sources.collect(), self.trouble(at));
        json!({"ok": trouble.is_none(), "why": trouble, "certificates": self.certificates, "sources": sources})
    }

    /// One line for each list and for each certificate.
    pub(super) fn rows(&self, chain: &[Result<Facts, Unreadable>], at: Timestamp, row: &mut impl FnMut(&str, &str)) {
        for ListsOf { source, read } in &self.places {
            match read {
                Err(why) => row("list", &format!("{source}: {why}")),
                Ok(lists) => {
                    for list in lists {
                        row("list", &format!("{source}: {}", list_words(list, at)));
                    }
                }
            }
        }
        for one in &self.certificates {
            let whose = match chain.get(one.presented) {
                Some(Ok(facts)) if one.presented > 0 => facts.subject.to_string(),
                _ => "the certificate".to_owned(),
            };
            row("revocation", &format!("{whose}: {}", standing_words(one)));
        }
    }
}

fn standing_words(one: &Revocation) -> String {
    match &one.standing {
        Standing::Good { .. } => "not revoked".to_owned(),
        Standing::Revoked(revoked) => {
            let (day, reason) = (revoked.at.strftime("%F"), revoked.reason.word());
            format!("REVOKED on {day}, reason {reason}, serial {}", one.serial)
        }
        Standing::NoList => "not known: there is no list of its issuer".to_owned(),
        Standing::Unproven => "not known: no authority known here signed the list; say --roots".to_owned(),
    }
}

fn list_words(list: &Crl, at: Timestamp) -> String {
    let next = list.next_update.map(|next| format!("until {}", next.strftime("%F")));
    let next = next.unwrap_or_else(|| "without an end".to_owned());
    let old = if list.is_expired(at) { ": OUT OF DATE" } else { "" };
    format!("{} revoked of {}, made {}, {next}{old}", list.len(), list.issuer, list.this_update.strftime("%F"))
}
