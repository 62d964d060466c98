//! The running servers of the demo, and how they take up what the fault board says.

use std::collections::BTreeMap;

use crate::domain::name::Fqdn;
use crate::domain::server::{Service, ServiceState};

use super::cast::{Cast, Host, POOL, Profile};
use super::error::DemoError;
use super::faults::ActiveSet;
use super::names::Names;
use super::pki::Authorities;
use super::sip::{Conduct, Part, Role, SipServer, Strangers};
use super::um_service::UmService;

/// Everything that runs.
pub(super) struct Stage {
    /// Who they are.
    pub(super) cast: Cast,
    /// UM servers by token.
    pub(super) servers: BTreeMap<&'static str, SipServer>,
    /// The Lync pool.
    pub(super) pool: SipServer,
    /// The Exchange organisation.
    pub(super) um: UmService,
    /// The DNS servers.
    pub(super) names: Names,
}

impl Stage {
    /// Starts all servers.
    pub(super) fn start(cast: Cast, authorities: &Authorities, names: Names) -> Result<Self, DemoError> {
        let mut servers = BTreeMap::new();
        for host in cast.hosts() {
            let server = SipServer::start(role(&cast, host)?, authorities, Conduct::good(host.normal))?;
            servers.insert(host.token, server);
        }
        let pool = SipServer::start(pool_role(&cast)?, authorities, Conduct::good(ServiceState::Enabled))?;
        let um = UmService::new(&cast);
        let stage = Self { cast, servers, pool, um, names };
        stage.assign_certificates(&ActiveSet::default());
        Ok(stage)
    }

    /// What the Exchange organisation says that each service is configured with: what it presents, unless it was never restarted
    /// since its certificate was renewed.
    fn assign_certificates(&self, faults: &ActiveSet) {
        for (host, server) in self.cast.hosts().filter_map(|host| Some((host, self.servers.get(host.token)?))) {
            let presented = server.presents(faults.conduct(&self.cast, host.token, host.normal).certificate);
            let renewed = faults.has(host.token, "cert-not-taken-up");
            self.um.assign(&host.fqdn(), if renewed { server.renewed() } else { presented });
        }
    }

    /// Brings every server in line with the faults that are on.
    pub(super) async fn play(&self, before: &ActiveSet, after: &ActiveSet) -> Result<(), DemoError> {
        for host in self.cast.hosts() {
            self.um.hold_new_calls(&host.fqdn(), after.has(host.token, "no-new-calls"));
            let state = self.um.state(&host.fqdn()).unwrap_or(host.normal);
            if let Some(server) = self.servers.get(host.token) {
                server.behave(after.conduct(&self.cast, host.token, state)).await;
            }
        }
        self.assign_certificates(after);
        self.pool.behave(after.conduct(&self.cast, "pool", ServiceState::Enabled)).await;
        self.names.play(&self.cast, before, after).await
    }
}

fn role(cast: &Cast, host: &Host) -> Result<Role, DemoError> {
    let part = match (host.service, host.version.starts_with("14")) {
        (Service::CallRouter, _) => Part::CallRouter { to: name(&host.fqdn().replacen("um", "mbx", 1))? },
        (Service::Um, true) => Part::UmServer2010,
        (Service::Um, false) => Part::UmService,
    };
    // Where only a server's own name is asked for, its certificate has to lack that one to lack any.
    let too_few = if cast.design == super::cast::Design::Dns { host.fqdn() } else { format!("owa.{}", host.domain) };
    Ok(Role {
        fqdn: name(&host.fqdn())?,
        names: cast.names_for(host),
        too_few_names: vec![too_few],
        part,
        strangers: host.strangers,
        gateways: vec![name(POOL.0)?],
        old_tls: host.old_tls,
    })
}

fn pool_role(cast: &Cast) -> Result<Role, DemoError> {
    Ok(Role {
        fqdn: name(POOL.0)?,
        names: vec![POOL.0.to_owned()],
        too_few_names: vec!["lync.contoso.com".to_owned()],
        part: Part::Pool,
        strangers: if cast.profile == Profile::Field { Strangers::Forbidden } else { Strangers::Welcome },
        gateways: cast.hosts().map(|host| name(&host.fqdn())).collect::<Result<_, _>>()?,
        old_tls: false,
    })
}

fn name(text: &str) -> Result<Fqdn, DemoError> {
    Fqdn::parse(text).map_err(|error| DemoError::Protocol(error.to_string()))
}
