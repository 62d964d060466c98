//! A presented certificate in a few words: how long it lasts, who trusts it, what is wrong with it, the worst first.

use std::time::Duration;

use jiff::Timestamp;

use crate::app::Model;
use crate::domain::certificate::{Facts, Standing, SubjectFault, TrustVerdict};
use crate::domain::judge::{CertificateView, ServiceView};
use crate::domain::name::Fqdn;
use crate::ui::look::{Glyphs, Role};

use super::{Mark, days, time_left};

/// A certificate, and what it is presented by.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct Presented<'a> {
    pub(in crate::ui) host: &'a Fqdn,
    pub(in crate::ui) service: &'a ServiceView,
    pub(in crate::ui) view: &'a CertificateView,
    /// Whether the Lync side presents it, so that the Exchange side has to trust it.
    pub(in crate::ui) by_pool: bool,
}

/// Something wrong with a certificate, in a few words, and in which column of the matrix it is seen anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) struct Fault {
    pub(in crate::ui) words: String,
    pub(in crate::ui) role: Role,
    pub(in crate::ui) shown: Shown,
}

/// Where a fault is seen in the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Shown {
    /// Among the days.
    Days,
    /// Among those who trust it.
    Trust,
    /// Among the names.
    Names,
    /// Nowhere but in words.
    Nowhere,
}

impl Presented<'_> {
    /// Everything that is wrong with it, the worst first.
    pub(in crate::ui) fn faults(&self, model: &Model) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut add = |words: String, role, shown| faults.push(Fault { words, role, shown });
        let facts = match &self.view.facts {
            Err(why) => {
                add(format!("unreadable: {why}"), Role::Down, Shown::Nowhere);
                return faults;
            }
            Ok(facts) => facts,
        };
        match ending(model, self.view) {
            Ending::Early => add("not valid yet".into(), Role::Down, Shown::Days),
            Ending::In { left, role } if left.is_zero() => add("expired".into(), role, Shown::Days),
            Ending::Unreadable | Ending::In { role: Role::Text, .. } => {}
            Ending::In { left, role } if end(self.view) == Some(facts.not_after) => {
                add(format!("ends in {}", days(left)), role, Shown::Days);
            }
            Ending::In { left, role } => add(format!("its issuer ends in {}", days(left)), role, Shown::Nowhere),
        }
        if self.is_revoked() {
            add("REVOKED".into(), Role::Down, Shown::Nowhere);
        }
        if facts.self_signed {
            add("self-signed".into(), Role::Down, Shown::Trust);
        } else {
            self.distrust(&mut add);
        }
        let missing: Vec<&str> = self.missing().map(|name| model.names.of(name.as_str())).collect();
        if !missing.is_empty() {
            add(format!("lacks {}", missing.join(" ")), Role::Down, Shown::Names);
        }
        self.weakness(facts, &mut add);
        faults.sort_by_key(|fault| fault.role != Role::Down);
        faults
    }

    fn distrust(&self, add: &mut impl FnMut(String, Role, Shown)) {
        let sides = [("Lync", self.view.lync, !self.by_pool), ("Exchange", self.view.exchange, self.by_pool)];
        for (side, verdict, decides) in sides {
            if let Some(TrustVerdict { ok: false, why, .. }) = verdict {
                let role = if decides { Role::Down } else { Role::Warn };
                add(format!("{side}: {}", reason(why.unwrap_or_default())), role, Shown::Trust);
            }
        }
    }

    /// What does not stop calls today.
    fn weakness(&self, facts: &Facts, add: &mut impl FnMut(String, Role, Shown)) {
        let mut warn = |words: String| add(words, Role::Warn, Shown::Nowhere);
        if self.service.taken_up == Some(false) {
            warn("not the one configured".into());
        }
        if let Some(tls) = self.service.tls.as_ref().filter(|tls| !tls.proved) {
            warn(format!("{} (TLS {})", tls.proof(), tls.version));
        }
        if facts.has_weak_key() {
            warn(format!("{} is weak", facts.key));
        }
        if facts.weak_signature && !facts.self_signed {
            warn(format!("{} is weak", facts.signature));
        }
        if !self.by_pool {
            match facts.subject_is(self.host) {
                Ok(()) => {}
                Err(SubjectFault::NoCn) => warn("has no common name".into()),
                Err(SubjectFault::WildcardCn) => warn("has a wildcard as its name".into()),
                Err(SubjectFault::OtherCn) => warn("has another host's name".into()),
            }
        }
    }

    /// Whether a list revokes it, or an authority of its chain.
    fn is_revoked(&self) -> bool {
        let mut looked_up = self.view.revocation.iter().flatten();
        looked_up.any(|one| matches!(one.standing, Standing::Revoked(_)))
    }

    /// Names that it has to cover and does not.
    pub(in crate::ui) fn missing(&self) -> impl Iterator<Item = &Fqdn> {
        self.view.covers.iter().filter(|(_, covered)| !**covered).map(|(name, _)| name)
    }
}

