//! Findings about SIP services of servers and pools.

use super::Found;
use crate::domain::finding::Severity;
use crate::domain::health::{Class, round_trip};
use crate::domain::judge::{Picture, PoolView, ServerView, ServiceView};
use crate::domain::server::ServiceState;

pub(super) fn collect(picture: &Picture, found: &mut Found) {
    for server in picture.sites.iter().flat_map(|site| &site.servers) {
        for service in &server.services {
            server_service(server, service, found);
        }
    }
    for pool in &picture.pools {
        pool_service(pool, found);
    }
}

fn server_service(server: &ServerView, service: &ServiceView, found: &mut Found) {
    let Some(class) = service.class else { return };
    let host = server.fqdn.host();
    if service.stale {
        let message = format!("{host} {}: no result for several rounds", service.service);
        return found.add_since("stale", &server.fqdn, message, evidence(service), service.at);
    }
    if service.flapping {
        let message = format!("{host} {}: answers change from probe to probe", service.service);
        found.add("flapping", &server.fqdn, message, evidence(service));
    }
    let expected_out =
        server.normal != ServiceState::Enabled || server.state.is_some_and(|s| s != ServiceState::Enabled);
    let Some((id, message)) = statement(class, expected_out) else { return };
    if class == Class::Silent && service.answered {
        // Who was answered before is no stranger: the service hangs.
        let message = format!("{host} has stopped answering");
        found.add_since(id, &server.fqdn, message, evidence(service), service.since);
        return found.graded(id, &server.fqdn, Severity::Critical);
    }
    found.add_since(id, &server.fqdn, format!("{host} {message}"), evidence(service), service.since);
}

/// The finding that goes with a class, and its words after the server's name.
fn statement(class: Class, expected_out: bool) -> Option<(&'static str, &'static str)> {
    Some(match class {
        Class::Answers => return None,
        // A server that is meant to be out of service refuses calls by design.
        Class::Refusing if expected_out => return None,
        Class::Slow => ("slow", "answers slowly"),
        Class::NotForUs => ("not-a-peer", "answers; this console is no peer"),
        Class::Refusing => ("refusing-calls", "answers and refuses calls"),
        Class::Unproven => ("session-not-proven", "shows a certificate, no TLS session"),
        Class::Silent => ("sip-silent", "is connected and gives no SIP answer"),
        Class::NotSip => ("not-sip", "answers with something that is not SIP"),
        Class::Ill => ("server-degraded", "answers with a failure"),
        Class::DeadEnd => ("server-degraded", "redirects to a service that does not answer"),
        Class::CutOff => ("server-down", "cuts connections off"),
        Class::Refused => ("server-down", "is down: nothing listens on its port"),
        Class::Unreachable => ("server-down", "is down: it cannot be reached"),
        Class::NotTried => ("stale", "could not be probed"),
    })
}

fn pool_service(pool: &PoolView, found: &mut Found) {
    let service = &pool.service;
    let Some(class) = service.class else { return };
    let host = pool.fqdn.host();
    if service.stale {
        return found.add_since(
            "stale",
            &pool.fqdn,
            format!("pool {host}: no result for several rounds"),
            seen(service),
            service.at,
        );
    }
    let (id, words) = match class {
        Class::Answers | Class::NotForUs | Class::Slow => return,
        Class::CutOff | Class::Refused | Class::Unreachable => ("pool-down", "does not answer: it sends no calls"),
        _ => ("pool-degraded", "is alive and does not answer as it should"),
    };
    found.add_since(id, &pool.fqdn, format!("pool {host} {words}"), seen(service), service.since);
    if class == Class::Unproven {
        found.graded(id, &pool.fqdn, Severity::Info);
    }
}

/// What was seen, with where.
fn evidence(service: &ServiceView) -> String {
    format!("{} on {}", service.service, seen(service))
}

/// The same without a service's name: a pool is no UM service.
fn seen(service: &ServiceView) -> String {
    let place = service.address.map_or_else(|| "no address".to_owned(), |address| address.to_string());
    let answer = match (service.code, &service.reason) {
        (Some(code), Some(reason)) => format!("{code} {reason}"),
        _ => String::new(),
    };
    let rtt = service.rtt.map(round_trip).unwrap_or_default();
    let detail = service.detail.clone().unwrap_or_default();
    let parts = [answer, rtt, detail].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    format!("{place} over {}: {parts}", service.transport)
}
