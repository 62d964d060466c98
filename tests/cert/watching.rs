//! What a console that watches says about the certificates that it is shown, and whether it says the same when more is known.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use switchboard::config;
use switchboard::domain::certificate::{Facts, TrustVerdict};
use switchboard::domain::finding::{Finding, Severity};
use switchboard::domain::judge::{CertificateView, Picture};
use switchboard::domain::name::{BackendName, Fqdn};
use switchboard::domain::observation::{Observation, Outcome, ProbeId, SipFailure, SipOutcome, TlsSession};
use switchboard::domain::server::{Service, Transport};
use switchboard::domain::topology::Topology;
use switchboard::domain::watch::{SinceBook, Watch};
use switchboard::wire::um_state::{self, Document, ServerEntry};

use super::bad::{Authority, below, key, leaf, root};

pub(crate) const UM1: &str = "um1.tukwila.contoso.com";
pub(crate) const UM2: &str = "um2.tukwila.contoso.com";

/// Two servers, and roots that both sides trust.
const TOPOLOGY: &str = r#"
[console]
name = "contoso.com"
[trust]
lync = "roots.pem"
exchange = "roots.pem"
MORE
[[site]]
name = "Tukwila"
[[site.server]]
fqdn = "um1.tukwila.contoso.com"
address = "192.0.2.11"
version = "14.3"
[[site.server]]
fqdn = "um2.tukwila.contoso.com"
address = "192.0.2.12"
version = "14.3"
"#;

/// A watch, its clock, and the files that it was made with.
pub(crate) struct Story {
    pub(crate) watch: Watch,
    pub(crate) now: Timestamp,
    dir: tempfile::TempDir,
}

impl Story {
    /// A watch over the topology with these roots; `more` stands in its `[trust]`, and after it.
    pub(crate) fn new(roots: &str, more: &str) -> Self {
        Self::declaring(roots, more, "")
    }

    /// As [`Story::new`], with more about the last server.
    fn declaring(roots: &str, more: &str, last: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let watch = Watch::new(read(dir.path(), roots, more, last), SinceBook::default());
        Self { watch, now: "2026-06-01T12:00:00Z".parse().unwrap(), dir }
    }

    /// The topology file is changed while the console watches.
    pub(crate) fn reload(&mut self, roots: &str, more: &str) {
        self.watch.adopt(read(self.dir.path(), roots, more, ""), self.now);
    }

    pub(crate) fn absorb(&mut self, probe: ProbeId, outcome: Outcome) {
        self.now += Duration::from_secs(1);
        self.watch.absorb(Observation { probe, at: self.now, took: Duration::ZERO, outcome });
    }

    /// A server shows a chain, and answers nothing.
    pub(crate) fn present(&mut self, server: &str, chain: Vec<Vec<u8>>) {
        let session = TlsSession {
            version: "1.2".into(),
            suite: "TLS_RSA_WITH_AES_128_CBC_SHA".into(),
            proved: false,
            asks_certificate: false,
            chain,
            at: self.now,
        };
        let outcome = SipOutcome {
            transport: Transport::Tls,
            address: "192.0.2.11:5061".parse().unwrap(),
            result: Err(SipFailure::Silent),
            tls: Some(Arc::new(session)),
        };
        let probe = ProbeId::Sip { server: Fqdn::parse(server).unwrap(), service: Service::Um };
        self.absorb(probe, Outcome::Sip(outcome));
    }

    pub(crate) fn picture(&mut self) -> Picture {
        self.watch.picture(self.now)
    }

    pub(crate) fn certificate(&mut self, server: &str) -> Arc<CertificateView> {
        let picture = self.picture();
        let view = picture.sites[0].servers.iter().find(|view| view.fqdn.as_str() == server).unwrap();
        Arc::clone(view.services[0].certificate.as_ref().unwrap())
    }

    /// What the Lync side makes of a server's chain.
    pub(crate) fn lync(&mut self, server: &str) -> TrustVerdict {
        self.certificate(server).lync.unwrap()
    }

    pub(crate) fn facts(&mut self, server: &str) -> Facts {
        self.certificate(server).facts.clone().unwrap()
    }

    pub(crate) fn ids(&mut self) -> Vec<(&'static str, String)> {
        self.picture().findings.into_iter().map(|finding| (finding.id, finding.subject)).collect()
    }

