//! What a thing says of itself to the filter: its words, and the values of its facets.

use std::net::SocketAddr;

use super::filter::Traits;
use super::model::Model;
use super::subject::Subject;
use crate::domain::judge::ServerView;
use crate::domain::name::{DialPlanName, Fqdn, SiteName};
use crate::domain::observation::DnsKind;
use crate::failover::plan::RunId;

impl Model {
    /// What a thing says of itself to the filter.
    pub(super) fn traits(&self, subject: &Subject) -> Traits {
        let mut traits = Traits::default();
        match subject {
            Subject::Site(name) => self.site_traits(name, &mut traits),
            Subject::Server(fqdn) => self.server_traits(fqdn, "server", &mut traits),
            Subject::Name(fqdn) => self.server_traits(fqdn, "name", &mut traits),
            Subject::Pool(fqdn) => self.pool_traits(fqdn, &mut traits),
            Subject::Certificate { host, service } => {
                traits.add("kind", "certificate");
                self.server_traits(host, "server", &mut traits);
                self.pool_traits(host, &mut traits);
                traits.say(service.word());
                if let Some(Ok(facts)) = self.certificate(host, *service).map(|view| &view.facts) {
                    traits.say(facts.issuer.as_str());
                }
            }
            Subject::Plan(name) => self.plan_traits(name, &mut traits),
            Subject::Finding { id, subject } => self.finding_traits(id, subject, &mut traits),
            Subject::DnsServer(address) => self.dns_traits(*address, &mut traits),
            Subject::Check(id) => self.check_traits(id, &mut traits),
            Subject::Run(id) => self.run_traits(id, &mut traits),
            Subject::Event(number) => self.event_traits(*number, &mut traits),
        }
        traits
    }

    fn site_traits(&self, name: &SiteName, traits: &mut Traits) {
        traits.add("kind", "site");
        traits.add("site", name.as_str());
        traits.say(name.as_str());
        for server in self.picture.sites.iter().filter(|s| s.name == *name).flat_map(|site| &site.servers) {
            states(server, traits);
        }
    }

    fn plan_traits(&self, name: &DialPlanName, traits: &mut Traits) {
        traits.add("kind", "plan");
        traits.add("plan", name.as_str());
        traits.say(name.as_str());
        if let Some(plan) = self.picture.dial_plans.iter().find(|plan| plan.name == *name) {
            traits.add("site", plan.site.as_str());
            for member in &plan.members {
                traits.say(member.fqdn.as_str());
                // "state:up" is about the plans that somebody answers for, too.
                self.server(&member.fqdn).into_iter().for_each(|server| states(server, traits));
            }
        }
    }

    fn dns_traits(&self, address: SocketAddr, traits: &mut Traits) {
        traits.add("kind", "dns");
        traits.say(address.to_string());
        if let Some(view) = self.picture.dns.iter().find(|dns| dns.server == address) {
            traits.add("state", view.health.word());
            traits.say(if view.kind == DnsKind::Resolver { "resolver" } else { "authoritative" });
        }
    }

    fn check_traits(&self, id: &str, traits: &mut Traits) {
        traits.add("kind", "check");
        traits.say(id);
        if let Some(check) = self.readiness.as_ref().and_then(|readiness| readiness.check(id)) {
            traits.add("severity", check.status.word());
            traits.say(check.title);
            traits.say(&check.evidence);
        }
    }

    fn run_traits(&self, id: &RunId, traits: &mut Traits) {
        traits.add("kind", "run");
        traits.say(id.as_str());
        if let Some(view) = self.runs.get(id) {
            let plan = view.run.plan();
            traits.add("state", view.run.state().word());
            traits.add("site", plan.site.as_str());
            traits.say(format!("{} {} {}", plan.from, plan.to, plan.by));
            plan.dial_plans.iter().for_each(|name| traits.add("plan", name.as_str()));
        }
    }

    fn event_traits(&self, number: u64, traits: &mut Traits) {
        traits.add("kind", "event");
        if let Some(entry) = self.log.get(number) {
            traits.say(&entry.subject);
            traits.say(&entry.text);
            if let Some(severity) = entry.severity() {
                traits.add("severity", severity.word());
            }
            self.subject_site(&entry.subject, traits);
        }
    }

    fn server_traits(&self, fqdn: &Fqdn, kind: &str, traits: &mut Traits) {
        let Some(server) = self.server(fqdn) else { return };
        traits.add("kind", kind);
        traits.say(fqdn.as_str());
        states(server, traits);
        self.host_site(fqdn, traits);
        self.names.plans(fqdn).iter().for_each(|plan| traits.add("plan", plan.as_str()));
        if let Some(worst) = self.worst.get(fqdn.as_str()) {
            traits.add("severity", worst.word());
        }
    }

    fn pool_traits(&self, fqdn: &Fqdn, traits: &mut Traits) {
        let Some(pool) = self.pool(fqdn) else { return };
        traits.add("kind", "pool");
        traits.say(fqdn.as_str());
        traits.add("state", pool.service.health.word());
        traits.add("site", pool.site.as_str());
    }

    fn finding_traits(&self, id: &str, subject: &str, traits: &mut Traits) {
        traits.add("kind", "finding");
        traits.add("kind", id);
        traits.say(subject);
        if let Some(finding) = self.picture.findings.iter().find(|f| f.id == id && f.subject == subject) {
            traits.add("severity", finding.severity.word());
            traits.say(&finding.message);
        }
        self.subject_site(subject, traits);
        // "state:down" is about findings of what is down, too.
        if let Some(server) = Fqdn::parse(subject).ok().and_then(|host| self.server(&host)) {
            states(server, traits);
            self.names.plans(&server.fqdn).iter().for_each(|plan| traits.add("plan", plan.as_str()));
        }
        if let Some(plan) = self.topology.dial_plans.iter().find(|plan| plan.name.as_str() == subject) {
            traits.add("plan", subject);
            traits.add("site", plan.site.as_str());
        }
    }

    /// The site of a server or pool.
    fn host_site(&self, host: &Fqdn, traits: &mut Traits) {
        let server = self.names.place(host).and_then(|(site, _)| self.topology.sites.get(site)).map(|site| &site.name);
        if let Some(site) = server.or_else(|| self.names.site_of_pool(host)) {
            traits.add("site", site.as_str());
        }
    }

    /// The site of what a finding or an event is about, where that is a host.
    fn subject_site(&self, subject: &str, traits: &mut Traits) {
        if let Ok(host) = Fqdn::parse(subject) {
            self.host_site(&host, traits);
        }
    }
}

fn states(server: &ServerView, traits: &mut Traits) {
    traits.add("state", server.health.word());
    traits.add("state", server.place.word());
    if let Some(state) = server.state {
        traits.add("state", state.to_string());
    }
}
