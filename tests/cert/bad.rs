//! Every kind of bad certificate gets its own right reason, from a file and over a socket.

use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, NameConstraints, SanType,
};

use super::peers::{ask, has_openssl, openssl, serve};

const UM1: &str = "um1.tukwila.contoso.com";
/// The moment that everything of rcgen is judged for.
const AT: &str = "2026-06-01T12:00:00Z";

pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

pub(crate) fn authority(house: &str, name: &str, change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, house);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params.not_before, params.not_after) = (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(2035, 1, 1));
    change(&mut params);
    params
}

pub(crate) fn root(house: &str) -> Authority {
    CertifiedIssuer::self_signed(authority(house, "Root CA", |_| {}), key()).unwrap()
}

pub(crate) fn below(above: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Authority {
    CertifiedIssuer::signed_by(authority("Contoso", "Issuing CA 2", change), key(), above).unwrap()
}

pub(crate) fn leaf(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.subject_alt_names = names.iter().map(|name| SanType::DnsName((*name).try_into().unwrap())).collect();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, UM1);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = (rcgen::date_time_ymd(2026, 1, 1), rcgen::date_time_ymd(2027, 1, 1));
    params
}

/// Writes `NAME.pem` (the leaf, then what is sent with it) and `NAME.key`.
fn write(dir: &Path, name: &str, issuer: &Authority, sent: &[&Authority], params: &CertificateParams) {
    let key = key();
    let pem = params.signed_by(&key, issuer).unwrap().pem();
    let above: String = sent.iter().map(|authority| authority.pem()).collect();
    std::fs::write(dir.join(format!("{name}.pem")), pem + &above).unwrap();
    std::fs::write(dir.join(format!("{name}.key")), key.serialize_pem()).unwrap();
}