    pub(crate) fn finding(&mut self, id: &str, subject: &str) -> Option<Finding> {
        self.picture().findings.into_iter().find(|finding| finding.id == id && finding.subject == subject)
    }
}

fn read(dir: &Path, roots: &str, more: &str, last: &str) -> Arc<Topology> {
    std::fs::write(dir.join("roots.pem"), roots).unwrap();
    let file = dir.join("switchboard.toml");
    Arc::new(config::load_text(&(TOPOLOGY.replace("MORE", more) + last), &file, &|_| None).unwrap())
}

/// A leaf for a server, by an authority; and what is sent with it.
pub(crate) fn chain(server: &str, issuer: &Authority, sent: &[&Authority]) -> Vec<Vec<u8>> {
    let mut params = leaf(&[server]);
    params.distinguished_name.push(rcgen::DnType::CommonName, server);
    let leaf = params.signed_by(&key(), issuer).unwrap().der().to_vec();
    std::iter::once(leaf).chain(sent.iter().map(|authority| authority.der().to_vec())).collect()
}

#[test]
fn other_roots_judge_a_chain_that_was_shown_before_them() {
    let (ours, theirs) = (root("Contoso"), root("Fabrikam"));
    let issuing = below(&ours, |_| {});
    let mut story = Story::new(&theirs.pem(), "");
    story.present(UM1, chain(UM1, &issuing, &[]));
    story.present(UM2, chain(UM2, &issuing, &[&issuing]));
    assert!(!story.lync(UM1).ok && !story.lync(UM2).ok);
    story.reload(&ours.pem(), "");
    assert!(story.lync(UM2).ok, "no new chain of um2 was needed");
    let um1 = story.lync(UM1);
    assert_eq!((um1.why, um1.guess), (Some("missing-intermediate"), false), "what um2 sent is still known");
    story.reload(&theirs.pem(), "");
    assert!(!story.lync(UM2).ok);
}

#[test]
fn an_intermediate_that_another_server_sends_is_known_to_be_missing_here() {
    let ours = root("Contoso");
    let issuing = below(&ours, |_| {});
    let mut story = Story::new(&ours.pem(), "");
    story.present(UM1, chain(UM1, &issuing, &[]));
    let guessed = story.lync(UM1);
    assert_eq!((guessed.why, guessed.guess), (Some("missing-intermediate"), true));
    let finding = story.finding("cert-untrusted", UM1).unwrap();
    assert!(finding.message.contains("probably") && finding.evidence.contains("nobody here has seen"), "{finding:?}");

    story.present(UM2, chain(UM2, &issuing, &[&issuing]));
    let sure = story.lync(UM1);
    assert_eq!((sure.why, sure.guess), (Some("missing-intermediate"), false), "no new chain of um1 was needed");
    let finding = story.finding("cert-untrusted", UM1).unwrap();
    assert!(!finding.message.contains("probably"), "{finding:?}");
    assert!(story.lync(UM2).ok && story.finding("cert-untrusted", UM2).is_none());
}

impl Story {
    /// The state command reports a server, and the certificate that its service is configured with.
    fn report(&mut self, server: &str, thumbprint: &str) {
        let entry = ServerEntry {
            server: server.to_owned(),
            service: "um".to_owned(),
            status: Some("Enabled".to_owned()),
            components: Vec::new(),
            dial_plans: Vec::new(),
            active_calls: None,
            certificate: Some(thumbprint.to_owned()),
        };
        let text = um_state::print(&Document { version: 1, servers: vec![entry] });
        let report = um_state::parse(text.as_bytes()).unwrap();
        self.absorb(ProbeId::State { backend: BackendName::new("exchange") }, Outcome::State(Ok(report)));
    }

    /// Whether the server's service presents what it should; and whether the opposite is a finding.
    fn taken_up(&mut self, server: &str) -> (Option<bool>, bool) {
        let picture = self.picture();
        let view = picture.sites[0].servers.iter().find(|view| view.fqdn.as_str() == server).unwrap();
        (view.services[0].taken_up, self.finding("cert-not-taken-up", server).is_some())
    }
}

const STATE: &str = "[backend.exchange]\ntype = \"command\"\nstate = [\"um-state\"]";

