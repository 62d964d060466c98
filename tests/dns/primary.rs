//! The demo's primary behind dig and nsupdate, and its updates as RFC 2136 has them.

use crate::support::{
    PATIENCE, SECRET_BASE64, clock, dig, eventually, key, key_named, name, nsupdate, over_tcp, primary, secret,
    send_signed, swap, zone,
};
use hickory_proto::op::{Message, ResponseCode};
use switchboard::demo::dns::{Author, Primary, PrimaryFault, PrimaryOptions};
use switchboard::domain::topology::TsigAlgorithm;
use switchboard::wire::dns::tsig;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

const UM1: &str = "um1.tukwila.contoso.com";

fn with_key() -> String {
    format!("hmac-sha256:switchboard:{SECRET_BASE64}")
}

#[tokio::test]
async fn dig_reads_addresses_aliases_and_both_kinds_of_nothing() {
    let primary = primary().await;
    let Some(found) = dig(primary.address(), &["um1.tukwila.contoso.com", "A"]).await else { return };
    assert!(found.contains("status: NOERROR") && found.contains(" aa "), "{found}");
    assert!(found.contains("20\tIN\tA\t192.0.2.11"), "{found}");
    let none = dig(primary.address(), &["um9.tukwila.contoso.com", "A"]).await.unwrap();
    assert!(none.contains("status: NXDOMAIN") && none.contains("SOA\tns1.contoso.com."), "{none}");
    let empty = dig(primary.address(), &[UM1, "AAAA"]).await.unwrap();
    assert!(empty.contains("status: NOERROR") && empty.contains("ANSWER: 0") && empty.contains("SOA"), "{empty}");
    let alias = dig(primary.address(), &["voice.contoso.com", "A"]).await.unwrap();
    assert!(alias.contains("CNAME\tum1.tukwila.contoso.com.") && alias.contains("192.0.2.11"), "{alias}");
    let foreign = dig(primary.address(), &["example.net", "A"]).await.unwrap();
    assert!(foreign.contains("status: REFUSED"), "{foreign}");
}

#[tokio::test]
async fn a_large_answer_is_cut_over_udp_and_whole_over_tcp() {
    let primary = primary().await;
    let Some(cut) = dig(primary.address(), &["+ignore", "+noedns", "many.contoso.com", "A"]).await else { return };
    assert!(cut.contains(" tc") && cut.contains("ANSWER: 0"), "{cut}");
    let whole = dig(primary.address(), &["many.contoso.com", "A"]).await.unwrap();
    assert!(whole.contains("ANSWER: 100"), "{whole}");
}

#[tokio::test]
async fn dig_transfers_the_zone_signed_and_unsigned() {
    let primary = primary().await;
    for key in [vec![], vec!["-y".to_owned(), with_key()]] {
        let arguments: Vec<&str> = key.iter().map(String::as_str).chain(["contoso.com", "AXFR"]).collect();
        let Some(all) = dig(primary.address(), &arguments).await else { return };
        assert_eq!(all.matches("IN\tSOA").count(), 2, "{all}");
        assert_eq!(all.matches("many.contoso.com.").count(), 100, "{all}");
        assert!(all.contains("\"v=1;epoch=1;seq=1;"), "{all}");
        assert!(!all.contains("verify") && !all.contains("failed"), "{all}");
    }
}

#[tokio::test]
async fn nsupdate_changes_a_record_and_the_ledger_has_it() {
    let primary = primary().await;
    let script = "prereq yxrrset um1.tukwila.contoso.com. A 192.0.2.11\nupdate delete um1.tukwila.contoso.com. A\n\
                  update add um1.tukwila.contoso.com. 20 A 192.0.2.21\n";
    let before = primary.zone().serial();
    let Some(done) = nsupdate(primary.address(), Some(&with_key()), script).await else { return };
    assert!(done.contains("status: NOERROR"), "{done}");
    assert_eq!(primary.zone().serial(), before + 1);
    let ledger = primary.ledger();
    let entry = ledger.last().unwrap();
    assert_eq!((entry.author.clone(), entry.code.as_str()), (Author::Key("switchboard".to_owned()), "NOERROR"));
    assert_eq!(entry.changes.len(), 1);
    assert_eq!(entry.changes[0].after.as_ref().unwrap().values, ["192.0.2.21"]);
    // The same again: the prerequisite does not hold any more.
    let again = nsupdate(primary.address(), Some(&with_key()), script).await.unwrap();
    assert!(again.contains("NXRRSET"), "{again}");
    assert!(primary.ledger().last().unwrap().changes.is_empty());
}

