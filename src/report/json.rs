//! `check --json`: the documented shape, version 1. Keys may come, none changes its meaning.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::check::Status;
use super::readiness::{self, CheckJson, ReadyJson};
use crate::domain::attention::{Ear, Muted};
use crate::domain::certificate::{Revocation, TrustVerdict};
use crate::domain::clean::Clean;
use crate::domain::finding::Finding;
use crate::domain::judge::{
    CertificateView, CrlView, DialPlanView, DnsAnswerView, ExpectedCertificate, ListView, Picture, ServerView,
    ServiceView, SiteView, TlsView,
};
use crate::domain::observation::DnsKind;
use crate::domain::place::Place;
use crate::domain::server::ServiceState;
use crate::readiness::Readiness;

/// The document of `check --json`.
#[derive(Debug, Serialize)]
pub struct Check<'a> {
    version: u8,
    at: Timestamp,
    status: &'static str,
    isolated: bool,
    sites: Vec<Site<'a>>,
    pools: Vec<Pool<'a>>,
    dns_servers: Vec<DnsServer<'a>>,
    state_commands: Vec<StateCommand<'a>>,
    revocation_lists: Vec<ListsOf<'a>>,
    dial_plans: Vec<DialPlan<'a>>,
    findings: Vec<FindingJson<'a>>,
    readiness: Vec<CheckJson<'a>>,
}

#[derive(Debug, Serialize)]
struct Site<'a> {
    name: &'a str,
    role: &'static str,
    away: Option<Timestamp>,
    ready: Option<ReadyJson<'a>>,
    servers: Vec<Server<'a>>,
}

#[derive(Debug, Serialize)]
struct Server<'a> {
    fqdn: &'a str,
    health: &'static str,
    since: Option<Timestamp>,
    place: &'static str,
    moved_to: Option<&'a str>,
    state: Option<&'static str>,
    normal_state: &'static str,
    active_calls: Option<u32>,
    services: Vec<Service<'a>>,
    dns: Vec<DnsAnswer<'a>>,
}

#[derive(Debug, Serialize)]
struct Service<'a> {
    #[serde(rename = "service")]
    name: &'static str,
    transport: &'static str,
    address: Option<String>,
    port: Option<u16>,
    health: &'static str,
    since: Option<Timestamp>,
    at: Option<Timestamp>,
    stale: bool,
    flapping: bool,
    code: Option<u16>,
    reason: Option<&'a str>,
    rtt_ms: Option<f64>,
    detail: Option<&'a str>,
    software: Option<&'a str>,
    tls: Option<Tls<'a>>,
    certificate: Option<Certificate<'a>>,
    expected_certificates: &'a [ExpectedCertificate],
    taken_up: Option<bool>,
}

/// What was negotiated.
#[derive(Debug, Serialize)]
pub struct Tls<'a> {
    version: &'a str,
    suite: &'a str,
    proved: bool,
    asks_certificate: bool,
}

/// A leaf certificate.
#[derive(Debug, Serialize)]
pub struct Certificate<'a> {
    subject_cn: Option<&'a str>,
    issuer: Option<&'a str>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    days_left: Option<i64>,
    sans: Vec<&'a str>,
    key: Option<&'a str>,
    signature: Option<&'a str>,
    self_signed: Option<bool>,
    covers: BTreeMap<&'a str, bool>,
    trusted_by: BTreeMap<&'static str, TrustVerdict>,
    usable_until: Option<Timestamp>,
    revocation: Option<&'a [Revocation]>,
    sha1: Option<&'a str>,
    sha256: Option<&'a str>,
    error: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct DnsAnswer<'a> {
    server: String,
    kind: DnsKind,
    a: Vec<String>,
    aaaa: Vec<String>,
    ttl: Option<u32>,
    serial: Option<u32>,
    place: &'static str,
    alias: Option<&'a str>,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Pool<'a> {
    fqdn: &'a str,
    site: &'a str,
    service: Service<'a>,
}

#[derive(Debug, Serialize)]
struct DnsServer<'a> {
    server: String,
    kind: DnsKind,
    health: &'static str,
    at: Option<Timestamp>,
    serials: BTreeMap<&'a str, u32>,
    error: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct StateCommand<'a> {
    backend: &'a str,
    health: &'static str,
    at: Option<Timestamp>,
    error: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ListsOf<'a> {
    source: &'a str,
    health: &'static str,
    at: Option<Timestamp>,
    read_at: Option<Timestamp>,
    error: Option<&'a str>,
    lists: Vec<List<'a>>,
}

