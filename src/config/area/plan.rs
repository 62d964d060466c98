//! `[[dial_plan]]`: who answers for whose users, under which numbers, and how it fails over.

use super::name;
use crate::config::reader::{At, Bad};
use crate::config::source::Span;
use crate::config::table::Table;
use crate::config::values;
use crate::domain::name::{DialPlanName, Fqdn, SiteName};
use crate::domain::topology::FailoverMethod;

/// `[[dial_plan]]`.
pub(in crate::config) struct RawPlan {
    pub(in crate::config) span: Span,
    pub(in crate::config) name: Option<At<DialPlanName>>,
    pub(in crate::config) site: Option<At<SiteName>>,
    pub(in crate::config) enterprise_voice: Option<String>,
    pub(in crate::config) method: Option<FailoverMethod>,
    pub(in crate::config) members: Vec<At<Fqdn>>,
    pub(in crate::config) access_numbers: Vec<At<String>>,
    pub(in crate::config) auto_attendants: Vec<At<String>>,
    pub(in crate::config) gateways: Option<Vec<At<Fqdn>>>,
}

const METHODS: &[(&str, FailoverMethod)] =
    &[("dns", FailoverMethod::Dns), ("enable-disable", FailoverMethod::EnableDisable)];

pub(in crate::config) fn read(table: &Table<'_>) -> RawPlan {
    table.require(&["name", "method", "members"]);
    if table.is_empty_list("members") {
        table
            .reader
            .unfit(&table.span_of("members"), &Bad::new("`members` is empty: nobody answers for this dial plan"));
    }
    let numbers = |key| table.list(key, "numbers", values::number);
    RawPlan {
        span: table.span.clone(),
        name: name(table, "name", DialPlanName::new),
        site: name(table, "site", SiteName::new),
        enterprise_voice: table.text("enterprise_voice").map(|text| text.value),
        method: table.word("method", METHODS).map(|method| method.value),
        members: table.list("members", "host names", values::fqdn),
        access_numbers: numbers("access_numbers"),
        auto_attendants: numbers("auto_attendants"),
        gateways: table.has("gateways").then(|| table.list("gateways", "pools", values::fqdn)),
    }
}
