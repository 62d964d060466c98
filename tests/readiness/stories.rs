//! A story for each guideline: what breaks it, what it says then, and which other checks it takes along.

use switchboard::domain::health::Health;
use switchboard::domain::observation::CommandFailure;
use switchboard::domain::place::Place;
use switchboard::domain::server::ServiceState;
use switchboard::domain::watch::{SinceBook, Watch};
use switchboard::readiness::Status;

use crate::fixture::{self, UM1, UM2, UM3, UM4, name, server_mut};
use crate::harm::{
    add_aaaa, add_ipv6, depend, distrust_pool, down, empty_pool, fall, member, newer, no_check, number, old, place,
    plain, put, refuse_key, routers_only, set_ucma, site, synced, two_forests, uncover, unknown, unseen,
};
use crate::world::{World, exchange, facts_of, forest, untrusted};
use Status::{Fail, NotApplicable, Ok as Kept, Unknown, Warning};

/// What happens, what it does, and each check that comes out otherwise than in good order.
type Story = (&'static str, fn(&mut World), &'static [(&'static str, Status, &'static str)]);

/// In the first design.
const BY_DNS: &[Story] = &[
    ("nothing", |_| {}, &[]),
    (
        "an IPv6 address on 2010",
        |w| add_ipv6(w),
        &[("R1", Fail, "um1.tukwila.contoso.com: declared address 2001:db8::11")],
    ),
    (
        "an IPv6 address with UCMA 4",
        |w| {
            add_ipv6(w);
            set_ucma(w, 4);
        },
        &[("R1", Kept, "UCMA 4.0")],
    ),
    (
        "an IPv6 address with UCMA 3",
        |w| {
            add_ipv6(w);
            set_ucma(w, 3);
        },
        &[("R1", Fail, "its UCMA is 3.0")],
    ),
    ("an AAAA record on 2010", |w| add_aaaa(w), &[("R1", Fail, "AAAA record 2001:db8::99")]),
    (
        "nobody answers for a name",
        |w| server_mut(&mut w.picture, UM1).dns.clear(),
        &[("R1", Unknown, "um1"), ("R14", Unknown, "um1")],
    ),
    (
        "the pool is down",
        |w| w.picture.pools[0].service.health = Health::Down,
        &[("R2", Fail, "fe01.contoso.com does not answer")],
    ),
    ("the pool's name is gone", |w| empty_pool(w), &[("R2", Fail, "10.0.0.10:53 has no address for it")]),
    (
        "no pool is declared",
        |w| {
            w.topology.pools.clear();
            w.picture.pools.clear();
        },
        &[("R2", Unknown, "no pool is declared")],
    ),
    (
        "nobody is named for DNS",
        |w| site(w, 0).owners.dns = None,
        &[("R3", Fail, "Tukwila: nobody is named for DNS changes")],
    ),
    (
        "a name without a number",
        |w| site(w, 1).owners.lync = Some("the Lync people".into()),
        &[("R3", Fail, "Dublin: the Lync people")],
    ),
    ("an old confirmation", |w| w.facts.today = "2027-05-02".parse().unwrap(), &[("R3", Warning, "181 days ago")]),
    ("a confirmation of tomorrow", |w| w.facts.today = "2026-11-01".parse().unwrap(), &[("R3", Fail, "still to come")]),
    ("no confirmation", |w| site(w, 0).owners.confirmed = None, &[("R3", Fail, "Tukwila: no day")]),
    (
        "a forest without servers",
        |w| w.topology.forests.push(forest("fabrikam.com", &[])),
        &[("R4", Fail, "fabrikam.com: no server runs the UM service")],
    ),
    (
        "a self-signed certificate",
        |w| {
            w.reissue(UM2, |c| {
                facts_of(c).self_signed = true;
                c.lync = Some(untrusted());
            });
        },
        &[("R5", Fail, "um2.tukwila.contoso.com um: the certificate signed itself"), ("R14", Fail, "cert-trusted")],
    ),
    (
        "an issuer that Lync does not know",
        |w| w.reissue(UM3, |c| c.lync = Some(untrusted())),
        &[("R5", Fail, "not trusted by Lync (unknown-issuer)"), ("R14", Fail, "cert-trusted")],
    ),
    (
        "a pool that Exchange does not trust",
        |w| distrust_pool(w),
        &[("R5", Fail, "pool fe01.contoso.com: not trusted by Exchange"), ("R14", Fail, "cert-trusted")],
    ),
    (
        "an expired certificate",
        |w| w.reissue(UM1, |c| facts_of(c).not_after = "2026-11-01T00:00:00Z".parse().unwrap()),
        &[("R5", Fail, "ended at 2026-11-01"), ("R14", Fail, "cert-valid")],
    ),
    (
        "roots that are not configured",
        |w| w.reissue(UM1, |c| c.lync = None),
        &[("R5", Unknown, "roots are not configured")],
    ),
    ("no TLS anywhere", |w| plain(w), &[("R5", NotApplicable, "with TLS"), ("R12", NotApplicable, "with TLS")]),
    (
        "two forests without trust",
        |w| two_forests(w, &[], &["contoso.com"]),
        &[("R6", Fail, "contoso.com does not trust fabrikam.com")],
    ),
    (
        "two forests that trust each other",
        |w| two_forests(w, &["fabrikam.com"], &["contoso.com"]),
        &[("R6", Unknown, "nobody reports")],
    ),
    ("user settings carried across", |w| synced(w, "2026-11-22T10:00:00Z", true), &[("R6", Kept, "4 h ago")]),
    ("user settings carried long ago", |w| synced(w, "2026-11-01T10:00:00Z", true), &[("R6", Warning, "21 days ago")]),
    (
        "a sample user without settings",
        |w| synced(w, "2026-11-22T10:00:00Z", false),
        &[("R6", Fail, "the sample user")],
    ),
    ("numbers that were not read", |w| w.facts.numbers = None, &[("R8", Unknown, "not read yet")]),
    (
        "a number of films",
        |w| number(w, "+14255550100"),
        &[("R8", Warning, "+14255550100 is of a range kept for fiction (North America")],
    ),
    ("an extension", |w| number(w, "5100"), &[("R8", Warning, "5100 is a private number")]),
    ("a number that is too short", |w| number(w, "+1425555"), &[("R8", Fail, "+1425555 is not valid")]),
    ("a number of two dial plans", |w| number(w, "+49 30 123456"), &[("R8", Fail, "both have +4930123456")]),
    (
        "a dial plan without a number",
        |w| {
            w.topology.dial_plans[0].access_numbers.clear();
            w.read_numbers();
        },
        &[("R8", Unknown, "no Outlook Voice Access number is declared")],
    ),
    (
        "2010 without a service pack, other names",
        |w| {
            old(w);
            w.topology.dial_plans[0].enterprise_voice = Some("Redmond".into());
        },
        &[("R9", Fail, "Tukwila.contoso.com: the Lync side has Redmond")],
    ),
    ("2010 without a service pack, same names", |w| old(w), &[("R9", Kept, "the same on both sides")]),
    (
        "2010 without a service pack, no name",
        |w| {
            old(w);
            w.topology.dial_plans[1].enterprise_voice = None;
        },
        &[("R9", Unknown, "Dublin.contoso.com: its name on the Lync side is not declared")],
    ),
    (
        "one server is left",
        |w| put(w, &[UM1, UM2, UM3], ServiceState::Disabled),
        &[("R10", Fail, "1 of 4 um in service: um4"), ("R14", Fail, "target-in-service")],
    ),
    (
        "one server of a newer version",
        |w| newer(w, UM1),
        &[("R10", Fail, "3 of an older version, which Lync ignores"), ("R14", Fail, "service-behind-router")],
    ),
    (
        "servers that nobody knows about",
        |w| unknown(w, &[UM1, UM2, UM3]),
        &[("R10", Unknown, "3 not known"), ("R4", Kept, "um4"), ("R14", Unknown, "target-known")],
    ),
    (
        "no partner",
        |w| site(w, 0).servers[0].partner = None,
        &[("R11", Fail, "um1.tukwila.contoso.com: no partner is declared"), ("R14", Fail, "no partner")],
    ),
    (
        "a partner of somebody else",
        |w| site(w, 1).servers[0].partner = Some(name(UM2)),
        &[("R11", Fail, "its partner um3.dublin.contoso.com has um2.tukwila.contoso.com as partner")],
    ),
    (
        "a name that is away",
        |w| place(w, UM1, Place::Moved { to: name(UM3) }),
        &[("R11", Kept, "away at um3"), ("R14", Fail, "target-at-home")],
    ),
    (
        "a name that is gone",
        |w| place(w, UM1, Place::Missing),
        &[("R11", Fail, "no address record"), ("R14", Fail, "target-at-home")],
    ),
    (
        "a name at a stranger's",
        |w| place(w, UM1, Place::Foreign),
        &[("R11", Fail, "nobody in the topology"), ("R14", Fail, "target-at-home")],
    ),
    (
        "servers that disagree about a name",
        |w| place(w, UM1, Place::Split),
        &[("R11", Warning, "split"), ("R14", Fail, "target-at-home")],
    ),
    (
        "a certificate with one name",
        |w| uncover(w),
        &[("R12", Fail, "um4.dublin.contoso.com um: covers 1 of 4 names"), ("R14", Fail, "cert-covers")],
    ),
    (
        "a certificate that was not seen",
        |w| unseen(w),
        &[("R5", Unknown, "um4"), ("R12", Unknown, "um4"), ("R14", Unknown, "no certificate was seen")],
    ),
    (
        "a partner that is down",
        |w| down(w, UM3),
        &[("R5", Unknown, "um3"), ("R12", Unknown, "um3"), ("R14", Fail, "target-not-down")],
    ),
    ("a key that is refused", |w| refuse_key(w), &[("R14", Fail, "key-works")]),
    (
        "a zone that nobody may change",
        |w| w.topology.zones[0].backend = None,
        &[("R14", Fail, "no backend with a write primary")],
    ),
    (
        "a rehearsal that left somebody out",
        |w| w.facts.rehearsals = Some(std::collections::BTreeMap::new()),
        &[("R14", Unknown, "it was not rehearsed (standby-answers-as-name)")],
    ),
    ("a marker that was not read", |w| w.facts.markers.clear(), &[("R14", Unknown, "it was not asked")]),
    (
        "no standby at all",
        |w| w.topology.sites.iter_mut().for_each(|site| site.standby = None),
        &[("R11", Fail, "Tukwila has no standby site"), ("R14", Fail, "no standby")],
    ),
];

