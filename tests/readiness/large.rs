//! A large deployment is planned for part by part, and each part comes out as if it were alone.

use std::fmt::Write as _;

use switchboard::domain::topology::Topology;
use switchboard::readiness::{self, Facts, Readiness, Ready};

use crate::fixture::{self, server_mut};

/// Pairs of sites with three servers each, the names of one moving to the other; the pairs begin with this one.
fn topology(pairs: std::ops::Range<usize>) -> Topology {
    let mut text = "[[dns.zone]]\nname = \"contoso.com\"\nauthoritative = [\"192.0.2.53\"]\nbackend = \"dns\"\n\
        [backend.dns]\ntype = \"dns-update\"\nwrite_primaries = [{ address = \"192.0.2.53\" }]\nauth = \"gss\"\n\
        [[pool]]\nfqdn = \"fe01.contoso.com\"\nsite = \"s0\"\naddress = \"192.0.2.41\"\n"
        .replace("s0", &format!("s{}", pairs.start * 2));
    let name = |site: usize, number: usize| format!("um{number}.s{site}.contoso.com");
    for site in pairs.start * 2..pairs.end * 2 {
        let other = site ^ 1;
        writeln!(text, "[[site]]\nname = \"s{site}\"\nstandby = \"s{other}\"").unwrap();
        for number in 1..=3 {
            let (own, partner) = (name(site, number), name(other, number));
            writeln!(text, "[[site.server]]\nfqdn = \"{own}\"\naddress = \"10.0.{site}.{number}\"").unwrap();
            writeln!(text, "version = \"14.3\"\npartner = \"{partner}\"").unwrap();
        }
    }
    for site in pairs.start * 2..pairs.end * 2 {
        let members =
            [site, site ^ 1].into_iter().flat_map(|site| (1..=3).map(move |n| format!("{:?}", name(site, n))));
        let members = members.collect::<Vec<_>>().join(", ");
        writeln!(text, "[[dial_plan]]\nname = \"p{site}\"\nsite = \"s{site}\"\nmethod = \"dns\"").unwrap();
        writeln!(text, "members = [{members}]").unwrap();
    }
    fixture::read(&text)
}

/// Each site's answer, and R14, where one standby is down and one has a bad certificate.
fn judged(topology: &Topology) -> (Vec<Ready>, String) {
    let mut picture = fixture::picture(topology);
    let mut facts = Facts::on("2026-11-22".parse().unwrap());
    let zone = &topology.zones[0];
    let primary = topology.write_primaries(zone)[0].address;
    let markers = topology.sites.iter().filter_map(|site| Topology::marker_name_in(site, zone));
    facts.markers = [(primary, markers.map(|name| (name, Ok(Vec::new()))).collect())].into();
    facts.keys = [(primary, Ok(()))].into();
    for (fqdn, down) in [("um2.s3.contoso.com", true), ("um1.s4.contoso.com", false)] {
        if topology.servers().all(|server| server.fqdn.as_str() != fqdn) {
            continue;
        }
        if down {
            fixture::down(&mut picture, fqdn, switchboard::domain::health::Class::Refused);
        } else {
            server_mut(&mut picture, fqdn).services[0].certificate = None;
        }
    }
    fixture::settle(topology, &mut picture);
    assert_eq!(readiness::targets(topology, &picture, &facts).len(), topology.servers().count());
    let judged = Readiness::judge(topology, &picture, &facts);
    let fourteen = judged.check("R14").unwrap().evidence.clone();
    (judged.sites, fourteen)
}

#[test]
fn each_part_of_a_deployment_is_judged_as_if_it_were_alone_and_in_the_order_of_the_file() {
    let (whole, fourteen) = judged(&topology(0..8));
    let names: Vec<&str> = whole.iter().map(|ready| ready.site.as_str()).collect();
    let expected: Vec<String> = (0..16).map(|site| format!("s{site}")).collect();
    assert_eq!(names, expected);
    for (pair, two) in whole.chunks(2).enumerate() {
        assert_eq!(judged(&topology(pair..pair + 1)).0, two, "pair {pair}");
    }
    let well: Vec<bool> = whole.iter().map(|ready| ready.ok).collect();
    let ill = |site: usize| site == 2 || site == 5;
    assert_eq!(well, (0..16).map(|site| !ill(site)).collect::<Vec<_>>(), "{whole:#?}");
    assert!(fourteen.contains("site s2: um2.s3"), "the first one in the file is told first: {fourteen}");
}
