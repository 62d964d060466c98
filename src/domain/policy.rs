//! What the owners of a deployment ask of every failover, whoever runs it: a second person, times without changes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::name::SiteName;

/// The deployment's own rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {
    /// Whether another user has to agree before anything is changed.
    pub second_person: bool,
    /// Times for which somebody asked for no changes.
    pub freezes: Vec<Freeze>,
}

/// A time without changes. A maintenance window is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// The sites that it is about; all of them when empty.
    pub sites: Vec<SiteName>,
    /// From when.
    pub from: Timestamp,
    /// Until when; not frozen any more at that moment.
    pub until: Timestamp,
    /// Why, in its owner's words.
    pub reason: String,
}

impl Freeze {
    /// Whether it holds at some moment for some site.
    #[must_use]
    pub fn holds(&self, at: Timestamp, site: &SiteName) -> bool {
        let concerned = self.sites.is_empty() || self.sites.contains(site);
        concerned && self.from <= at && at < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freeze_holds_from_its_first_moment_up_to_its_last_and_for_its_sites_alone() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut freeze = Freeze {
            sites: vec![SiteName::new("Tukwila")],
            from: time("2026-12-20T00:00:00Z"),
            until: time("2027-01-02T00:00:00Z"),
            reason: "year end".into(),
        };
        let (tukwila, dublin) = (SiteName::new("Tukwila"), SiteName::new("Dublin"));
        assert!(freeze.holds(freeze.from, &tukwila) && !freeze.holds(freeze.until, &tukwila));
        assert!(!freeze.holds(time("2026-12-19T23:59:59Z"), &tukwila) && !freeze.holds(freeze.from, &dublin));
        freeze.sites.clear();
        assert!(freeze.holds(freeze.from, &dublin));
    }
}