#[tokio::test]
async fn every_kind_of_prerequisite_holds_and_fails_as_the_rfc_says() {
    let primary = primary().await;
    let table = [
        ("nxdomain um9.contoso.com.", "NOERROR"),
        ("nxdomain um1.tukwila.contoso.com.", "YXDOMAIN"),
        ("yxdomain um1.tukwila.contoso.com.", "NOERROR"),
        ("yxdomain um9.contoso.com.", "NXDOMAIN"),
        ("yxdomain tukwila.contoso.com.", "NXDOMAIN"),
        ("nxrrset um1.tukwila.contoso.com. AAAA", "NOERROR"),
        ("nxrrset um1.tukwila.contoso.com. A", "YXRRSET"),
        ("yxrrset um1.tukwila.contoso.com. A", "NOERROR"),
        ("yxrrset um1.tukwila.contoso.com. AAAA", "NXRRSET"),
        ("yxrrset um1.tukwila.contoso.com. A 192.0.2.11", "NOERROR"),
        ("yxrrset um1.tukwila.contoso.com. A 192.0.2.12", "NXRRSET"),
        ("yxrrset many.contoso.com. A 198.51.100.1", "NXRRSET"),
    ];
    for (prerequisite, code) in table {
        let script = format!("prereq {prerequisite}\nupdate add scratch.contoso.com. 5 TXT \"x\"\n");
        let Some(done) = nsupdate(primary.address(), Some(&with_key()), &script).await else { return };
        let answered = if code == "NOERROR" { "status: NOERROR".to_owned() } else { format!("update failed: {code}") };
        assert!(done.contains(&answered), "{prerequisite}: {done}");
    }
}

#[tokio::test]
async fn an_update_is_all_or_nothing_and_keeps_to_its_policy() {
    let allowed = Some(vec![name(UM1)]);
    let options = PrimaryOptions { zone: zone(), keys: vec![key()], allowed, clock: clock() };
    let primary = Primary::start(options).await.unwrap();
    let script =
        "update add um1.tukwila.contoso.com. 20 A 192.0.2.99\nupdate add um2.tukwila.contoso.com. 20 A 192.0.2.99\n";
    let before = primary.zone();
    let Some(done) = nsupdate(primary.address(), Some(&with_key()), script).await else { return };
    assert!(done.contains("REFUSED"), "{done}");
    assert_eq!(primary.zone(), before);
    let alias = "update delete um1.tukwila.contoso.com. A\nupdate add um1.tukwila.contoso.com. 20 CNAME um3.dublin.contoso.com.\n";
    let done = nsupdate(primary.address(), Some(&with_key()), alias).await.unwrap();
    assert!(done.contains("NOERROR"), "{done}");
    let found = dig(primary.address(), &[UM1, "A"]).await.unwrap();
    assert!(found.contains("CNAME\tum3.dublin.contoso.com.") && found.contains("192.0.2.21"), "{found}");
    let outside =
        nsupdate(primary.address(), Some(&with_key()), "update add x.example.net. 5 A 192.0.2.1\n").await.unwrap();
    assert!(outside.contains("NOTZONE") || outside.contains("not in"), "{outside}");
}

#[tokio::test]
async fn unsigned_unknown_and_wrongly_signed_updates_change_nothing() {
    let primary = primary().await;
    let before = primary.zone();
    let script = "update add um1.tukwila.contoso.com. 20 A 192.0.2.99\n";
    let wrong = format!("hmac-sha256:switchboard:{}", data_encoding::BASE64.encode(b"another secret"));
    let unknown = format!("hmac-sha256:nobody:{SECRET_BASE64}");
    let algorithm = format!("hmac-sha512:switchboard:{SECRET_BASE64}");
    for (key, answered) in
        [(None, "REFUSED"), (Some(&wrong), "BADSIG"), (Some(&unknown), "BADKEY"), (Some(&algorithm), "BADKEY")]
    {
        let Some(done) = nsupdate(primary.address(), key.map(String::as_str), script).await else { return };
        assert!(done.contains(answered), "{key:?}: {done}");
        assert_eq!(primary.zone(), before);
    }
    assert!(primary.ledger().iter().all(|entry| entry.changes.is_empty()));
}

