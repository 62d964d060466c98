//! What each pane lists: by identity, filtered, sorted. Drawing and selecting go through the same lists.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::model::{Model, finding_subject};
use super::page::{Order, Page, Pane};
use super::subject::Subject;
use crate::domain::finding::Severity;
use crate::domain::judge::{CertificateView, PoolView, ServerView, ServiceView, SiteView};
use crate::domain::name::Fqdn;
use crate::domain::place::Place;
use crate::domain::server::Service;

impl Model {
    /// What can be selected in a pane, in the order of the screen.
    #[must_use]
    pub fn items(&self, pane: Pane) -> Vec<Subject> {
        match pane {
            Pane::Sites if self.as_cards() => self.picture.sites.iter().flat_map(|site| self.items_of(site)).collect(),
            Pane::Sites => match self.opened_site() {
                Some(site) => self.items_of(site),
                None => self.ranked_sites().into_iter().map(|site| Subject::Site(site.name.clone())).collect(),
            },
            Pane::Plans => {
                let plans =
                    self.picture.dial_plans.iter().filter(|plan| self.is_of_page(&Subject::Plan(plan.name.clone())));
                self.shown(plans.map(|plan| Subject::Plan(plan.name.clone())))
            }
            Pane::Findings => self.findings(),
            Pane::Certificates => self.certificates(),
            Pane::Names => self.dns_names(),
            Pane::DnsServers => self.shown(self.picture.dns.iter().map(|dns| Subject::DnsServer(dns.server))),
            Pane::Checks => self.checks(),
            Pane::Runs => self.shown(self.runs.iter().map(|run| Subject::Run(run.id.clone()))),
            Pane::Events => self.shown(self.log.iter().map(|entry| Subject::Event(entry.number))),
        }
    }

    /// Of some things, those that the filter shows.
    fn shown(&self, subjects: impl Iterator<Item = Subject>) -> Vec<Subject> {
        subjects.filter(|subject| self.is_shown(subject)).collect()
    }

    /// Whether the filter shows a thing.
    #[must_use]
    pub fn is_shown(&self, subject: &Subject) -> bool {
        self.filter.is_empty() || self.filter.matches(&self.traits(subject))
    }

    /// How a pane is sorted.
    #[must_use]
    pub fn order(&self, pane: Pane) -> Option<Order> {
        let orders = pane.orders();
        let at = self.sorted.get(&pane).copied().unwrap_or(0);
        orders.get(at % orders.len().max(1)).copied()
    }

    /// The site whose own page is shown: opened from the list of sites.
    #[must_use]
    pub fn page_of(&self) -> Option<&SiteView> {
        self.opened_site().filter(|_| self.page == Page::Sites && !self.as_cards())
    }

    /// Whether a dial plan or a finding belongs on the page that is shown: on a site's own page, whether it is about that site.
    fn is_of_page(&self, subject: &Subject) -> bool {
        let Some(site) = self.page_of() else { return true };
        match subject {
            Subject::Plan(name) => self.dial_plan(name).is_some_and(|plan| {
                let member = |host: &Fqdn| site.servers.iter().any(|server| server.fqdn == *host);
                plan.site == site.name || plan.members.iter().any(|one| member(&one.fqdn))
            }),
            Subject::Finding { subject, .. } => match self.thing(subject) {
                Some(Subject::Site(name)) => name == site.name,
                Some(Subject::Plan(name)) => self.dial_plan(&name).is_some_and(|plan| plan.site == site.name),
                Some(Subject::Server(host)) => site.servers.iter().any(|server| server.fqdn == host),
                Some(Subject::Pool(host)) => self.pool(&host).is_some_and(|pool| pool.site == site.name),
                _ => false,
            },
            _ => true,
        }
    }

    /// Servers and pools of a site, as they are selected.
    #[must_use]
    pub fn items_of(&self, site: &SiteView) -> Vec<Subject> {
        let servers = site.servers.iter().map(|server| Subject::Server(server.fqdn.clone()));
        self.shown(servers.chain(self.pools_of(site).map(|pool| Subject::Pool(pool.fqdn.clone()))))
    }

