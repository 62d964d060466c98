//! R11: in the DNS design each server has a partner in the other site, that one has it, and both have their record.

use super::Input;
use super::notes::{Found, Notes};
use crate::domain::name::SiteName;
use crate::domain::place::Place;
use crate::domain::server::Server;
use crate::domain::topology::FailoverMethod;

const DECLARE: &str = "declare `partner` at both servers, each naming the other, in two sites";
const STANDBY: &str = "declare `standby` at the site in the topology file";
const RECORD: &str = "restore the server's address record: `switchboard plan --back`, or the DNS team";
const ASK: &str = "see why the authoritative servers do not answer: `switchboard check`";
const AGREE: &str = "let the authoritative servers agree again: zone transfers, A against AAAA";

pub(super) fn judge(input: &Input<'_>) -> Found {
    if !input.has(FailoverMethod::Dns) {
        return Found::NotApplicable("no dial plan fails over by DNS: no record moves".to_owned());
    }
    let mut notes = Notes::default();
    for server in input.topology.servers().filter(|server| input.moves(&server.fqdn)) {
        match pairing(input, server) {
            Ok(partner) => record(&mut notes, input, server, partner),
            Err((why, advice)) => notes.fail(format!("{}: {why}", server.fqdn), advice),
        }
    }
    Found::Seen(notes)
}

/// The partner, when the two are a pair over the two sites.
fn pairing<'a>(input: &Input<'a>, server: &'a Server) -> Result<&'a Server, (String, &'static str)> {
    let topology = input.topology;
    let none = || ("no partner is declared".to_owned(), DECLARE);
    let partner = server.partner.as_ref().and_then(|partner| topology.server(partner)).ok_or_else(none)?;
    let standby: Option<&SiteName> = topology.site(&server.site).and_then(|site| site.standby.as_ref());
    match standby {
        None => return Err((format!("{} has no standby site", server.site), STANDBY)),
        Some(standby) if *standby != partner.site => {
            return Err((
                format!("its partner {} stands in {}, not in {standby}", partner.fqdn, partner.site),
                DECLARE,
            ));
        }
        Some(_) => {}
    }
    match &partner.partner {
        Some(back) if *back == server.fqdn => Ok(partner),
        Some(other) => Err((format!("its partner {} has {other} as partner", partner.fqdn), DECLARE)),
        None => Err((format!("its partner {} has no partner", partner.fqdn), DECLARE)),
    }
}

fn record(notes: &mut Notes, input: &Input<'_>, server: &Server, partner: &Server) {
    let pair = format!("{} ↔ {}", server.fqdn, partner.fqdn);
    match input.view(&server.fqdn).map(|view| &view.place) {
        Some(Place::Home) => notes.fine(format!("{pair}, at home")),
        Some(Place::Moved { to }) => notes.fine(format!("{pair}, away at {to}")),
        Some(Place::Missing) => notes.fail(format!("{}: there is no address record to move", server.fqdn), RECORD),
        Some(Place::Foreign) => {
            notes.fail(format!("{}: its record points at an address of nobody in the topology", server.fqdn), RECORD);
        }
        Some(place @ (Place::Split | Place::Diverged)) => {
            notes.warn(format!("{pair}: the name is {}", place.word()), AGREE);
        }
        Some(Place::Unknown) | None => {
            notes.unknown(format!("{pair}: no authoritative server showed the record of {}", server.fqdn), ASK);
        }
    }
}
