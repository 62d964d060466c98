//! The source document's first design with BIND for its DNS: the demo's SIP servers, three BINDs, and the real program on them.

use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;
use switchboard::demo::Design;

use crate::bind::{Names, TTL};
use crate::kerberos::{PERSON, Realm};
use crate::named::Writer;
use crate::run_support::live::{Live, answer};

/// Exactly what a run needs of an update policy, name by name.
pub(crate) const GRANTS: &[&str] = &[
    "um1.tukwila.contoso.com. A",
    "um2.tukwila.contoso.com. A",
    "um3.dublin.contoso.com. A",
    "um4.dublin.contoso.com. A",
    "_switchboard.tukwila.contoso.com. TXT",
    "_switchboard.dublin.contoso.com. TXT",
];

pub(crate) struct Deployment {
    pub(crate) names: Names,
    pub(crate) live: Live,
    pub(crate) secret: String,
}

impl Deployment {
    /// Starts everything and writes both sites' first markers, as an administrator does once.
    pub(crate) async fn start(grants: &[&str]) -> Option<Self> {
        Self::start_with(Live::start(Design::Dns).await, grants).await
    }

    /// The same in a zone that takes Kerberos alone, from whoever has a ticket of the realm's person.
    pub(crate) async fn start_in(realm: &Realm, grants: &[&str]) -> Option<Self> {
        let by_ticket = |line: &str| if line.starts_with("auth = ") { "auth = \"gss\"" } else { line }.to_owned();
        let edit = |text: String| text.lines().map(by_ticket).collect::<Vec<_>>().join("\n") + "\n";
        let mut live = Live::start_edited(Design::Dns, edit).await;
        live.environment = realm.environment();
        let options = format!("tkey-gssapi-keytab \"{}\";", realm.keytab().display());
        let names = Names::start(&Writer { name: PERSON, secret: None }, &options, grants).await?;
        Some(Self::first_markers(Self { names, live, secret: String::new() }).await)
    }

    /// The second design, its commands fenced in BIND's zone.
    pub(crate) async fn start_fenced(grants: &[&str]) -> Option<Self> {
        Self::start_with(Live::start_fenced().await, grants).await
    }

    async fn start_with(live: Live, grants: &[&str]) -> Option<Self> {
        let secret = std::fs::read_to_string(live.demo.dir().join("tsig.key")).unwrap().trim().to_owned();
        let names = Names::start(&Writer { name: "switchboard", secret: Some(&secret) }, "", grants).await?;
        Some(Self::first_markers(Self { names, live, secret }).await)
    }

    /// Leads the program to these servers; both sites get their first markers.
    async fn first_markers(deployment: Self) -> Self {
        lead_to(&deployment.live, &deployment.names);
        for site in ["Tukwila", "Dublin"] {
            let output = deployment.live.switchboard(&["marker", "init", site]).await;
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        for wire in [&deployment.names.primary, &deployment.names.secondary, &deployment.names.resolver] {
            wire.take();
        }
        deployment
    }

    /// Plans; gives the plan's file and its JSON.
    pub(crate) async fn plan(&self, name: &str, arguments: &[&str]) -> (PathBuf, Value) {
        let file = self.live.demo.dir().join(format!("{name}.json"));
        let out = file.to_str().unwrap();
        let all = [&["plan", "--json", "--from", "Tukwila", "--out", out], arguments].concat();
        let output = self.live.switchboard(&all).await;
        let (code, plan) = answer(&output);
        assert_eq!(code, 0, "{plan:#}\n{}", String::from_utf8_lossy(&output.stderr));
        (file, plan)
    }

    /// Confirms a plan and follows its run to where it stops.
    pub(crate) async fn failover(&self, (file, plan): &(PathBuf, Value)) -> (i32, Value) {
        let (file, phrase) = (file.to_str().unwrap(), plan["confirm"].as_str().unwrap());
        answer(&self.live.switchboard(&["failover", "--json", "--plan", file, "--confirm", phrase]).await)
    }

    pub(crate) async fn check(&self) -> Value {
        let output: Output = self.live.switchboard(&["check", "--json"]).await;
        answer(&output).1
    }

    /// Where each name is, as `check` says.
    pub(crate) async fn places(&self) -> Vec<String> {
        let check = self.check().await;
        let sites = check["sites"].as_array().unwrap();
        let servers = sites.iter().flat_map(|site| site["servers"].as_array().unwrap());
        servers.map(|server| server["place"].as_str().unwrap().to_owned()).collect()
    }
}

/// The demo's own topology file, with the DNS servers' addresses led to the relays before the BINDs.
fn lead_to(live: &Live, names: &Names) {
    let file = live.demo.topology_file();
    let lead = |line: &str| {
        let to = [("53:53", &names.primary), ("54:53", &names.secondary), ("60:53", &names.resolver)];
        let led = to.iter().find(|(declared, _)| line.starts_with(&format!("\"192.0.2.{declared}\" = ")));
        match led {
            Some((declared, wire)) => format!("\"192.0.2.{declared}\" = \"{}\"", wire.address),
            None if line.starts_with("ttl = ") => format!("ttl = \"{TTL}s\""),
            None => line.to_owned(),
        }
    };
    let text: Vec<String> = std::fs::read_to_string(&file).unwrap().lines().map(lead).collect();
    std::fs::write(&file, text.join("\n") + "\n").unwrap();
}