/// What comes of each: the name that is asked for, its verdict, the verdict of the roots, which certificate.
const EXPECTED: &[(&str, &str, &str, &str, &str)] = &[
    ("good", UM1, "", "", ""),
    ("expiring", UM1, "", "", ""),
    ("expired", UM1, "", "expired", r#"{"presented":0}"#),
    ("not-yet-valid", UM1, "", "not-yet-valid", r#"{"presented":0}"#),
    ("self-signed", UM1, "", "self-signed", r#"{"presented":0}"#),
    ("wrong-ca", UM1, "", "unknown-issuer", r#"{"presented":0}"#),
    ("missing-intermediate", UM1, "", "missing-intermediate", r#"{"presented":0}"#),
    ("cn-only", UM1, "cn-only", "", ""),
    ("wildcard", UM1, "wildcard-one-label", "", ""),
    ("partial-wildcard", UM1, "partial-wildcard", "", ""),
    ("ip-in-dns-san", "192.0.2.11", "ip-in-dns-san", "", ""),
    ("other-name", UM1, "no-san-match", "", ""),
    ("no-server", UM1, "", "wrong-purpose", "null"),
    ("name-constraint", UM1, "", "name-constraint", "null"),
    ("expired-intermediate", UM1, "", "expired", r#"{"presented":1}"#),
    ("path-length", UM1, "", "path-length", "null"),
    ("authority-as-leaf", UM1, "", "authority-as-leaf", "null"),
];

fn make_all(dir: &Path) {
    let (ours, theirs) = (root("Contoso"), root("Fabrikam"));
    std::fs::write(dir.join("roots.pem"), ours.pem()).unwrap();
    std::fs::write(dir.join("strange.pem"), theirs.pem()).unwrap();
    let issuing = below(&ours, |_| {});
    std::fs::write(dir.join("whole.pem"), ours.pem() + &issuing.pem()).unwrap();
    let make = |name: &str, names: &[&str], change: fn(&mut CertificateParams)| {
        let mut params = leaf(names);
        change(&mut params);
        write(dir, name, &issuing, &[&issuing], &params);
    };
    make("good", &[UM1], |_| {});
    make("expiring", &[UM1], |params| params.not_after = rcgen::date_time_ymd(2026, 6, 7));
    make("expired", &[UM1], |params| params.not_after = rcgen::date_time_ymd(2026, 5, 1));
    make("not-yet-valid", &[UM1], |params| params.not_before = rcgen::date_time_ymd(2026, 7, 1));
    make("cn-only", &[], |_| {});
    make("wildcard", &["*.contoso.com"], |_| {});
    make("partial-wildcard", &["um*.tukwila.contoso.com"], |_| {});
    make("ip-in-dns-san", &["192.0.2.11"], |_| {});
    make("other-name", &["um2.tukwila.contoso.com"], |_| {});
    make("no-server", &[UM1], |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    make("authority-as-leaf", &[UM1], |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    write(dir, "wrong-ca", &theirs, &[], &leaf(&[UM1]));
    write(dir, "missing-intermediate", &issuing, &[], &leaf(&[UM1]));
    let own = key();
    std::fs::write(dir.join("self-signed.pem"), leaf(&[UM1]).self_signed(&own).unwrap().pem()).unwrap();
    std::fs::write(dir.join("self-signed.key"), own.serialize_pem()).unwrap();
    let fabrikam = vec![GeneralSubtree::DnsName("fabrikam.com".to_owned())];
    let narrow = below(&ours, |params| {
        params.name_constraints = Some(NameConstraints { permitted_subtrees: fabrikam, excluded_subtrees: Vec::new() });
    });
    write(dir, "name-constraint", &narrow, &[&narrow], &leaf(&[UM1]));
    let old = below(&ours, |params| params.not_after = rcgen::date_time_ymd(2026, 2, 1));
    write(dir, "expired-intermediate", &old, &[&old], &leaf(&[UM1]));
    let short = below(&ours, |params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let second = CertifiedIssuer::signed_by(authority("Contoso", "Issuing CA 3", |_| {}), key(), &short).unwrap();
    write(dir, "path-length", &second, &[&second, &short], &leaf(&[UM1]));
}

/// Asks for one chain and compares the verdicts.
fn judge(dir: &Path, from: &[&str], expected: &(&str, &str, &str, &str, &str), roots: &str) {
    let (case, name, uncovered, untrusted, culprit) = expected;
    let (code, json) = ask(dir, &[from, &["--name", name, "--roots", roots]].concat());
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    assert_eq!(word(&json["names"][0]["why"]), *uncovered, "{case}: {json}");
    assert_eq!(word(&json["trust"][0]["why"]), *untrusted, "{case}: {json}");
    if !untrusted.is_empty() {
        assert_eq!(json["trust"][0]["certificate"].to_string(), *culprit, "{case}: {json}");
        // Nobody here has seen the issuer of these two: what they lack is the likelier of two things, and said to be.
        let guess = ["wrong-ca", "missing-intermediate"].contains(case);
        assert_eq!(json["trust"][0]["guess"], guess, "{case}: {json}");
        let meaning = json["trust"][0]["explained"].as_str().unwrap();
        assert_eq!(meaning.contains("nobody here has seen its issuer"), guess, "{case}: {meaning}");
    }
    let soon = if *case == "expiring" || roots != "roots.pem" { "expiring" } else { "" };
    let soon = if json["valid"]["ok"] == true { soon } else { "" };
    assert_eq!(word(&json["valid"]["note"]), soon, "{case}: {json}");
    let fine = uncovered.is_empty() && untrusted.is_empty();
    assert_eq!((code, json["ok"].as_bool()), (Some(i32::from(!fine)), Some(fine)), "{case}: {json}");
    assert_eq!(json["names"][0]["covered"].as_bool(), Some(uncovered.is_empty()), "{case}");
}

#[test]
fn each_bad_certificate_has_its_own_reason_from_a_file_and_over_a_socket() {
    let dir = tempfile::tempdir().unwrap();
    make_all(dir.path());
    let live = has_openssl();
    for expected in EXPECTED {
        let (chain, key) = (format!("{}.pem", expected.0), format!("{}.key", expected.0));
        judge(dir.path(), &["--file", &chain, "--at", AT], expected, "roots.pem");
        if live {
            let server = serve(dir.path(), &chain, &key, &[]);
            judge(dir.path(), &[&format!("127.0.0.1:{}", server.port), "--at", AT], expected, "roots.pem");
        }
    }
    // Whoever knows the issuer does not guess.
    let known = |case: &str, roots: &[&str]| {
        let chain = format!("{case}.pem");
        let roots: Vec<&str> = roots.iter().flat_map(|file| ["--roots", file]).collect();
        let (_, json) = ask(dir.path(), &[&["--file", chain.as_str(), "--at", AT][..], &roots].concat());
        (json["trust"][0]["why"].as_str().unwrap_or_default().to_owned(), json["trust"][0]["guess"].clone())
    };
    assert_eq!(known("wrong-ca", &["roots.pem", "strange.pem"]), ("unknown-issuer".to_owned(), false.into()));
    assert_eq!(known("missing-intermediate", &["whole.pem"]), ("missing-intermediate".to_owned(), false.into()));
    let (_, json) = ask(dir.path(), &["--file", "expiring.pem", "--roots", "roots.pem", "--at", AT]);
    assert_eq!(json["chain"][0]["days_left"], 5);
    assert_eq!(json["trust"][0]["usable_until"], "2026-06-07T00:00:00Z");
}

const WEAK: &[(&str, &str, &str, &str, &str)] = &[
    ("sha1", UM1, "", "weak-signature", r#"{"presented":0}"#),
    ("md5", UM1, "", "weak-signature", r#"{"presented":0}"#),
    ("rsa1024", UM1, "", "weak-key", r#"{"presented":0}"#),
    ("rsa512", UM1, "", "weak-key", r#"{"presented":0}"#),
    ("old-root", UM1, "", "weak-key", r#""root""#),
    ("tiny-root", UM1, "", "weak-key", r#""root""#),
];

/// An authority and one certificate of it, made by `openssl`: key size of the root, of the leaf, hash.
fn make_weak(dir: &Path, name: &str, (root, leaf, hash): (u32, u32, &str)) {
    openssl(
        dir,
        &format!(
            "req -x509 -newkey rsa:{root} -sha256 -nodes -days 30 -subj /O=Contoso/CN=Old -keyout ca.key -out {name}-root.pem"
        ),
    );
    openssl(dir, &format!("req -newkey rsa:{leaf} -nodes -subj /CN={UM1} -keyout {name}.key -out leaf.csr"));
    std::fs::write(dir.join("ext"), format!("subjectAltName=DNS:{UM1}\nextendedKeyUsage=serverAuth\n")).unwrap();
    openssl(
        dir,
        &format!(
            "x509 -req -in leaf.csr -CA {name}-root.pem -CAkey ca.key -set_serial 7 -days 20 -{hash} -extfile ext -out {name}.pem"
        ),
    );
}

#[test]
fn short_keys_and_old_hashes_are_read_and_named() {
    if !has_openssl() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let sizes = [
        (2048, 2048, "sha1"),
        (2048, 2048, "md5"),
        (2048, 1024, "sha256"),
        (2048, 512, "sha256"),
        (1024, 2048, "sha256"),
        (512, 2048, "sha1"),
    ];
    for (expected, sizes) in WEAK.iter().zip(sizes) {
        let name = expected.0;
        make_weak(dir.path(), name, sizes);
        let (chain, key, roots) = (format!("{name}.pem"), format!("{name}.key"), format!("{name}-root.pem"));
        judge(dir.path(), &["--file", &chain], expected, &roots);
        // 512 bits are too few for any server to sign a handshake with.
        if sizes.1 > 512 {
            let server = serve(dir.path(), &chain, &key, &["-cipher", "ALL:@SECLEVEL=0"]);
            judge(dir.path(), &[&format!("127.0.0.1:{}", server.port)], expected, &roots);
        }
    }
}
