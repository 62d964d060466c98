//! What cannot be planned is refused with the next step in the words.

use switchboard::failover::planner::Request;

use crate::fixture::*;

fn refused(text: &str, request: &Request) -> String {
    let topology = read(text);
    plan(&topology, &picture(&topology), &seen(&topology), request).unwrap_err().to_string()
}

fn enabling() -> String {
    let cut = TEXT.find("[[dial_plan]]\nname = \"Dublin").unwrap();
    TEXT[..cut].replace("method = \"dns\"", "method = \"enable-disable\"")
}

#[test]
fn every_refusal_says_what_to_do_next() {
    let from = || over("Tukwila");
    let cases: Vec<(String, Request, &str)> = vec![
        (TEXT.into(), over("Boston"), "no site Boston; its sites are Tukwila, Dublin"),
        (TEXT.into(), Request { to: Some(site("Tukwila")), ..from() }, "cannot stand in for itself"),
        (TEXT.into(), Request { dial_plan: Some(dial_plan("X")), ..from() }, "no dial plan X"),
        (TEXT.into(), Request { servers: vec![name("um9.contoso.com")], ..from() }, "no server um9"),
        (TEXT.into(), Request { servers: vec![name(UM3)], ..from() }, "is no server of Tukwila"),
        (TEXT.into(), Request { map: [(name(UM2), name("um9.contoso.com"))].into(), ..from() }, "no such server"),
        (TEXT.into(), Request { map: [(name(UM2), name(UM1))].into(), ..from() }, "it is no server of Dublin"),
        (TEXT.into(), Request { leave_out: [name(UM1), name(UM2)].into(), ..from() }, "every server was left out"),
        (
            TEXT.into(),
            Request { primary: Some("192.0.2.99:53".parse().unwrap()), ..from() },
            "listed are 192.0.2.53:53",
        ),
        (TEXT.into(), back("Tukwila"), "nothing to do: um1.tukwila.contoso.com is at home"),
        (enabling(), over("Dublin"), "use `--from Tukwila --back`"),
        (enabling(), back("Tukwila"), "nothing to do: um1.tukwila.contoso.com is at home: enabled"),
        (TEXT.replacen("method = \"dns\"", "method = \"enable-disable\"", 1), from(), "a server cannot follow both"),
    ];
    for (text, request, said) in cases {
        let told = refused(&text, &request);
        assert!(told.contains(said), "{told:?} lacks {said:?}");
    }
}

#[test]
fn what_the_primary_did_not_show_is_not_guessed() {
    let topology = by_dns();
    let mut zone = seen(&topology);
    let names = &mut zone.zones.get_mut(&name("contoso.com")).unwrap().names;
    names.insert(name(UM2), Err("timed out".into()));
    let told = plan(&topology, &picture(&topology), &zone, &over("Tukwila")).unwrap_err().to_string();
    assert!(told.contains("192.0.2.53:53 did not show um2") && told.contains("timed out"), "{told}");
    let mut zone = seen(&topology);
    name_mut(&mut zone, UM2).alias = Some(name("elsewhere.contoso.com"));
    let told = plan(&topology, &picture(&topology), &zone, &over("Tukwila")).unwrap_err().to_string();
    assert!(told.contains("alias of elsewhere.contoso.com"), "{told}");
    let mut zone = seen(&topology);
    zone.zones.get_mut(&name("contoso.com")).unwrap().markers.clear();
    assert!(plan(&topology, &picture(&topology), &zone, &over("Tukwila")).is_err());
    zone.zones.clear();
    assert!(plan(&topology, &picture(&topology), &zone, &over("Tukwila")).is_err());
}
