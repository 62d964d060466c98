//! R4: each forest with UM users has a server that runs the UM service, and it answers. A call router only redirects.

use super::Input;
use super::notes::{Found, Notes, list};
use crate::domain::health::Health;
use crate::domain::judge::ServiceView;
use crate::domain::name::Fqdn;
use crate::domain::server::{Server, Service};

const DEPLOY: &str =
    "deploy a server with the UM service there (2010: the UM role; later: the Mailbox role), and declare it";
const START: &str = "start the UM service on one of them: `switchboard check` says what each answers";
const WAIT: &str = "let the probes come to an end: `switchboard check`";
const PEER: &str = "make this console a known peer, or see whether the service hangs";

pub(super) fn judge(input: &Input<'_>) -> Found {
    let mut notes = Notes::default();
    let topology = input.topology;
    if topology.forests.is_empty() {
        judge_forest(&mut notes, input, "the forest", &topology.servers().collect::<Vec<_>>());
        return Found::Seen(notes);
    }
    for forest in topology.forests.iter().filter(|forest| forest.um_users) {
        let sites = topology.sites.iter().filter(|site| site.forest.as_ref() == Some(&forest.name));
        let servers: Vec<&Server> = sites.flat_map(|site| &site.servers).collect();
        judge_forest(&mut notes, input, forest.name.as_str(), &servers);
    }
    if notes.is_empty() {
        return Found::NotApplicable("no declared forest has users enabled for Unified Messaging".to_owned());
    }
    Found::Seen(notes)
}

fn judge_forest(notes: &mut Notes, input: &Input<'_>, forest: &str, servers: &[&Server]) {
    let with: Vec<&Server> = servers.iter().copied().filter(|server| server.listener(Service::Um).is_some()).collect();
    if with.is_empty() {
        let only = if servers.is_empty() {
            "no server of it is declared".to_owned()
        } else {
            format!("it has call routers alone: {}", list(servers.iter().map(|server| &server.fqdn)))
        };
        return notes.fail(format!("{forest}: no server runs the UM service; {only}"), DEPLOY);
    }
    let health = |server: &&Server| um_service(input, &server.fqdn).map_or(Health::Unknown, |service| service.health);
    let told = |of: Health| list(with.iter().filter(|server| health(server) == of).map(|server| &server.fqdn));
    match with.iter().map(health).min() {
        Some(Health::Up) => notes.fine(format!("{forest}: the UM service answers on {}", told(Health::Up))),
        Some(Health::Degraded) => {
            notes.warn(format!("{forest}: {} is alive and gives no SIP answer", told(Health::Degraded)), PEER);
        }
        Some(Health::Down) if with.iter().all(|server| health(server) == Health::Down) => {
            notes.fail(format!("{forest}: the UM service answers on none of {}", told(Health::Down)), START);
        }
        _ => {
            notes
                .unknown(format!("{forest}: the UM service is not known to answer on {}", told(Health::Unknown)), WAIT);
        }
    }
}

fn um_service<'a>(input: &Input<'a>, server: &Fqdn) -> Option<&'a ServiceView> {
    input.view(server)?.services.iter().find(|service| service.service == Service::Um)
}