/// In the second design.
const BY_ENABLING: &[Story] = &[
    ("nothing", |_| {}, &[]),
    (
        "call routers alone",
        |w| routers_only(w),
        &[
            ("R4", Fail, "call routers alone: um1"),
            ("R10", Fail, "0 of 0 um in service"),
            ("R14", Fail, "service-behind-router"),
        ],
    ),
    (
        "no UM service answers",
        |w| {
            w.picture.sites.iter_mut().flat_map(|site| &mut site.servers).for_each(fall);
            fixture::settle(&w.topology, &mut w.picture);
        },
        &[("R4", Fail, "answers on none of um1"), ("R10", Fail, "0 of 4"), ("R14", Fail, "target-not-down")],
    ),
    (
        "a tool that fails",
        |w| {
            w.facts.tools.insert(exchange(), Err(CommandFailure::NotStarted("no such file".into())));
        },
        &[("R7", Fail, "backend exchange (um-tool) could not be started: no such file")],
    ),
    ("a tool that was not tried", |w| w.facts.tools.clear(), &[("R7", Unknown, "was not run")]),
    ("a tool without a check", |w| no_check(w), &[("R7", Unknown, "has no `check` command")]),
    (
        "a standby that is enabled",
        |w| put(w, &[UM3], ServiceState::Enabled),
        &[("R13", Fail, "um3.dublin.contoso.com is Enabled")],
    ),
    (
        "a standby that is no member",
        |w| member(w, UM4, |m| m.reported = Some(false)),
        &[("R13", Fail, "um4.dublin.contoso.com is declared as member"), ("R14", Fail, "member")],
    ),
    (
        "a member that is not declared",
        |w| member(w, UM4, |m| m.declared = false),
        &[("R13", Warning, "is not declared so")],
    ),
    (
        "membership that nobody reports",
        |w| member(w, UM4, |m| m.reported = None),
        &[("R13", Unknown, "whether it is a member")],
    ),
    (
        "a standby that another dial plan counts on",
        |w| depend(w),
        &[("R13", Fail, "Dublin.contoso.com depends on um3.dublin.contoso.com"), ("R8", Unknown, "Dublin")],
    ),
    (
        "a site that is failed over",
        |w| {
            put(w, &[UM3, UM4], ServiceState::Enabled);
            put(w, &[UM1, UM2], ServiceState::Disabled);
        },
        &[("R13", Warning, "the site is failed over to it")],
    ),
];

