//! Random names and SAN sets: the verdict is webpki's wherever webpki has one, and every refusal has a reason.

use std::collections::BTreeMap;

use rcgen::{CertificateParams, KeyPair, SanType};
use rustls_pki_types::{CertificateDer, ServerName};
use switchboard::domain::certificate::{Facts, Required, Uncovered};
use webpki::{EndEntityCert, Error};

struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len())]
    }

    /// Few words, so that names often nearly match.
    fn name(&mut self) -> String {
        const LABELS: &[&str] = &["um1", "UM1", "um2", "tukwila", "contoso", "xn--bcher-kva", "a", "_sip", "u-1"];
        let count = self.roll(4);
        let mut labels: Vec<&str> = (0..count).map(|_| self.pick(LABELS)).collect();
        labels.push(self.pick(&["com", "test"]));
        labels.join(".")
    }

    fn pattern(&mut self) -> String {
        let name = self.name();
        let rest = name.split_once('.').map_or("", |(_, rest)| rest).to_owned();
        match self.roll(9) {
            0..=2 => name,
            3..=5 => format!("*.{rest}"),
            6 => format!("um*.{rest}"),
            7 => format!("um1.*.{rest}"),
            _ => self
                .pick(&["*", "*.", "*.com", "**.contoso.com", "", ".", "a..b", "-", "192.0.2.1", "*um1.com"])
                .to_owned(),
        }
    }
}

#[test]
fn the_verdict_on_a_name_is_webpkis_wherever_webpki_has_one() {
    let (mut dice, key) = (Dice(0x9e37_79b9_7f4a_7c15), KeyPair::generate().unwrap());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..4000 {
        let patterns: Vec<String> = (0..dice.roll(4)).map(|_| dice.pattern()).collect();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        let dns = patterns.iter().map(|name| SanType::DnsName(name.as_str().try_into().unwrap()));
        params.subject_alt_names = dns.collect();
        if dice.roll(4) == 0 {
            params.subject_alt_names.push(SanType::IpAddress("192.0.2.1".parse().unwrap()));
        }
        let der = params.self_signed(&key).unwrap().der().to_vec();
        let wanted = if dice.roll(8) == 0 { "192.0.2.1".to_owned() } else { dice.name() };
        let wanted = if dice.roll(8) == 0 && !wanted.starts_with('1') { wanted + "." } else { wanted };
        let ours = Facts::read(&der).unwrap().coverage(&Required::parse(&wanted).unwrap());
        let der = CertificateDer::from(der);
        let leaf = EndEntityCert::try_from(&der).unwrap();
        let Ok(name) = ServerName::try_from(wanted.as_str()) else { continue };
        let theirs = match leaf.verify_is_valid_for_subject_name(&name) {
            Ok(()) => "covered",
            Err(Error::CertNotValidForName(_)) => "not covered",
            Err(_) => "no verdict",
        };
        if theirs != "no verdict" {
            assert_eq!(ours.is_ok(), theirs == "covered", "{wanted} against {patterns:?}: {ours:?}");
        }
        let ours = ours.map_or_else(Uncovered::word, |()| "covered");
        *seen.entry(format!("{theirs}: {ours}")).or_default() += 1;
    }
    // Not vacuous: both verdicts, and every reason that DNS names can give.
    for word in
        ["covered: covered", "not covered: no-san", "not covered: no-san-match", "not covered: wildcard-one-label"]
    {
        assert!(seen.get(word).is_some_and(|count| *count > 5), "{word}: {seen:?}");
    }
    for why in ["partial-wildcard", "wildcard-not-left-most", "wildcard-too-wide", "ip-in-dns-san"] {
        assert!(seen.keys().any(|key| key.ends_with(why)), "{why}: {seen:?}");
    }
}
