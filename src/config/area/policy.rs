//! `[policy]` and `[[freeze]]`: what the owners of a deployment ask of every failover.

use jiff::Timestamp;

use crate::config::reader::{At, Bad};
use crate::config::table::Table;
use crate::config::values;
use crate::domain::name::SiteName;

/// `[[freeze]]`; its sites are not looked up yet.
pub(in crate::config) struct RawFreeze {
    pub(in crate::config) sites: Vec<At<SiteName>>,
    pub(in crate::config) from: Option<At<Timestamp>>,
    pub(in crate::config) until: Option<At<Timestamp>>,
    pub(in crate::config) reason: Option<At<String>>,
}

/// Whether a second person has to agree.
pub(in crate::config) fn second_person(table: Option<&Table<'_>>) -> bool {
    table.and_then(|table| table.flag("second_person")).unwrap_or(false)
}

pub(in crate::config) fn read_freeze(table: &Table<'_>) -> RawFreeze {
    table.require(&["from", "until", "reason"]);
    let (from, until) = (table.time("from"), table.time("until"));
    if let (Some(from), Some(until)) = (&from, &until)
        && until.value <= from.value
    {
        table.reader.unfit(&until.span, &Bad::new("the freeze ends before it begins"));
    }
    let sites = table.list("sites", "sites", values::shown);
    RawFreeze {
        sites: sites.into_iter().map(|site| site.map(SiteName::new)).collect(),
        from,
        until,
        reason: table.text("reason"),
    }
}