#[test]
fn each_guideline_of_the_first_design_has_its_story() {
    tell(BY_DNS, World::by_dns, &["R1", "R6", "R7", "R9", "R13"]);
}

#[test]
fn each_guideline_of_the_second_design_has_its_story() {
    tell(BY_ENABLING, World::by_enabling, &["R1", "R6", "R9", "R11", "R12"]);
}

#[test]
fn every_guideline_fails_in_some_story() {
    let failing =
        |id: &str| BY_DNS.iter().chain(BY_ENABLING).any(|(_, _, told)| told.iter().any(|t| t.0 == id && t.1 == Fail));
    for number in 1..=14 {
        assert!(failing(&format!("R{number}")), "R{number}");
    }
}

#[test]
fn nothing_is_ok_before_it_was_observed() {
    for world in [World::by_dns(), World::by_enabling()] {
        let topology = std::sync::Arc::new(world.topology);
        let watch = &mut Watch::new(topology.clone(), SinceBook::default());
        let facts = switchboard::readiness::Facts::of(watch, "2026-11-22".parse().unwrap(), fixture::now());
        let checks = switchboard::readiness::judge(&topology, &watch.picture(fixture::now()), &facts);
        // Who does what is declared, not observed.
        for check in checks.iter().filter(|check| check.id != "R3") {
            assert!([Unknown, NotApplicable, Fail].contains(&check.status), "{check:?}");
        }
    }
}

/// Others are Ok, or not applicable in this design; what is not Ok says what was seen and what to do.
fn tell(stories: &[Story], start: fn() -> World, not_applicable: &[&str]) {
    let mut wrong = Vec::new();
    for (what, happen, told) in stories {
        let mut world = start();
        happen(&mut world);
        for check in world.judge() {
            let usual = if not_applicable.contains(&check.id) { NotApplicable } else { Kept };
            let (_, status, evidence) = told.iter().find(|t| t.0 == check.id).copied().unwrap_or((check.id, usual, ""));
            let quiet = matches!(status, Kept | NotApplicable);
            if check.status != status || !check.evidence.contains(evidence) || check.advice.is_none() != quiet {
                wrong.push(format!(
                    "{what}: {} should be {status:?} {evidence:?}, is {:?}: {}",
                    check.id, check.status, check.evidence
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