#[derive(Debug, Serialize)]
struct List<'a> {
    issuer: &'a str,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    revoked: usize,
    signed: Option<bool>,
}

#[derive(Debug, Serialize)]
struct DialPlan<'a> {
    name: &'a str,
    site: &'a str,
    method: &'static str,
    to: Option<&'a str>,
    members: Vec<&'a str>,
    member_states: Vec<Member<'a>>,
    in_service: usize,
}

#[derive(Debug, Serialize)]
struct FindingJson<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    muted: Option<MutedJson<'a>>,
}

/// Why a finding counts for nothing in `status` and the exit code.
#[derive(Debug, Serialize)]
struct MutedJson<'a> {
    why: &'static str,
    by: &'a str,
    reason: &'a str,
    until: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct Member<'a> {
    fqdn: &'a str,
    declared: bool,
    reported: Option<bool>,
    in_service: bool,
}

/// The document of a picture, of the readiness that was judged with it, and of what operators said.
#[must_use]
pub fn check<'a>(picture: &'a Picture, judged: &'a Readiness, ear: Ear<'a>) -> Check<'a> {
    let now = picture.at;
    Check {
        version: 1,
        at: now,
        status: Status::of(picture, ear).word(),
        isolated: picture.isolated,
        sites: picture.sites.iter().map(|view| site(view, judged, now)).collect(),
        pools: picture
            .pools
            .iter()
            .map(|pool| Pool {
                fqdn: pool.fqdn.as_str(),
                site: pool.site.as_str(),
                service: service(&pool.service, now),
            })
            .collect(),
        dns_servers: picture.dns.iter().map(dns_server).collect(),
        state_commands: picture
            .states
            .iter()
            .map(|state| StateCommand {
                backend: state.backend.as_str(),
                health: state.health.word(),
                at: state.at,
                error: state.error.as_deref(),
            })
            .collect(),
        revocation_lists: picture.crls.iter().map(lists).collect(),
        dial_plans: picture.dial_plans.iter().map(dial_plan).collect(),
        findings: picture
            .findings
            .iter()
            .map(|of| FindingJson { finding: of, muted: ear.muted(of).map(muted) })
            .collect(),
        readiness: readiness::checks(judged),
    }
}

fn muted(muted: Muted<'_>) -> MutedJson<'_> {
    match muted {
        Muted::Acknowledged(said) => {
            MutedJson { why: "acknowledged", by: said.by.as_str(), reason: said.reason.as_str(), until: None }
        }
        Muted::Expected(window) => MutedJson {
            why: "maintenance",
            by: window.by.as_str(),
            reason: window.reason.as_str(),
            until: Some(window.until),
        },
    }
}

fn site<'a>(view: &'a SiteView, judged: &'a Readiness, now: Timestamp) -> Site<'a> {
    Site {
        name: view.name.as_str(),
        role: if view.standby { "standby" } else { "active" },
        away: view.away,
        ready: readiness::ready(judged, view.name.as_str()),
        servers: view.servers.iter().map(|view| server(view, now)).collect(),
    }
}

fn server(view: &ServerView, now: Timestamp) -> Server<'_> {
    Server {
        fqdn: view.fqdn.as_str(),
        health: view.health.word(),
        since: view.since,
        place: view.place.word(),
        moved_to: match &view.place {
            Place::Moved { to } => Some(to.as_str()),
            _ => None,
        },
        state: view.state.map(ServiceState::word),
        normal_state: view.normal.word(),
        active_calls: view.active_calls,
        services: view.services.iter().map(|view| service(view, now)).collect(),
        dns: view.dns.iter().map(|answer| dns_answer(answer, now)).collect(),
    }
}

fn service(view: &ServiceView, now: Timestamp) -> Service<'_> {
    Service {
        name: view.service.word(),
        transport: view.transport.word(),
        address: view.address.map(|address| address.ip().to_string()),
        port: view.address.map(|address| address.port()),
        health: view.health.word(),
        since: view.since,
        at: view.at,
        stale: view.stale,
        flapping: view.flapping,
        code: view.code,
        reason: view.reason.as_ref().map(Clean::as_str),
        rtt_ms: view.rtt.map(rtt_ms),
        detail: view.detail.as_deref(),
        software: view.software.as_ref().map(Clean::as_str),
        tls: view.tls.as_ref().map(tls),
        certificate: view.certificate.as_deref().map(|view| certificate(view, now)),
        expected_certificates: &view.expected,
        taken_up: view.taken_up,
    }
}

