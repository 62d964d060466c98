//! Findings about revocation lists. That one revokes a certificate is said of the certificate.

use super::Found;
use crate::domain::health::Health;
use crate::domain::judge::{CrlView, ListView, Picture};
use crate::domain::observation::CrlFailure;
use crate::domain::watch::Watch;

pub(super) fn collect(watch: &Watch, picture: &Picture, found: &mut Found) {
    for view in &picture.crls {
        unreadable(watch, view, found);
        for list in &view.lists {
            judge(view, list, picture, found);
        }
    }
}

fn unreadable(watch: &Watch, view: &CrlView, found: &mut Found) {
    let Some(track) = watch.crls.get(&view.source).filter(|_| view.health == Health::Down) else { return };
    let evidence = view.error.clone().unwrap_or_default();
    let (id, message) = match &track.error {
        Some(CrlFailure::Unusable(_)) => ("crl-unusable", "is no revocation list that can be used"),
        _ => ("crl-unreachable", "cannot be read: whether certificates were revoked is not known"),
    };
    found.add_since(id, &view.source, format!("{} {message}", view.source), evidence, Some(track.failing.since));
}

fn judge(view: &CrlView, list: &ListView, picture: &Picture, found: &mut Found) {
    if list.signed == Some(false) {
        let message = format!("{} is not signed by the authority whose name it bears", view.source);
        found.add("crl-unusable", &view.source, message, format!("issuer {}", list.issuer));
    }
    if let Some(next) = list.next_update.filter(|next| *next < picture.at) {
        let message = format!("{} is out of date: a newer list was to be there", view.source);
        let evidence = format!("issuer {}, made {}, next {next}", list.issuer, list.this_update);
        found.add_since("crl-expired", &view.source, message, evidence, Some(next));
    }
}
