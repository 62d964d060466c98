//! The JSON that a `state` command prints: service state and dial-plan membership of all servers.
//!
//! ```json
//! {"version": 1,
//!  "servers": [
//!   {"server": "um1.tukwila.contoso.com", "service": "um", "status": "Enabled",
//!    "dial_plans": ["Tukwila.contoso.com"], "active_calls": 3, "certificate": "AB12…40 digits"},
//!   {"server": "um2.tukwila.contoso.com", "service": "call-router", "dial_plans": ["Tukwila.contoso.com"],
//!    "components": [
//!      {"component": "UMCallRouter", "requester": "Maintenance", "state": "Active", "scope": "local"},
//!      {"component": "ServerWideOffline", "requester": "Maintenance", "state": "Active", "scope": "remote"}]}]}
//! ```
//!
//! One entry for each service of each server. `status` is what `Get-UMServer` says (Exchange 2010); `components` is what
//! `Get-ServerComponentState` says (2013 and later), one entry for each requester, local (the server's registry) and remote
//! (the directory). At least one of the two has to be there. `dial_plans` comes from `Get-UMServer`, `Get-UMService` or
//! `Get-UMCallRouterSettings`; `active_calls` may be left out or null, and so may `certificate`: the thumbprint (SHA-1) of the
//! certificate that the service is configured with, `UMCertificateThumbprint` of the same cmdlets. Keys that are not named here are passed over.
//!
//! A server's state is the least over all of its services, requesters and scopes: a component serves only when every
//! requester says so. Components that have nothing to do with Unified Messaging are kept out of that.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use crate::domain::certificate::Thumbprint;
use crate::domain::clean::Clean;
use crate::domain::name::{DialPlanName, Fqdn};
use crate::domain::observation::{ComponentState, ServerState, StateReport};
use crate::domain::server::{Service, ServiceState};

/// More servers than any deployment has; a longer list is refused.
pub const MOST_SERVERS: usize = 2_000;
/// The same for dial plans or components of one entry.
pub const MOST_EACH: usize = 1_000;

/// The printed document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Always 1.
    pub version: u32,
    /// One entry for each service of each server.
    pub servers: Vec<ServerEntry>,
}

/// One service of one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerEntry {
    /// Its name.
    pub server: String,
    /// `um` or `call-router`.
    pub service: String,
    /// `Enabled`, `NoNewCalls` or `Disabled`; Exchange 2010.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What each requester says; Exchange 2013 and later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<ComponentEntry>,
    /// Dial plans that the service is a member of.
    pub dial_plans: Vec<String>,
    /// Calls in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_calls: Option<u32>,
    /// Thumbprint of the certificate that the service is configured with; empty where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// What one requester says of one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentEntry {
    /// `UMCallRouter`, `ServerWideOffline`, …; builds differ in the names.
    pub component: String,
    /// `Maintenance`, `HealthAPI`, `Sidelined`, `Functional`, `Deployment`.
    pub requester: String,
    /// `Active`, `Draining` or `Inactive`.
    pub state: String,
    /// `local` or `remote`.
    pub scope: String,
}

/// The text is not the documented JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Not JSON, or another shape.
    #[error("{0}")]
    Shape(Clean),
    /// Another version of the contract.
    #[error("version {0} of the state JSON is not known here, only version 1")]
    Version(u32),
    /// Too long a list.
    #[error("{what} has {count} entries; more than {most} are not read")]
    TooMany {
        /// Which list.
        what: Clean,
        /// Its length.
        count: usize,
        /// What is read at most.
        most: usize,
    },
    /// A value that the contract does not know.
    #[error("{server}: {key} is {value:?}, expected {expected}", value = .value.as_str())]
    Value {
        /// Where.
        server: Clean,
        /// Which key.
        key: &'static str,
        /// What stands there.
        value: Clean,
        /// What should.
        expected: &'static str,
    },
    /// An entry that says nothing about the state.
    #[error("{0}: neither status nor a component of Unified Messaging is given")]
    NoState(Clean),
    /// The same service twice.
    #[error("{0}: the service {1} is listed twice")]
    Twice(Clean, Service),
}