    /// Pools that stand in a site.
    pub fn pools_of<'a>(&'a self, site: &'a SiteView) -> impl Iterator<Item = &'a PoolView> + 'a {
        self.picture.pools.iter().filter(|pool| pool.site == site.name)
    }

    /// Sites that are shown, worst first, then by name: a line does not move while nothing changes.
    #[must_use]
    pub fn ranked_sites(&self) -> Vec<&SiteView> {
        let any = |site: &&SiteView| {
            self.filter.is_empty()
                || self.is_shown(&Subject::Site(site.name.clone()))
                || !self.items_of(site).is_empty()
        };
        let mut sites: Vec<_> =
            self.picture.sites.iter().filter(any).map(|site| (self.severity_of(site), site)).collect();
        let unhealthy = |site: &SiteView| site.servers.len().saturating_sub(site.healthy);
        let by_name = self.order(Pane::Sites) == Some(Order::Name);
        sites.sort_by(|a, b| {
            let worst = b.0.cmp(&a.0).then(unhealthy(b.1).cmp(&unhealthy(a.1)));
            if by_name { a.1.name.cmp(&b.1.name) } else { worst.then(a.1.name.cmp(&b.1.name)) }
        });
        sites.into_iter().map(|(_, site)| site).collect()
    }

    /// Findings that are shown; muted ones come last.
    fn findings(&self) -> Vec<Subject> {
        let mut findings: Vec<_> =
            self.picture.findings.iter().map(|finding| (self.muted(finding).is_some(), finding)).collect();
        match self.order(Pane::Findings) {
            Some(Order::Newest) => findings.sort_by_key(|(muted, finding)| (*muted, Reverse(finding.since))),
            Some(Order::Name) => findings.sort_by(|a, b| (a.0, &a.1.subject).cmp(&(b.0, &b.1.subject))),
            _ => findings.sort_by_key(|(muted, _)| *muted),
        }
        let subjects = findings.into_iter().map(|(_, finding)| finding_subject(finding));
        self.shown(subjects.filter(|subject| self.is_of_page(subject)))
    }

    /// Every service that presents a certificate, or could, server by server, then pool by pool.
    pub fn presenting(&self) -> impl Iterator<Item = (&Fqdn, &ServiceView)> {
        let servers = self.picture.sites.iter().flat_map(|site| &site.servers);
        let of_servers = servers.flat_map(|server| server.services.iter().map(|service| (&server.fqdn, service)));
        of_servers.chain(self.picture.pools.iter().map(|pool| (&pool.fqdn, &pool.service)))
    }

    fn certificates(&self) -> Vec<Subject> {
        let mut all: Vec<(&Fqdn, &ServiceView)> = self.presenting().collect();
        let ends = |service: &ServiceView| {
            let facts = service.certificate.as_ref().and_then(|view| view.facts.as_ref().ok());
            facts.map_or(jiff::Timestamp::MAX, |facts| facts.not_after)
        };
        match self.order(Pane::Certificates) {
            Some(Order::Worst) => self.worst_certificates_first(&mut all),
            Some(Order::Expiry) => all.sort_by_key(|(_, service)| ends(service)),
            Some(Order::Name) => all.sort_by_key(|(host, service)| (*host, service.service)),
            _ => {}
        }
        let subject = |(host, service): (&Fqdn, &ServiceView)| Subject::Certificate {
            host: host.clone(),
            service: service.service,
        };
        self.shown(all.into_iter().map(subject))
    }

    /// By what is said of a host's certificates, and by what is wrong with the very one that a service presents.
    fn worst_certificates_first(&self, all: &mut [(&Fqdn, &ServiceView)]) {
        let mut said: BTreeMap<&str, Severity> = BTreeMap::new();
        for finding in self.picture.findings.iter().filter(|finding| finding.id.starts_with("cert-")) {
            let at = said.entry(finding.subject.as_str()).or_insert(finding.severity);
            *at = finding.severity.max(*at);
        }
        let unfit = |host: &Fqdn, service: &ServiceView| {
            let view = service.certificate.as_deref()?;
            // Who opens the session decides: Lync of a server's, Exchange of a pool's.
            let verdict = if self.server(host).is_some() { view.lync } else { view.exchange };
            let fit = view.facts.is_ok() && view.covers.values().all(|covered| *covered);
            (!fit || verdict.is_some_and(|verdict| !verdict.ok)).then_some(Severity::Critical)
        };
        all.sort_by_cached_key(|(host, service)| Reverse(unfit(host, service).max(said.get(host.as_str()).copied())));
    }

    /// Every server's name, in the topology's order.
    fn dns_names(&self) -> Vec<Subject> {
        let mut servers: Vec<&ServerView> = self.picture.sites.iter().flat_map(|site| &site.servers).collect();
        match self.order(Pane::Names) {
            Some(Order::Worst) => servers.sort_by_key(|server| Reverse(badness(&server.place))),
            Some(Order::Name) => servers.sort_by(|a, b| a.fqdn.cmp(&b.fqdn)),
            _ => {}
        }
        self.shown(servers.into_iter().map(|server| Subject::Name(server.fqdn.clone())))
    }

    fn checks(&self) -> Vec<Subject> {
        let mut checks: Vec<_> = self.readiness.iter().flat_map(|readiness| &readiness.checks).collect();
        if self.order(Pane::Checks) == Some(Order::Worst) {
            checks.sort_by_key(|check| Reverse(check.status));
        }
        self.shown(checks.into_iter().map(|check| Subject::Check(check.id)))
    }

    /// Where a server stands in the topology file: the place of its site, and its own within that.
    #[must_use]
    pub fn standing_of(&self, server: &Fqdn) -> Option<(usize, usize)> {
        self.names.place(server)
    }

    /// A service of a server or pool.
    #[must_use]
    pub fn service(&self, host: &Fqdn, service: Service) -> Option<&ServiceView> {
        let of_server = self.server(host).and_then(|server| server.services.iter().find(|one| one.service == service));
        of_server.or_else(|| self.pool(host).map(|pool| &pool.service).filter(|one| one.service == service))
    }

    /// The certificate that a service presents.
    #[must_use]
    pub fn certificate(&self, host: &Fqdn, service: Service) -> Option<&CertificateView> {
        self.service(host, service)?.certificate.as_deref()
    }
}

/// How much a place needs somebody.
fn badness(place: &Place) -> u8 {
    match place {
        Place::Home => 0,
        Place::Unknown => 1,
        Place::Moved { .. } => 2,
        _ => 3,
    }
}
