use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate().unwrap()).unwrap()
}

fn why(verdict: &TrustVerdict) -> &'static str {
    verdict.why.unwrap_or("trusted")
}

fn leaf(issuer: &CertifiedIssuer<'_, KeyPair>, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut params = CertificateParams::new(vec!["um1.contoso.com".into()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2027, 1, 1);
    change(&mut params);
    params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap().der().to_vec()
}

fn roots(of: &CertifiedIssuer<'_, KeyPair>) -> Roots {
    Roots { certificates: vec![of.der().to_vec()], ..Roots::default() }
}

const IN_2026: &str = "2026-06-01T00:00:00Z";

#[test]
fn a_chain_is_judged_for_each_set_of_roots_apart() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let chain = vec![leaf(&ours, |_| {})];
    let now = IN_2026.parse().unwrap();
    assert!(judge_trust(&chain, &roots(&ours), Known::default(), now).ok);
    assert_eq!(why(&judge_trust(&chain, &roots(&theirs), Known::default(), now)), "unknown-issuer");
}

#[test]
fn an_expired_leaf_does_not_hide_an_unknown_issuer() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let chain = vec![leaf(&ours, |_| {})];
    let late = "2028-06-01T00:00:00Z".parse().unwrap();
    assert!(judge_trust(&chain, &roots(&ours), Known::default(), late).ok);
    assert!(!judge_trust(&chain, &roots(&theirs), Known::default(), late).ok);
    let whole = judge_chain(&chain, &roots(&ours), Known::default(), late, Purpose::Server);
    assert_eq!((why(&whole), whole.culprit), ("expired", Some(Culprit::Presented(0))));
    let theirs = judge_chain(&chain, &roots(&theirs), Known::default(), late, Purpose::Server);
    assert_eq!(why(&theirs), "unknown-issuer");
}

#[test]
fn a_self_signed_leaf_and_a_wrong_purpose_have_their_own_reasons() {
    let ours = authority("ours");
    let now = IN_2026.parse().unwrap();
    let own = rcgen::generate_simple_self_signed(vec!["um1.contoso.com".into()]).unwrap();
    let chain = vec![own.cert.der().to_vec()];
    assert_eq!(why(&judge_trust(&chain, &roots(&ours), Known::default(), now)), "self-signed");
    let client = [leaf(&ours, |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    })];
    assert_eq!(why(&judge_trust(&client, &roots(&ours), Known::default(), now)), "wrong-purpose");
    assert!(judge_chain(&client, &roots(&ours), Known::default(), now, Purpose::Client).ok);
    assert_eq!(why(&judge_trust(&[], &roots(&ours), Known::default(), now)), "no-certificate");
}

/// An authority of the house Contoso, by a name, below another one or by itself.
fn of_contoso(name: &str, above: Option<&CertifiedIssuer<'_, KeyPair>>) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = authority_params(name);
    params.distinguished_name.push(rcgen::DnType::OrganizationName, "Contoso");
    params.use_authority_key_identifier_extension = above.is_some();
    let key = KeyPair::generate().unwrap();
    match above {
        Some(above) => CertifiedIssuer::signed_by(params, key, above).unwrap(),
        None => CertifiedIssuer::self_signed(params, key).unwrap(),
    }
}

fn with_key_id(params: &mut CertificateParams) {
    params.use_authority_key_identifier_extension = true;
}

/// The reason, and whether it is guessed.
fn reason(chain: &[Vec<u8>], roots: &Roots, known: Known<'_>) -> (&'static str, bool) {
    let verdict = judge_trust(chain, roots, known, IN_2026.parse().unwrap());
    assert_eq!(verdict.explained().is_some(), !verdict.ok);
    (why(&verdict), verdict.guess)
}

#[test]
fn whose_issuer_nobody_has_seen_is_guessed_by_its_house_and_said_to_be_guessed() {
    let ours = of_contoso("ours", None);
    let issuing = of_contoso("issuing", Some(&ours));
    let of_issuing = [leaf(&issuing, with_key_id)];
    assert_eq!(reason(&of_issuing, &roots(&ours), Known::default()), ("missing-intermediate", true));
    let stranger = [leaf(&authority("stranger"), with_key_id)];
    assert_eq!(reason(&stranger, &roots(&ours), Known::default()), ("unknown-issuer", true));
    // The guess is wrong about a strange root of the same house, and becomes knowledge when somebody knows it.
    let other = of_contoso("other", None);
    let of_other = [leaf(&other, with_key_id)];
    assert_eq!(reason(&of_other, &roots(&ours), Known::default()), ("missing-intermediate", true));
    let elsewhere = Known { elsewhere: &[&roots(&other)], ..Known::default() };
    assert_eq!(reason(&of_other, &roots(&ours), elsewhere), ("unknown-issuer", false));
}

