//! R3: every step of every plan has somebody who carries it out and can be reached, confirmed by both sides on a day.

use jiff::civil::Date;

use super::Input;
use super::notes::{Found, Notes, list};
use crate::domain::topology::{FailoverMethod, Site};

/// After so many days a confirmation is to be renewed.
const GOOD_FOR: i32 = 180;
/// The fewest digits that can be a number to call.
const FEWEST_DIGITS: usize = 3;

const NAME: &str =
    "name who does it, with a way to reach them: owners = { dns = 'NAME NUMBER' } of the site in the topology file";
const CONFIRM: &str =
    "go through the steps with the other side's administrators, then write the day: confirmed = YYYY-MM-DD";

pub(super) fn judge(input: &Input<'_>) -> Found {
    let mut notes = Notes::default();
    for site in input.topology.sites.iter().filter(|site| !site.servers.is_empty()) {
        judge_site(&mut notes, input, site);
    }
    Found::Seen(notes)
}

fn judge_site(notes: &mut Notes, input: &Input<'_>, site: &Site) {
    let owners = &site.owners;
    let needed = [
        ("DNS changes", &owners.dns, moves_names(input, site)),
        ("Exchange changes", &owners.exchange, true),
        ("proof on the Lync side", &owners.lync, true),
    ];
    for (task, owner, _) in needed.iter().filter(|(_, _, needed)| *needed) {
        match owner {
            None => notes.fail(format!("{}: nobody is named for {task}", site.name), NAME),
            Some(owner) if !is_contact(owner) => {
                notes.fail(format!("{}: {owner} has {task}, with no number or address", site.name), NAME);
            }
            Some(_) => {}
        }
    }
    let who = list(needed.iter().filter_map(|(_, owner, needed)| owner.as_ref().filter(|_| *needed)));
    judge_date(notes, site, &who, owners.confirmed, input.facts.today);
}

fn judge_date(notes: &mut Notes, site: &Site, who: &str, confirmed: Option<Date>, today: Date) {
    let Some(day) = confirmed else {
        return notes.fail(format!("{}: no day on which both sides confirmed who does what", site.name), CONFIRM);
    };
    let age = day.until(today).map_or(0, |span| span.get_days());
    if age < 0 {
        notes.fail(format!("{}: confirmed on {day}, which is still to come", site.name), CONFIRM);
    } else if age > GOOD_FOR {
        notes.warn(format!("{}: confirmed on {day}, {age} days ago; {GOOD_FOR} are good", site.name), CONFIRM);
    } else {
        notes.fine(format!("{}: {who}; confirmed on {day}, {age} days ago", site.name));
    }
}

/// Whether records of this site's servers are changed, or lead callers here.
fn moves_names(input: &Input<'_>, site: &Site) -> bool {
    let by_dns = input.topology.dial_plans.iter().filter(|plan| plan.method == FailoverMethod::Dns);
    by_dns.into_iter().any(|plan| site.servers.iter().any(|server| plan.members.contains(&server.fqdn)))
}

fn is_contact(owner: &str) -> bool {
    owner.contains('@') || owner.chars().filter(char::is_ascii_digit).count() >= FEWEST_DIGITS
}
