//! What can be selected. Always by identity, never by row: a list that is sorted anew under the cursor moves no selection.

use crate::domain::name::{DialPlanName, Fqdn, SiteName};

/// Something on screen that can be selected and inspected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A site.
    Site(SiteName),
    /// A UM server.
    Server(Fqdn),
    /// A Lync pool.
    Pool(Fqdn),
    /// A dial plan.
    Plan(DialPlanName),
    /// A finding.
    Finding {
        /// Its kind.
        id: &'static str,
        /// What it is about.
        subject: String,
    },
}
