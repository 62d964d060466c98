//! DNS in a few words: servers, answers, what is left of a TTL, what a fence marker says.

use std::net::SocketAddr;

use jiff::Timestamp;

use crate::app::Model;
use crate::app::fences::Says;
use crate::domain::judge::{DnsAnswerView, DnsServerView};
use crate::domain::marker::Marker;
use crate::domain::observation::{Addresses, DnsFailure, DnsKind};
use crate::ui::look::Role;

/// A DNS server: its address, and its port where that is not the usual one.
pub(in crate::ui) fn server(address: SocketAddr) -> String {
    if address.port() == 53 { address.ip().to_string() } else { address.to_string() }
}

/// What a DNS server is here, in at most eight columns.
pub(in crate::ui) fn kind(model: &Model, view: &DnsServerView) -> &'static str {
    let writes = |zone| model.topology.write_primaries(zone).first().is_some_and(|first| first.address == view.server);
    match view.kind {
        DnsKind::Resolver => "resolver",
        DnsKind::Authoritative if model.topology.zones.iter().any(writes) => "primary",
        DnsKind::Authoritative => "zone",
    }
}

/// The addresses of an answer.
pub(in crate::ui) fn addresses(answer: &Addresses) -> Vec<String> {
    answer.a.iter().map(ToString::to_string).chain(answer.aaaa.iter().map(ToString::to_string)).collect()
}

/// A failure in one or two words.
pub(in crate::ui) fn failure(failure: &DnsFailure) -> String {
    match failure {
        DnsFailure::Timeout => "no answer".into(),
        DnsFailure::ConnectionRefused => "refused".into(),
        DnsFailure::Code(code) => code.to_string(),
        DnsFailure::Malformed(why) => format!("malformed: {why}"),
        DnsFailure::Lame => "lame: answers without authority".into(),
        DnsFailure::Local(why) => format!("not asked: {why}"),
    }
}

/// What caches hold still, in at most four columns. Rounded up in steps while there is much, so that a screen full of them is
/// not drawn anew every second.
pub(in crate::ui) fn ttl(view: &DnsAnswerView, now: Timestamp) -> Option<String> {
    let left = view.ttl_left(now)?;
    let coarse = match (view.kind, left) {
        (DnsKind::Authoritative, left) | (DnsKind::Resolver, left @ 0..20) => left,
        (DnsKind::Resolver, left @ 20..120) => left.div_ceil(5) * 5,
        (DnsKind::Resolver, left) => left.div_ceil(60) * 60,
    };
    Some(match coarse {
        0..10_000 => coarse.to_string(),
        10_000..360_000 => format!("{}h", coarse / 3600),
        _ => format!("{}d", coarse / 86_400),
    })
}

/// What a fence marker says.
pub(in crate::ui) fn fence(says: &Says, now: Timestamp) -> (String, Role) {
    match says {
        Says::Marker(marker) => marker_words(marker, now),
        Says::Absent => ("absent: the next run creates it".into(), Role::Warn),
        Says::Malformed(why) => (format!("cannot be read: {why}"), Role::Down),
        Says::Unknown(why) => (format!("not known: {why}"), Role::Unknown),
    }
}

fn marker_words(marker: &Marker, now: Timestamp) -> (String, Role) {
    let by = if marker.by.is_empty() { "somebody" } else { &marker.by };
    let (held, role) = match (&marker.run, marker.exp) {
        (None, _) => ("free".to_owned(), Role::Text),
        (Some(_), Some(exp)) if marker.is_held(now) => {
            (format!("held by {by} until {}", exp.strftime("%H:%M UTC")), Role::Warn)
        }
        (Some(_), None) => (format!("held by {by}"), Role::Warn),
        (Some(_), Some(exp)) => (format!("left open by {by}, expired {}", super::ago(exp, now)), Role::Warn),
    };
    let away = match marker.moved.as_slice() {
        [] => String::new(),
        moved => format!(", {} at {}", moved.join(" "), marker.to),
    };
    let step = if marker.seq == 0 { "no run yet".to_owned() } else { format!("step {}", marker.seq) };
    let epoch = if marker.epoch > 1 { format!(", epoch {}", marker.epoch) } else { String::new() };
    (format!("{held}{away}, {step}{epoch}"), role)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::place::Place;

    #[test]
    fn what_is_left_at_a_resolver_changes_in_steps_and_never_says_less_than_there_is() {
        let at = Timestamp::UNIX_EPOCH;
        let answer = Addresses { ttl: Some(3600), ..Addresses::default() };
        let server = SocketAddr::from(([192, 0, 2, 53], 53));
        let kind = DnsKind::Resolver;
        let view = DnsAnswerView { server, kind, answer: Ok(answer), place: Place::Home, at, serial: None };
        let mut shown = Vec::new();
        for second in 0..=3600 {
            let now = Timestamp::from_second(second).unwrap();
            let text = ttl(&view, now).unwrap();
            assert!(text.parse::<u32>().unwrap() >= view.ttl_left(now).unwrap(), "{second}");
            shown.push(text);
        }
        shown.dedup();
        assert_eq!(shown.last().map(String::as_str), Some("0"));
        assert!(shown.len() < 110, "{}", shown.len());
    }

    #[test]
    fn a_marker_says_who_holds_the_fence_and_who_let_it_lie() {
        let text = "v=1;epoch=1;seq=8;moved=um1,um2;to=dublin;run=01J;by=ana;exp=2026-11-22T14:20:00Z;head=";
        let marker = Marker::parse(text).unwrap();
        let at = |time: &str| fence(&Says::Marker(marker.clone()), time.parse().unwrap()).0;
        assert_eq!(at("2026-11-22T14:10:00Z"), "held by ana until 14:20 UTC, um1 um2 at dublin, step 8");
        assert_eq!(at("2026-11-22T14:30:00Z"), "left open by ana, expired 10 min ago, um1 um2 at dublin, step 8");
        assert_eq!(fence(&Says::Marker(Marker::first()), marker.exp.unwrap()).0, "free, no run yet");
    }
}