#[test]
fn a_renewed_certificate_that_was_not_taken_up_is_told_and_no_order_of_events_makes_one_up() {
    let ours = root("Contoso");
    let (old, new) = (chain(UM1, &ours, &[]), chain(UM1, &ours, &[]));
    let print = |chain: &[Vec<u8>]| Facts::read(&chain[0]).unwrap().sha1;
    let mut story = Story::new(&ours.pem(), STATE);
    story.present(UM1, old.clone());
    assert_eq!(story.taken_up(UM1), (None, false), "nobody has said which it should be");
    story.report(UM1, &print(&old).to_uppercase());
    assert_eq!(story.taken_up(UM1), (Some(true), false));
    // Assigned, and no handshake since.
    story.report(UM1, &print(&new));
    assert_eq!(story.taken_up(UM1), (None, false), "the last handshake was before");
    story.present(UM1, old.clone());
    assert_eq!(story.taken_up(UM1), (Some(false), true));
    let finding = story.finding("cert-not-taken-up", UM1).unwrap();
    for said in [&print(&old), &print(&new)].map(|print| print.to_uppercase()) {
        assert!(finding.evidence.contains(&said), "{finding:?}");
    }
    assert!(finding.advice.contains("Restart") && finding.advice.contains("MSExchangeUMCR"), "{finding:?}");
    // Restarted.
    story.present(UM1, new.clone());
    assert_eq!(story.taken_up(UM1), (None, false), "the last report was before");
    story.report(UM1, &print(&new));
    assert_eq!(story.taken_up(UM1), (Some(true), false));
    // A service without a certificate of its own is asked nothing.
    story.report(UM1, "");
    assert_eq!(story.taken_up(UM1), (None, false));

    // What is there from the beginning is judged at the beginning, whoever comes first.
    for report_first in [true, false] {
        let mut story = Story::new(&ours.pem(), STATE);
        if report_first {
            story.report(UM1, &print(&new));
        }
        story.present(UM1, old.clone());
        if !report_first {
            story.report(UM1, &print(&new));
        }
        assert_eq!(story.taken_up(UM1), (Some(false), true), "report first: {report_first}");
    }
}

#[test]
fn a_topology_file_may_declare_the_certificate() {
    let ours = root("Contoso");
    let (old, new) = (chain(UM2, &ours, &[]), chain(UM2, &ours, &[]));
    let declared = Facts::read(&new[0]).unwrap().sha1;
    let mut story = Story::declaring(&ours.pem(), "", &format!("thumbprints = {{ um = \"{declared}\" }}"));
    story.present(UM2, old);
    assert_eq!(story.taken_up(UM2), (Some(false), true));
    let finding = story.finding("cert-not-taken-up", UM2).unwrap();
    assert!(finding.evidence.contains("declared in the topology file"), "{finding:?}");
    story.present(UM2, new);
    assert_eq!(story.taken_up(UM2), (Some(true), false));
}

#[test]
fn an_authority_that_ends_before_the_certificate_is_told_in_time() {
    let ours = root("Contoso");
    let issuing = below(&ours, |params| params.not_after = rcgen::date_time_ymd(2026, 6, 20));
    let mut story = Story::new(&ours.pem(), "");
    let shown = chain(UM1, &issuing, &[&issuing]);
    story.present(UM1, shown.clone());
    let until: Timestamp = "2026-06-20T00:00:00Z".parse().unwrap();
    assert_eq!((story.certificate(UM1).usable_until(), story.lync(UM1).ok), (Some(until), true));
    let finding = story.finding("cert-expiring", UM1).unwrap();
    assert_eq!(finding.severity, Severity::Warning);
    assert!(finding.message.contains("an authority above") && finding.evidence.contains("Issuing CA 2"), "{finding:?}");
    story.now = "2026-06-15T00:00:00Z".parse().unwrap();
    assert_eq!(story.finding("cert-expiring", UM1).unwrap().severity, Severity::Critical);
    story.now = "2026-06-21T00:00:00Z".parse().unwrap();
    story.present(UM1, shown);
    assert_eq!(story.lync(UM1).why, Some("expired"));
    assert!(story.finding("cert-untrusted", UM1).is_some());
}