/// Milliseconds with one hundredth as the smallest step.
#[must_use]
pub fn rtt_ms(rtt: std::time::Duration) -> f64 {
    (rtt.as_secs_f64() * 100_000.0).round() / 100.0
}

/// What was negotiated, as JSON has it.
#[must_use]
pub fn tls(view: &TlsView) -> Tls<'_> {
    Tls {
        version: view.version.as_str(),
        suite: view.suite.as_str(),
        proved: view.proved,
        asks_certificate: view.asks_certificate,
    }
}

/// A leaf certificate, as JSON has it.
#[must_use]
pub fn certificate(view: &CertificateView, now: Timestamp) -> Certificate<'_> {
    let facts = view.facts.as_ref().ok();
    let verdicts = [("lync", view.lync), ("exchange", view.exchange)];
    Certificate {
        subject_cn: facts.and_then(|facts| facts.subject_cn.as_ref()).map(Clean::as_str),
        issuer: facts.map(|facts| facts.issuer.as_str()),
        not_before: facts.map(|facts| facts.not_before),
        not_after: facts.map(|facts| facts.not_after),
        days_left: facts.map(|facts| facts.days_left(now)),
        sans: facts.into_iter().flat_map(|facts| &facts.dns_names).map(Clean::as_str).collect(),
        key: facts.map(|facts| facts.key.as_str()),
        signature: facts.map(|facts| facts.signature.as_str()),
        self_signed: facts.map(|facts| facts.self_signed),
        covers: view.covers.iter().map(|(name, covered)| (name.as_str(), *covered)).collect(),
        trusted_by: verdicts.into_iter().filter_map(|(side, verdict)| Some((side, verdict?))).collect(),
        usable_until: view.usable_until(),
        revocation: view.revocation.as_deref(),
        sha1: facts.map(|facts| facts.sha1.as_str()),
        sha256: facts.map(|facts| facts.sha256.as_str()),
        error: view.facts.as_ref().err().map(Clean::as_str),
    }
}

fn dns_answer(view: &DnsAnswerView, now: Timestamp) -> DnsAnswer<'_> {
    let answer = view.answer.as_ref().ok();
    DnsAnswer {
        server: host_or_socket(view.server),
        kind: view.kind,
        a: answer.into_iter().flat_map(|answer| &answer.a).map(ToString::to_string).collect(),
        aaaa: answer.into_iter().flat_map(|answer| &answer.aaaa).map(ToString::to_string).collect(),
        ttl: view.ttl_left(now),
        serial: view.serial,
        place: view.place.word(),
        alias: answer.and_then(|answer| answer.alias.as_ref()).map(crate::domain::name::Fqdn::as_str),
        error: view.error_words(),
    }
}

fn dns_server(view: &crate::domain::judge::DnsServerView) -> DnsServer<'_> {
    DnsServer {
        server: host_or_socket(view.server),
        kind: view.kind,
        health: view.health.word(),
        at: view.at,
        serials: view.serials.iter().map(|(zone, serial)| (zone.as_str(), *serial)).collect(),
        error: view.error.as_deref(),
    }
}

fn list(view: &ListView) -> List<'_> {
    List {
        issuer: view.issuer.as_str(),
        this_update: view.this_update,
        next_update: view.next_update,
        revoked: view.revoked,
        signed: view.signed,
    }
}

fn lists(view: &CrlView) -> ListsOf<'_> {
    ListsOf {
        source: &view.source,
        health: view.health.word(),
        at: view.at,
        read_at: view.read_at,
        error: view.error.as_deref(),
        lists: view.lists.iter().map(list).collect(),
    }
}

/// The address alone at the usual port, as the documented example has it.
fn host_or_socket(server: std::net::SocketAddr) -> String {
    if server.port() == 53 { server.ip().to_string() } else { server.to_string() }
}

fn dial_plan(view: &DialPlanView) -> DialPlan<'_> {
    let is_member = |member: &&crate::domain::judge::MemberView| member.reported.unwrap_or(member.declared);
    DialPlan {
        name: view.name.as_str(),
        site: view.site.as_str(),
        method: view.method.word(),
        to: view.to.as_ref().map(crate::domain::name::SiteName::as_str),
        members: view.members.iter().filter(is_member).map(|member| member.fqdn.as_str()).collect(),
        member_states: view
            .members
            .iter()
            .map(|member| Member {
                fqdn: member.fqdn.as_str(),
                declared: member.declared,
                reported: member.reported,
                in_service: member.in_service,
            })
            .collect(),
        in_service: view.in_service,
    }
}