/// Reads what a `state` command printed. A byte order mark, as PowerShell writes it, is passed over.
pub fn parse(text: &[u8]) -> Result<StateReport, StateError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let document: Document =
        serde_json::from_slice(text).map_err(|error| StateError::Shape(Clean::new(&error.to_string())))?;
    if document.version != 1 {
        return Err(StateError::Version(document.version));
    }
    within("servers", document.servers.len(), MOST_SERVERS)?;
    let mut seen = std::collections::BTreeSet::new();
    let mut servers: BTreeMap<Fqdn, ServerState> = BTreeMap::new();
    for entry in document.servers {
        let (fqdn, service, state) = read_entry(entry)?;
        if !seen.insert((fqdn.clone(), service)) {
            return Err(StateError::Twice(Clean::new(fqdn.as_str()), service));
        }
        match servers.entry(fqdn) {
            Entry::Vacant(slot) => drop(slot.insert(state)),
            Entry::Occupied(mut slot) => join(slot.get_mut(), state),
        }
    }
    Ok(StateReport { servers })
}

/// The document as a command prints it, one line.
#[must_use]
pub fn print(document: &Document) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

fn within(what: &str, count: usize, most: usize) -> Result<(), StateError> {
    if count > most { Err(StateError::TooMany { what: Clean::new(what), count, most }) } else { Ok(()) }
}

fn read_entry(entry: ServerEntry) -> Result<(Fqdn, Service, ServerState), StateError> {
    let server = Clean::new(&entry.server);
    within(&format!("{server}: components"), entry.components.len(), MOST_EACH)?;
    within(&format!("{server}: dial_plans"), entry.dial_plans.len(), MOST_EACH)?;
    let fqdn = Fqdn::parse(&entry.server).map_err(|_| bad(&server, "server", &entry.server, "a host name"))?;
    let service = read_service(&server, &entry.service)?;
    let status = entry.status.as_deref().map(|status| read_status(&server, status)).transpose()?;
    let mut worst = status;
    let mut components = Vec::with_capacity(entry.components.len());
    for component in entry.components {
        let state = read_component(&server, &component.state)?;
        if decides(&component.component) {
            worst = Some(worst.map_or(state, |so_far| so_far.max(state)));
        }
        components.push(clean_component(&server, component)?);
    }
    let state = worst.ok_or_else(|| StateError::NoState(server.clone()))?;
    let dial_plans = entry.dial_plans.iter().map(|name| DialPlanName::new(Clean::new(name).as_str())).collect();
    let certificates = read_certificate(&server, service, entry.certificate.as_deref())?;
    let active_calls = entry.active_calls;
    Ok((fqdn, service, ServerState { state, components, dial_plans, active_calls, certificates }))
}

fn read_certificate(
    server: &Clean,
    service: Service,
    written: Option<&str>,
) -> Result<BTreeMap<Service, Thumbprint>, StateError> {
    let Some(written) = written.filter(|written| !written.trim().is_empty()) else { return Ok(BTreeMap::new()) };
    let expected = "a thumbprint of 40 hexadecimal digits";
    let thumbprint = Thumbprint::parse(written).ok_or_else(|| bad(server, "certificate", written, expected))?;
    Ok([(service, thumbprint)].into())
}

fn clean_component(server: &Clean, entry: ComponentEntry) -> Result<ComponentState, StateError> {
    let local = match entry.scope.to_ascii_lowercase().as_str() {
        "local" => true,
        "remote" => false,
        _ => return Err(bad(server, "scope", &entry.scope, "local or remote")),
    };
    Ok(ComponentState {
        component: entry.component.into(),
        requester: entry.requester.into(),
        state: entry.state.into(),
        local,
    })
}

/// Which components decide whether calls are taken. Builds differ (`UMCallRouter`, `UnifiedMessaging`), so they are known
/// by how they begin.
fn decides(component: &str) -> bool {
    let name = component.to_ascii_lowercase();
    name == "serverwideoffline" || name.starts_with("um") || name.starts_with("unifiedmessaging")
}

fn read_service(server: &Clean, word: &str) -> Result<Service, StateError> {
    match word {
        "um" => Ok(Service::Um),
        "call-router" => Ok(Service::CallRouter),
        _ => Err(bad(server, "service", word, "um or call-router")),
    }
}