/// The worst of some faults in one sign.
pub(in crate::ui) fn mark(faults: &[Fault], glyphs: &Glyphs) -> Mark {
    match faults.first().map(|fault| fault.role) {
        None => Mark { glyph: glyphs.up, role: Role::Up, word: "fit" },
        Some(Role::Down) => Mark { glyph: glyphs.down, role: Role::Down, word: "not fit" },
        Some(role) => Mark { glyph: glyphs.warn, role, word: "fit for now" },
    }
}

/// When it ends to be of use: its own end, or that of its path to the roots where that is sooner.
pub(in crate::ui) fn end(view: &CertificateView) -> Option<Timestamp> {
    let own = view.facts.as_ref().ok()?.not_after;
    Some(view.usable_until().map_or(own, |until| until.min(own)))
}

/// When it ends to be of use, and whether that needs somebody.
enum Ending {
    Unreadable,
    /// It is not valid yet.
    Early,
    In {
        left: Duration,
        role: Role,
    },
}

fn ending(model: &Model, view: &CertificateView) -> Ending {
    let (Ok(facts), Some(end)) = (&view.facts, end(view)) else { return Ending::Unreadable };
    if facts.not_before > model.now {
        return Ending::Early;
    }
    let (left, role) = time_left(model, end);
    Ending::In { left, role }
}

/// Days until it ends to be of use.
pub(in crate::ui) fn left(model: &Model, view: &CertificateView) -> (String, Role) {
    match ending(model, view) {
        Ending::Unreadable => ("bad".into(), Role::Down),
        Ending::Early => ("early".into(), Role::Down),
        Ending::In { left, role } if left.is_zero() => ("ended".into(), role),
        Ending::In { left, role } => (days(left), role),
    }
}

/// Names covered of names required.
pub(in crate::ui) fn coverage(view: &CertificateView) -> (String, Role) {
    let (covered, required) = view.coverage();
    (format!("{covered}/{required}"), if covered < required { Role::Down } else { Role::Dim })
}

/// Whether a side trusts it: the sign, and in at most eleven columns why not.
pub(in crate::ui) fn trust(
    verdict: Option<TrustVerdict>,
    decides: bool,
    glyphs: &Glyphs,
) -> (&'static str, Role, &'static str) {
    match verdict {
        None => (glyphs.unknown, Role::Dim, "no roots"),
        Some(TrustVerdict { ok: true, .. }) => (glyphs.yes, Role::Up, ""),
        Some(TrustVerdict { why, .. }) => {
            (glyphs.no, if decides { Role::Down } else { Role::Warn }, reason(why.unwrap_or_default()))
        }
    }
}

/// Why a side does not trust it, in at most eleven columns.
const REASONS: &[(&str, &str)] = &[
    ("no-certificate", "none shown"),
    ("unreadable", "unreadable"),
    ("self-signed", "self-signed"),
    ("unknown-issuer", "unknown CA"),
    ("missing-intermediate", "incomplete"),
    ("expired", "CA expired"),
    ("not-yet-valid", "CA not yet"),
    ("weak-key", "weak key"),
    ("weak-signature", "weak hash"),
    ("bad-signature", "not signed"),
    ("unknown-signature", "unchecked"),
    ("wrong-purpose", "purpose"),
    ("name-constraint", "CA's names"),
    ("path-length", "too deep"),
    ("authority-as-leaf", "is a CA"),
    ("issuer-is-no-authority", "by no CA"),
    ("revoked", "revoked"),
];

fn reason(why: &str) -> &'static str {
    REASONS.iter().find(|row| row.0 == why).map_or("refused", |row| row.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::text::width;

    #[test]
    fn every_reason_is_known_to_the_domain_and_fits_its_column() {
        for (why, short) in REASONS.iter().filter(|row| row.0 != "revoked") {
            assert!(TrustVerdict::because(why).explained().is_some(), "{why}");
            assert!(width(short) <= 11, "{short}");
        }
    }
}
