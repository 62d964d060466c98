//! R9: before Exchange 2010 SP1 a dial plan has the same name on the Exchange and on the Lync side.

use super::Input;
use super::notes::{Found, Notes};
use crate::domain::server::Server;

const DECLARE: &str = "declare enterprise_voice of the dial plan in the topology file";
const RENAME: &str =
    "give the Enterprise Voice dial plan the name of the Exchange one, or bring the servers to 2010 SP1";

pub(super) fn judge(input: &Input<'_>) -> Found {
    let mut notes = Notes::default();
    for plan in &input.topology.dial_plans {
        let members = plan.members.iter().filter_map(|member| input.topology.server(member));
        let old: Vec<&Server> = members.filter(|server| server.version.needs_matching_names()).collect();
        let Some(first) = old.first() else { continue };
        let why = format!("{} has {}", first.fqdn, first.version);
        match &plan.enterprise_voice {
            None => {
                notes.unknown(format!("{}: its name on the Lync side is not declared, and {why}", plan.name), DECLARE);
            }
            Some(name) if name.eq_ignore_ascii_case(plan.name.as_str()) => {
                notes.fine(format!("{}: the same on both sides ({why})", plan.name));
            }
            Some(name) => notes.fail(format!("{}: the Lync side has {name}, and {why}", plan.name), RENAME),
        }
    }
    if notes.is_empty() {
        let oldest = input.topology.servers().map(|server| server.version).min();
        let oldest =
            oldest.map_or_else(|| "no server is declared".to_owned(), |v| format!("the oldest server has {v}"));
        return Found::NotApplicable(format!("names may differ since 14.1 (2010 SP1), and {oldest}"));
    }
    Found::Seen(notes)
}
