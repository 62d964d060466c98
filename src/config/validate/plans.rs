//! Dial plans: the site of each, and what its failover method needs.

use super::names::Names;
use super::{value, values};
use crate::config::area::File;
use crate::config::area::dns::RawZone;
use crate::config::area::plan::RawPlan;
use crate::config::reader::{At, Bad, Reader};
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::topology::{DialPlan, FailoverMethod};

pub(super) fn check(reader: &Reader<'_>, file: &File, names: &Names<'_>) {
    for plan in file.plans.iter().filter(|plan| plan.method == Some(FailoverMethod::Dns)) {
        for member in &plan.members {
            check_zone(reader, member, names);
        }
    }
    if file.backends.is_empty() {
        check_commands(reader, file);
    }
    for zone in &file.dns.zones {
        check_other_names(reader, zone);
    }
}

/// A zone's other names are read at its own write primary.
fn check_other_names(reader: &Reader<'_>, zone: &RawZone) {
    let Some(apex) = &zone.name else { return };
    for name in zone.other_names.iter().flatten().filter(|name| !name.value.is_within(&apex.value)) {
        reader.unfit(&name.span, &Bad::new(format!("{} does not lie in the zone {}", name.value, apex.value)));
    }
}

/// A name can move only where a zone is declared that holds it.
fn check_zone(reader: &Reader<'_>, member: &At<Fqdn>, names: &Names<'_>) {
    let known = names.servers.contains_key(member.value.as_str());
    if known && !names.zones.iter().any(|zone| member.value.is_within(zone)) {
        let bad = Bad::new(format!("no zone holds {}: the dial plan fails over by DNS", member.value));
        let parent = member.value.as_str().split_once('.').map_or("", |(_, parent)| parent);
        reader.unfit(
            &member.span,
            &bad.help(format!("declare it: [[dns.zone]] name = \"{parent}\", or the zone above it")),
        );
    }
}

/// Servers can be enabled and disabled only by commands.
fn check_commands(reader: &Reader<'_>, file: &File) {
    for plan in file.plans.iter().filter(|plan| plan.method == Some(FailoverMethod::EnableDisable)) {
        let bad =
            Bad::new("the dial plan fails over by enabling and disabling servers, and no `command` backend does that");
        reader.unfit(&plan.span, &bad.help("declare one: [backend.exchange] type = \"command\""));
    }
}

/// The site of each plan: the one written, or the one that its members or its name tell.
pub(super) fn sites(reader: &Reader<'_>, file: &File, names: &Names<'_>) -> Vec<Option<SiteName>> {
    file.plans.iter().map(|plan| site(reader, plan, names)).collect()
}

fn site(reader: &Reader<'_>, plan: &RawPlan, names: &Names<'_>) -> Option<SiteName> {
    if let Some(site) = &plan.site {
        return Some(site.value.clone());
    }
    let of_members: Vec<Option<&SiteName>> =
        plan.members.iter().map(|member| names.servers.get(member.value.as_str()).copied().flatten()).collect();
    if let Some(first) = of_members.first().copied().flatten()
        && of_members.iter().all(|site| *site == Some(first))
    {
        return Some(first.clone());
    }
    let label = plan.name.as_ref()?.value.as_str().split('.').next()?;
    if let Some(site) = names.sites.iter().find(|site| site.eq_ignore_ascii_case(label)) {
        return Some(SiteName::new(*site));
    }
    if of_members.iter().all(Option::is_some) && !of_members.is_empty() {
        let bad = Bad::new("[[dial_plan]] needs `site`: its members stand in several sites, and its name tells none");
        reader.unfit(&plan.span, &bad);
    }
    None
}

pub(super) fn build(raw: RawPlan, site: SiteName) -> Option<DialPlan> {
    Some(DialPlan {
        name: value(raw.name?),
        site,
        enterprise_voice: raw.enterprise_voice,
        method: raw.method?,
        members: values(raw.members),
        access_numbers: values(raw.access_numbers),
        auto_attendants: values(raw.auto_attendants),
        gateways: raw.gateways.map(values),
    })
}