#[test]
fn an_authority_that_others_sent_or_that_stands_beside_the_roots_is_known_not_to_have_been_sent() {
    let ours = of_contoso("ours", None);
    let issuing = of_contoso("issuing", Some(&ours));
    let of_issuing = [leaf(&issuing, with_key_id)];
    let both = Roots { certificates: vec![ours.der().to_vec(), issuing.der().to_vec()], ..Roots::default() };
    assert_eq!(reason(&of_issuing, &both, Known::default()), ("missing-intermediate", false));
    let seen = [issuing.der().to_vec()];
    let known = Known { seen: &seen, ..Known::default() };
    assert_eq!(reason(&of_issuing, &roots(&ours), known), ("missing-intermediate", false));
    // Two of them between the leaf and the root.
    let below = of_contoso("below", Some(&issuing));
    let of_below = [leaf(&below, with_key_id)];
    let seen = [below.der().to_vec(), issuing.der().to_vec()];
    let known = Known { seen: &seen, ..Known::default() };
    assert_eq!(reason(&of_below, &roots(&ours), known), ("missing-intermediate", false));
    // One that is known and leads elsewhere: its issuer is a stranger, even of the same house.
    let theirs = of_contoso("theirs", None);
    let astray = of_contoso("astray", Some(&theirs));
    let seen = [astray.der().to_vec()];
    let known = Known { seen: &seen, ..Known::default() };
    assert_eq!(reason(&[leaf(&astray, with_key_id)], &roots(&ours), known), ("unknown-issuer", false));
    let whole = [of_issuing[0].clone(), issuing.der().to_vec()];
    let verdict = judge_trust(&whole, &both, Known::default(), IN_2026.parse().unwrap());
    assert!(verdict.ok);
    assert_eq!(verdict.until, Some("2027-01-01T00:00:00Z".parse().unwrap()));
}

#[test]
fn key_identifiers_tell_authorities_of_one_name_apart() {
    let (ours, renewed) = (of_contoso("root", None), of_contoso("root", None));
    let of_renewed = [leaf(&renewed, with_key_id)];
    assert_eq!(reason(&of_renewed, &roots(&ours), Known::default()), ("unknown-issuer", false));
    // An intermediate of that name was sent, with another key: the right one is known, and missing.
    let (old, new) = (of_contoso("issuing", Some(&ours)), of_contoso("issuing", Some(&ours)));
    let chain = [leaf(&new, with_key_id), old.der().to_vec()];
    let seen = [new.der().to_vec()];
    let known = Known { seen: &seen, ..Known::default() };
    assert_eq!(reason(&chain, &roots(&ours), known), ("missing-intermediate", false));
}

#[test]
fn every_reason_has_its_meaning() {
    for reason in ["unknown-issuer", "missing-intermediate", "path-length", "self-signed", "no-certificate"] {
        assert!(TrustVerdict::because(reason).explained().is_some(), "{reason}");
    }
    let (sure, guess) = (TrustVerdict::because("unknown-issuer"), TrustVerdict::because("unknown-issuer").guessed());
    assert!(sure.explained() != guess.explained() && guess.explained().unwrap().contains("nobody here has seen"));
}

#[test]
fn among_cross_signed_paths_the_one_that_lasts_longest_counts() {
    let (old, new) = (authority("old"), authority("new"));
    let key = KeyPair::generate().unwrap();
    let until = |year| {
        let mut params = authority_params("issuing");
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        params
    };
    let by_old = until(2026).signed_by(&key, &old).unwrap().der().to_vec();
    let by_new = until(2029).signed_by(&key, &new).unwrap().der().to_vec();
    let issuing = CertifiedIssuer::signed_by(until(2029), key, &new).unwrap();
    let own = leaf(&issuing, |params| params.not_after = rcgen::date_time_ymd(2030, 1, 1));
    let all = Roots { certificates: vec![old.der().to_vec(), new.der().to_vec()], ..Roots::default() };
    for chain in [[own.clone(), by_old.clone(), by_new.clone()], [own.clone(), by_new, by_old.clone()]] {
        let verdict = judge_trust(&chain, &all, Known::default(), "2025-06-01T00:00:00Z".parse().unwrap());
        assert_eq!((verdict.ok, verdict.until), (true, Some("2029-01-01T00:00:00Z".parse().unwrap())));
    }
    let verdict = judge_trust(&[own, by_old], &all, Known::default(), IN_2026.parse().unwrap());
    assert_eq!((why(&verdict), verdict.culprit), ("expired", Some(Culprit::Presented(1))));
}