fn read_status(server: &Clean, word: &str) -> Result<ServiceState, StateError> {
    match word.to_ascii_lowercase().as_str() {
        "enabled" => Ok(ServiceState::Enabled),
        "nonewcalls" => Ok(ServiceState::NoNewCalls),
        "disabled" => Ok(ServiceState::Disabled),
        _ => Err(bad(server, "status", word, "Enabled, NoNewCalls or Disabled")),
    }
}

fn read_component(server: &Clean, word: &str) -> Result<ServiceState, StateError> {
    match word.to_ascii_lowercase().as_str() {
        "active" => Ok(ServiceState::Enabled),
        "draining" => Ok(ServiceState::NoNewCalls),
        "inactive" => Ok(ServiceState::Disabled),
        _ => Err(bad(server, "state", word, "Active, Draining or Inactive")),
    }
}

fn bad(server: &Clean, key: &'static str, value: &str, expected: &'static str) -> StateError {
    StateError::Value { server: server.clone(), key, value: Clean::new(value), expected }
}

/// Adds a further service of the same server: it serves only as well as the worst of them.
fn join(server: &mut ServerState, other: ServerState) {
    server.state = server.state.max(other.state);
    server.components.extend(other.components);
    server.certificates.extend(other.certificates);
    for plan in other.dial_plans {
        if !server.dial_plans.contains(&plan) {
            server.dial_plans.push(plan);
        }
    }
    server.active_calls = match (server.active_calls, other.active_calls) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (a, b) => a.or(b),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(servers: &str) -> Result<StateReport, StateError> {
        parse(format!(r#"{{"version":1,"at":"later","servers":[{servers}]}}"#).as_bytes())
    }

    fn one(servers: &str) -> ServerState {
        report(servers).unwrap().servers.into_values().next().unwrap()
    }

    fn components(list: &[(&str, &str, &str, &str)]) -> String {
        let entries: Vec<String> = list
            .iter()
            .map(|(c, r, s, scope)| {
                format!(r#"{{"component":"{c}","requester":"{r}","state":"{s}","scope":"{scope}"}}"#)
            })
            .collect();
        format!(
            r#"{{"server":"um1.contoso.com","service":"call-router","dial_plans":["A"],"components":[{}]}}"#,
            entries.join(",")
        )
    }

    #[test]
    fn a_2010_server_is_in_the_state_that_its_status_says() {
        let um = r#"{"server":"UM1.contoso.com.","service":"um","status":"NoNewCalls","dial_plans":["A","B"],"active_calls":3,"new key":{}}"#;
        let report = report(um).unwrap();
        let server = &report.servers[&Fqdn::parse("um1.contoso.com").unwrap()];
        assert_eq!((server.state, server.active_calls), (ServiceState::NoNewCalls, Some(3)));
        assert_eq!(server.dial_plans, [DialPlanName::new("A"), DialPlanName::new("B")]);
    }

    #[test]
    fn one_requester_is_enough_to_take_a_component_out_of_service() {
        let active = ("UMCallRouter", "Maintenance", "Active", "local");
        assert_eq!(one(&components(&[active])).state, ServiceState::Enabled);
        let drained = [active, ("UMCallRouter", "HealthAPI", "Draining", "remote")];
        assert_eq!(one(&components(&drained)).state, ServiceState::NoNewCalls);
        let offline = [active, ("ServerWideOffline", "Functional", "Inactive", "remote")];
        assert_eq!(one(&components(&offline)).state, ServiceState::Disabled);
    }

    #[test]
    fn components_of_other_roles_are_shown_and_do_not_count() {
        let server = one(&components(&[
            ("UnifiedMessaging", "Maintenance", "Active", "local"),
            ("HubTransport", "Maintenance", "Inactive", "local"),
        ]));
        assert_eq!((server.state, server.components.len()), (ServiceState::Enabled, 2));
    }

    #[test]
    fn two_services_of_one_server_are_one_server_with_the_lesser_state() {
        let router = components(&[("UMCallRouter", "Maintenance", "Active", "local")]);
        let um = r#"{"server":"um1.contoso.com","service":"um","status":"Disabled","dial_plans":["A","B"],"active_calls":null}"#;
        let report = report(&format!("{router},{um}")).unwrap();
        let server = report.servers.values().next().unwrap();
        assert_eq!((report.servers.len(), server.state, server.dial_plans.len()), (1, ServiceState::Disabled, 2));
    }

    #[test]
    fn what_the_contract_does_not_know_is_refused_and_named() {
        let entry = |key: &str, value: &str| {
            let mut entry =
                serde_json::json!({"server":"um1.contoso.com","service":"um","status":"Enabled","dial_plans":[]});
            entry[key] = serde_json::from_str(value).unwrap();
            report(&entry.to_string()).unwrap_err().to_string()
        };
        for (key, value, said) in [
            ("status", "\"On\"", "um1.contoso.com: status is \"On\", expected Enabled, NoNewCalls or Disabled"),
            ("status", "null", "um1.contoso.com: neither status nor a component of Unified Messaging is given"),
            ("service", "\"owa\"", "expected um or call-router"),
            ("server", "\"um 1\"", "expected a host name"),
            ("dial_plans", "\"A\"", "invalid type: string \"A\", expected a sequence"),
            ("active_calls", "-1", "expected u32"),
            ("certificate", "\"ab12\"", "certificate is \"ab12\", expected a thumbprint of 40 hexadecimal digits"),
        ] {
            let error = entry(key, value);
            assert!(error.contains(said), "{error:?} lacks {said:?}");
        }
        let um = r#"{"server":"um1.contoso.com","service":"um","status":"Enabled","dial_plans":[]}"#;
        assert!(report(&format!("{um},{um}")).unwrap_err().to_string().contains("listed twice"));
        assert_eq!(parse(br#"{"version":2,"servers":[]}"#), Err(StateError::Version(2)));
        assert!(parse(b"Get-UMServer : The term is not recognized\x1b[31m").is_err());
    }

    #[test]
    fn hostile_text_is_clean_and_endless_lists_are_cut_off() {
        let hostile = r#"{"server":"um1.contoso.com","service":"um","status":"\u001b]0;x\u0007","dial_plans":[]}"#;
        let error = report(hostile).unwrap_err().to_string();
        assert!(!error.chars().any(char::is_control), "{error:?}");
        let plan = r#"{"server":"um1.contoso.com","service":"um","status":"Enabled","dial_plans":["a\u001b[2Jb"]}"#;
        assert!(!one(plan).dial_plans[0].as_str().chars().any(char::is_control));
        let many = vec!["\"A\""; MOST_EACH + 1].join(",");
        let long = format!(r#"{{"server":"um1.contoso.com","service":"um","status":"Enabled","dial_plans":[{many}]}}"#);
        assert!(matches!(report(&long), Err(StateError::TooMany { .. })));
        let deep = format!(r#"{{"version":1,"servers":[],"x":{}"#, "[".repeat(100_000));
        assert!(parse(deep.as_bytes()).is_err());
    }

    #[test]
    fn what_is_printed_is_read_back() {
        let entry = ServerEntry {
            server: "um1.contoso.com".into(),
            service: "um".into(),
            status: Some("Disabled".into()),
            components: vec![ComponentEntry {
                component: "UnifiedMessaging".into(),
                requester: "Maintenance".into(),
                state: "Inactive".into(),
                scope: "local".into(),
            }],
            dial_plans: vec!["Tukwila.contoso.com".into()],
            active_calls: Some(0),
            certificate: Some("0123456789ABCDEF0123456789ABCDEF01234567".into()),
        };
        let report = parse(print(&Document { version: 1, servers: vec![entry] }).as_bytes()).unwrap();
        let server = report.servers.values().next().unwrap();
        assert_eq!(server.state, ServiceState::Disabled);
        assert_eq!(server.certificates[&Service::Um].as_str(), "0123456789abcdef0123456789abcdef01234567");
    }

    #[test]
    fn each_service_has_a_certificate_of_its_own() {
        let router = components(&[("UMCallRouter", "Maintenance", "Active", "local")]);
        let router = router.replacen('{', &format!("{{\"certificate\":\"{}\",", "a".repeat(40)), 1);
        let um = r#"{"server":"um1.contoso.com","service":"um","status":"Enabled","dial_plans":[],"certificate":""}"#;
        let report = report(&format!("{router},{um}")).unwrap();
        let server = report.servers.values().next().unwrap();
        assert_eq!(
            server.certificates.keys().copied().collect::<Vec<_>>(),
            [Service::CallRouter],
            "none is configured for um"
        );
    }
}