#[tokio::test]
async fn each_algorithm_is_taken() {
    for (algorithm, word) in [(TsigAlgorithm::HmacSha384, "hmac-sha384"), (TsigAlgorithm::HmacSha512, "hmac-sha512")] {
        let keys = vec![key_named("switchboard", &secret(), algorithm)];
        let primary =
            Primary::start(PrimaryOptions { zone: zone(), keys, allowed: None, clock: clock() }).await.unwrap();
        let script = "update add um1.tukwila.contoso.com. 20 A 192.0.2.99\n";
        let key = format!("{word}:switchboard:{SECRET_BASE64}");
        let Some(done) = nsupdate(primary.address(), Some(&key), script).await else { return };
        assert!(done.contains("status: NOERROR"), "{done}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_swaps_at_once_exactly_one_wins() {
    let primary = primary().await;
    let (server, mut old) = (primary.address(), [192, 0, 2, 11]);
    for round in 0..50_u8 {
        let mut tries = JoinSet::new();
        for one in 0..24_u8 {
            let new = [10, 1, round, one];
            let update = swap(u16::from(one), UM1, &[old], &[new]);
            tries.spawn(async move { (send_signed(server, &update, &key()).await, new) });
        }
        let results = tries.join_all().await;
        let winners: Vec<[u8; 4]> =
            results.iter().filter(|(code, _)| *code == ResponseCode::NoError).map(|(_, new)| *new).collect();
        assert_eq!(winners.len(), 1, "round {round}: {results:?}");
        assert!(results.iter().all(|(code, _)| matches!(code, ResponseCode::NoError | ResponseCode::NXRRSet)));
        old = winners[0];
    }
    assert_eq!(primary.ledger().iter().filter(|entry| !entry.changes.is_empty()).count(), 50);
}

#[tokio::test]
async fn a_stopped_server_refuses_and_comes_back_on_its_port() {
    let primary = primary().await;
    let address = primary.address();
    for _ in 0..3 {
        primary.set_fault(PrimaryFault::Stop, true).await.unwrap();
        let refused = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(address).await.unwrap();
        socket.send(b"anything").await.unwrap();
        let unreachable = timeout(PATIENCE, socket.recv(&mut [0; 512])).await.unwrap().unwrap_err();
        assert_eq!(unreachable.kind(), std::io::ErrorKind::ConnectionRefused);
        primary.set_fault(PrimaryFault::Stop, false).await.unwrap();
        assert_eq!(
            send_signed(address, &swap(1, UM1, &[[192, 0, 2, 11]], &[[192, 0, 2, 11]]), &key()).await,
            ResponseCode::NoError
        );
    }
}

#[tokio::test]
async fn a_dark_server_neither_answers_nor_refuses() {
    let primary = primary().await;
    let address = primary.address();
    primary.set_fault(PrimaryFault::Dark, true).await.unwrap();
    let silence = std::time::Duration::from_millis(300);
    for _ in 0..5 {
        assert!(timeout(silence, TcpStream::connect(address)).await.is_err(), "a connection came about");
    }
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(address).await.unwrap();
    socket.send(&swap(1, UM1, &[], &[]).to_vec().unwrap()).await.unwrap();
    assert!(timeout(silence, socket.recv(&mut [0; 512])).await.is_err());
    primary.set_fault(PrimaryFault::Dark, false).await.unwrap();
    assert_eq!(
        send_signed(address, &swap(1, UM1, &[[192, 0, 2, 11]], &[[192, 0, 2, 11]]), &key()).await,
        ResponseCode::NoError
    );
}

#[tokio::test]
async fn a_refusing_server_refuses_what_is_signed_and_answers_plain_questions() {
    let primary = primary().await;
    primary.set_fault(PrimaryFault::Refuse, true).await.unwrap();
    let Some(plain) = dig(primary.address(), &[UM1, "A"]).await else { return };
    assert!(plain.contains("192.0.2.11"), "{plain}");
    let signed = dig(primary.address(), &["-y", &with_key(), UM1, "A"]).await.unwrap();
    assert!(signed.contains("status: REFUSED"), "{signed}");
    assert_eq!(
        send_signed(primary.address(), &swap(1, UM1, &[], &[[192, 0, 2, 9]]), &key()).await,
        ResponseCode::Refused
    );
    primary.set_fault(PrimaryFault::Refuse, false).await.unwrap();
    let signed = dig(primary.address(), &["-y", &with_key(), UM1, "A"]).await.unwrap();
    assert!(signed.contains("status: NOERROR"), "{signed}");
}

#[tokio::test]
async fn a_server_with_a_wrong_clock_says_its_time() {
    let primary = primary().await;
    primary.set_fault(PrimaryFault::Clock, true).await.unwrap();
    let mut bytes = swap(7, UM1, &[], &[[192, 0, 2, 9]]).to_vec().unwrap();
    let now = crate::support::now();
    let mac = tsig::sign(&mut bytes, &key(), &tsig::Stamp::now(now), tsig::Prior::Nothing).unwrap();
    let answer = over_tcp(primary.address(), &bytes).await.unwrap();
    let reply = Message::from_vec(&answer).unwrap();
    let record = reply.signature.as_deref().unwrap();
    assert_eq!(reply.response_code, ResponseCode::NotAuth);
    assert_eq!(record.data.error.map(u16::from), Some(tsig::BADTIME));
    assert_eq!(tsig::verify(&answer, record, &key(), tsig::Prior::Request(&mac)), Ok(()));
    let skew = tsig::time_in(&record.data.other).unwrap() - now;
    assert!((3599..=3605).contains(&skew), "{skew}");
    let script = "update add um1.tukwila.contoso.com. 20 A 192.0.2.99\n";
    let Some(done) = nsupdate(primary.address(), Some(&with_key()), script).await else { return };
    assert!(done.contains("BADTIME") || done.contains("clocks"), "{done}");
}

#[tokio::test]
async fn a_host_that_registers_itself_undoes_a_move_and_healing_undoes_that() {
    let primary = primary().await;
    let own = [192, 0, 2, 11].into();
    assert_eq!(
        send_signed(primary.address(), &swap(1, UM1, &[[192, 0, 2, 11]], &[[192, 0, 2, 21]]), &key()).await,
        ResponseCode::NoError
    );
    let moved = primary.zone();
    primary.set_registration(&name(UM1), own, true);
    let registered = |count: usize| {
        let primary = &primary;
        move || async move {
            let by_host = |entry: &&_| matches!(entry, switchboard::demo::dns::Entry { author: Author::Host(_), .. });
            primary.ledger().iter().filter(by_host).count() >= count
        }
    };
    eventually("the host has registered", registered(1)).await;
    let entry = primary.ledger().last().unwrap().clone();
    assert_eq!(entry.changes[0].after.as_ref().unwrap().ttl, 1200);
    // The operator asserts the move again, the host takes it back again.
    let move_again = swap(2, UM1, &[[192, 0, 2, 11]], &[[192, 0, 2, 21]]);
    assert_eq!(send_signed(primary.address(), &move_again, &key()).await, ResponseCode::NoError);
    eventually("the host has registered again", registered(2)).await;
    primary.set_registration(&name(UM1), own, false);
    let healed = primary.ledger().last().unwrap().changes[0].after.clone().unwrap();
    assert_eq!((healed.ttl, healed.values), (20, vec!["192.0.2.21".to_owned()]));
    assert_ne!(primary.zone().serial(), moved.serial());
}

#[tokio::test]
async fn a_deleted_marker_comes_back_unless_a_new_one_stands_there() {
    let primary = primary().await;
    let marker = name("_switchboard.tukwila.contoso.com");
    let before = primary.zone();
    primary.delete_marker(&marker);
    assert_ne!(primary.zone(), before);
    primary.restore_markers();
    assert_eq!(primary.ledger().last().unwrap().changes[0].after.as_ref().unwrap().ttl, 20);
    primary.delete_marker(&marker);
    primary.edit(|zone| zone.add_text(&marker, 5, "new"));
    primary.restore_markers();
    assert_eq!(primary.ledger().last().unwrap().changes[0].after.as_ref().unwrap().ttl, 5);
}

#[tokio::test]
async fn bytes_that_are_no_message_are_survived() {
    let primary = primary().await;
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(primary.address()).await.unwrap();
    let mut good = swap(1, UM1, &[[192, 0, 2, 11]], &[[192, 0, 2, 11]]).to_vec().unwrap();
    tsig::sign(&mut good, &key(), &tsig::Stamp::now(crate::support::now()), tsig::Prior::Nothing).unwrap();
    let mut random: u32 = 1;
    for _ in 0..5000 {
        let mut bad = good.clone();
        for _ in 0..3 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = usize::try_from(random >> 8).unwrap() % bad.len();
            bad[at] = random.to_be_bytes()[3];
        }
        bad.truncate(1 + usize::try_from(random >> 4).unwrap() % bad.len());
        socket.send(&bad).await.unwrap();
        let _ = socket.try_recv(&mut [0; 2048]);
    }
    assert_eq!(
        send_signed(primary.address(), &swap(1, UM1, &[[192, 0, 2, 11]], &[[192, 0, 2, 11]]), &key()).await,
        ResponseCode::NoError
    );
    assert!(primary.ledger().iter().all(|entry| entry.changes.is_empty()));
}
