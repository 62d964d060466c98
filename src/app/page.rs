//! The screens of the tab line, and the parts of them that the arrows move in.

use serde::{Deserialize, Serialize};

use super::action::Id;

/// A screen of the tab line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Page {
    /// Sites, dial plans, findings.
    Sites,
    /// Dial plans: members, numbers, who takes calls.
    Plans,
    /// Certificates: servers by names.
    Certificates,
    /// DNS: names by servers.
    Dns,
    /// The source document's guidelines, and whether each site could be failed over now.
    Readiness,
    /// Runs: what was done, what goes on.
    Runs,
    /// What changed and when.
    Events,
}

/// A part of a screen that the arrows move in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pane {
    /// Servers and pools of each site, or one line per site.
    Sites,
    /// The dial-plan matrix.
    Plans,
    /// What needs attention.
    Findings,
    /// The certificate matrix.
    Certificates,
    /// Names and where they point.
    Names,
    /// DNS servers.
    DnsServers,
    /// Guidelines.
    Checks,
    /// Runs, newest first.
    Runs,
    /// Events, newest first.
    Events,
}

/// A row of the tab line.
#[derive(Debug, Clone, Copy)]
pub struct Tab {
    /// The screen.
    pub page: Page,
    /// The action that leads there.
    pub action: Id,
    /// Its name.
    pub name: &'static str,
    /// Its name where there is little room.
    pub short: &'static str,
    /// Its panes, in the order in which Tab goes through them.
    pub panes: &'static [Pane],
}

/// Every screen, in the order of the tab line.
pub const TABS: [Tab; 7] = [
    tab(Page::Sites, Id::Sites, "Sites", "Sites", &[Pane::Sites, Pane::Plans, Pane::Findings]),
    tab(Page::Plans, Id::Plans, "Dial plans", "Plans", &[Pane::Plans]),
    tab(Page::Certificates, Id::Certificates, "Certificates", "Certs", &[Pane::Certificates]),
    tab(Page::Dns, Id::Dns, "DNS", "DNS", &[Pane::Names, Pane::DnsServers]),
    tab(Page::Readiness, Id::Readiness, "Readiness", "Ready", &[Pane::Checks]),
    tab(Page::Runs, Id::Runs, "Runs", "Runs", &[Pane::Runs]),
    tab(Page::Events, Id::Events, "Events", "Events", &[Pane::Events]),
];

const fn tab(page: Page, action: Id, name: &'static str, short: &'static str, panes: &'static [Pane]) -> Tab {
    Tab { page, action, name, short, panes }
}

impl Page {
    /// Its row of the tab line.
    #[must_use]
    pub fn tab(self) -> &'static Tab {
        TABS.iter().find(|tab| tab.page == self).unwrap_or(&TABS[0])
    }

    /// The screen that an action leads to.
    #[must_use]
    pub fn of(action: Id) -> Option<Self> {
        TABS.iter().find(|tab| tab.action == action).map(|tab| tab.page)
    }
}

impl Pane {
    /// Every pane.
    pub const ALL: [Self; 9] = [
        Self::Sites,
        Self::Plans,
        Self::Findings,
        Self::Certificates,
        Self::Names,
        Self::DnsServers,
        Self::Checks,
        Self::Runs,
        Self::Events,
    ];

    /// How its lines can be sorted; the first one is how they are at first.
    #[must_use]
    pub fn orders(self) -> &'static [Order] {
        match self {
            Self::Sites => &[Order::Worst, Order::Name],
            Self::Findings => &[Order::Worst, Order::Newest, Order::Name],
            Self::Certificates => &[Order::Worst, Order::Declared, Order::Expiry, Order::Name],
            Self::Names => &[Order::Worst, Order::Declared, Order::Name],
            Self::Checks => &[Order::Worst, Order::Declared],
            _ => &[],
        }
    }
}

/// How lines are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Worst first.
    Worst,
    /// By name.
    Name,
    /// As in the topology file.
    Declared,
    /// What ends first, first.
    Expiry,
    /// What came last, first.
    Newest,
}

impl Order {
    /// The words beside the heading.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Worst => "worst first",
            Self::Name => "by name",
            Self::Declared => "as declared",
            Self::Expiry => "next to expire first",
            Self::Newest => "newest first",
        }
    }
}
