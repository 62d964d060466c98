//! What a name in a finding or an event stands for, while it is still there.

use super::model::Model;
use super::subject::Subject;
use crate::domain::name::Fqdn;

impl Model {
    /// The thing that a finding or an event is about; `None` for the console, for a state command, and for what is gone.
    #[must_use]
    pub fn thing(&self, name: &str) -> Option<Subject> {
        let host = Fqdn::parse(name).ok();
        let host = host.as_ref().filter(|host| host.as_str() == name);
        let server = host.filter(|host| self.server(host).is_some()).cloned().map(Subject::Server);
        let pool = || host.filter(|host| self.pool(host).is_some()).cloned().map(Subject::Pool);
        let dns = || self.picture.dns.iter().find(|dns| dns.server.to_string() == name);
        let site = || self.picture.sites.iter().find(|site| site.name.as_str() == name);
        let plan = || self.picture.dial_plans.iter().find(|plan| plan.name.as_str() == name);
        let run = || self.runs.iter().find(|run| name.strip_prefix("run ") == Some(run.id.as_str()));
        server
            .or_else(pool)
            .or_else(|| dns().map(|dns| Subject::DnsServer(dns.server)))
            .or_else(|| site().map(|site| Subject::Site(site.name.clone())))
            .or_else(|| plan().map(|plan| Subject::Plan(plan.name.clone())))
            .or_else(|| run().map(|run| Subject::Run(run.id.clone())))
    }
}
