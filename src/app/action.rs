//! The one table of what the console can do. Key bar, help, palette, keymap and documentation come from it.

use serde::{Deserialize, Serialize};

use super::model::Model;
use super::when::{
    always, away_somewhere, can_change, can_say, in_confirm, in_demo, in_guide, in_review, may_leave, may_pause,
    on_run, one_pane_more, run_to_roll_back, server_selected, something_open, something_selected, sortable,
    to_acknowledge, to_copy, with_plan,
};

/// Names an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is explained by its row in ACTIONS")]
pub enum Id {
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
    NextPane,
    PreviousPane,
    Open,
    Close,
    Sites,
    Plans,
    Certificates,
    Dns,
    Readiness,
    Runs,
    Events,
    FailOver,
    BringHome,
    Enable,
    Disable,
    LeaveOut,
    Map,
    Reason,
    Mode,
    Again,
    Runbook,
    DryRun,
    RollBack,
    Abort,
    Confirmed,
    Acknowledge,
    Maintenance,
    Filter,
    Sort,
    Palette,
    Pause,
    Copy,
    Export,
    Bell,
    Mouse,
    Faults,
    HealAll,
    Help,
    Redraw,
    Suspend,
    Cancel,
    Quit,
}

/// What an action may do to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Danger {
    /// Changes what is shown, nothing else.
    None,
    /// Is written down for every console of the state directory.
    Kept,
    /// Leads to a change of the real world, after more questions.
    Changes,
    /// Changes the demo, never a real system.
    DemoOnly,
}

/// Whether an action can be used now, and why not.
pub type When = fn(&Model) -> Result<(), &'static str>;

/// One thing that the console can do.
#[derive(Clone, Copy)]
pub struct Action {
    /// Names it in code.
    pub id: Id,
    /// Names it in the keymap.
    pub name: &'static str,
    /// One or two words for the key bar; empty when it is not worth a place there.
    pub short: &'static str,
    /// One line for the help.
    pub help: &'static str,
    /// What it may do to the world.
    pub danger: Danger,
    /// Whether it can be used now.
    pub when: When,
}

const fn row(id: Id, name: &'static str, short: &'static str, when: When, help: &'static str) -> Action {
    Action { id, name, short, help, danger: Danger::None, when }
}

const fn kept(action: Action) -> Action {
    Action { danger: Danger::Kept, ..action }
}

const fn changes(action: Action) -> Action {
    Action { danger: Danger::Changes, ..action }
}

const fn demo(action: Action) -> Action {
    Action { danger: Danger::DemoOnly, ..action }
}

/// Every action, in the order of the help; the key bar shows those that have a short name and can be used, in this order.
pub const ACTIONS: &[Action] = &[
    row(Id::Up, "up", "", always, "select the one above; scroll up in a dialog"),
    row(Id::Down, "down", "select", always, "select the one below; scroll down in a dialog"),
    row(Id::Left, "left", "", always, "go to the site on the left, or the choice before"),
    row(Id::Right, "right", "", always, "go to the site on the right, or the next choice"),
    row(Id::PageUp, "page-up", "", always, "a page up"),
    row(Id::PageDown, "page-down", "", always, "a page down"),
    row(Id::First, "first", "", always, "the first one"),
    row(Id::Last, "last", "", always, "the last one"),
    row(Id::Open, "open", "inspect", something_selected, "inspect it; open a site or a run; go on; switch a fault"),
    row(Id::Close, "close", "back", something_open, "close what is open; never quits and loses nothing"),
    row(Id::NextPane, "next-pane", "pane", one_pane_more, "go on to the next pane of this screen"),
    row(Id::PreviousPane, "previous-pane", "", one_pane_more, "go back to the pane before"),
    changes(row(
        Id::LeaveOut,
        "leave-out",
        "leave out",
        in_review,
        "failing over: leave the server out, or take it in",
    )),
    changes(row(Id::Map, "map", "map", in_review, "failing over: let another server take over from it")),
    changes(row(Id::Reason, "reason", "reason", in_review, "failing over: give a reason, for a rule or for the run")),
    row(Id::Again, "again", "again", in_guide, "failing over: look, rehearse and judge again"),
    row(Id::Mode, "mode", "mode", in_review, "failing over: planned or emergency"),
    row(Id::DryRun, "dry-run", "dry run", with_plan, "failing over: show the exact messages and commands"),
    row(Id::Runbook, "runbook", "runbook", with_plan, "failing over: write the steps by hand to a file"),
    changes(row(
        Id::RollBack,
        "roll-back",
        "roll back",
        run_to_roll_back,
        "take back what the run changed; asks again",
    )),
    changes(row(Id::Abort, "abort", "abort", on_run, "begin nothing more of the run; what is under way is listed")),
    changes(row(Id::Confirmed, "confirmed", "called", in_confirm, "say of the run: called it, heard the greeting")),
    changes(row(
        Id::FailOver,
        "fail-over",
        "fail over",
        can_change,
        "fail the selected site over, or one of its servers",
    )),
    changes(row(
        Id::BringHome,
        "bring-home",
        "bring home",
        away_somewhere,
        "bring the selected site's names and calls home",
    )),
    changes(row(Id::Enable, "enable", "enable", server_selected, "put the server into service")),
    changes(row(Id::Disable, "disable", "disable", server_selected, "take the server out of service")),
    kept(row(
        Id::Acknowledge,
        "acknowledge",
        "acknowledge",
        to_acknowledge,
        "acknowledge the finding, with a reason, or take that back",
    )),
    kept(row(Id::Maintenance, "maintenance", "", can_say, "declare maintenance for a site or server, or end it")),
    row(Id::Filter, "filter", "filter", may_leave, "show only what matches: words, state:down, site:dublin"),
    row(Id::Palette, "palette", "command", always, "find an action, a site, a server or a run"),
    row(Id::Help, "help", "help", always, "this help; on a finding or rule also what it means"),
    row(Id::Sort, "sort", "sort", sortable, "sort the list in another way"),
    row(Id::Pause, "pause", "", may_pause, "hold the display still; watching goes on"),
    row(Id::Copy, "copy", "copy", to_copy, "copy it to the clipboard of your terminal (OSC 52)"),
    row(Id::Export, "export", "", always, "write the events that are shown to a file"),
    row(Id::Bell, "bell", "", always, "ring on new critical findings, or stop that"),
    row(Id::Mouse, "mouse", "", always, "take the mouse, or give it back to the terminal"),
    row(Id::Sites, "sites", "", may_leave, "the sites: servers, dial plans, what needs attention"),
    row(Id::Plans, "plans", "", may_leave, "the dial plans: members, numbers, who takes calls"),
    row(Id::Certificates, "certificates", "", may_leave, "the certificates: their names, who trusts them, their end"),
    row(Id::Dns, "dns", "", may_leave, "DNS: what every server answers for every name"),
    row(Id::Readiness, "readiness", "", may_leave, "the guidelines, and whether each site could fail over now"),
    row(Id::Runs, "runs", "", may_leave, "the runs: what was done, what goes on, what is left to do"),
    row(Id::Events, "events", "", may_leave, "the events: what changed, and when"),
    demo(row(Id::Faults, "faults", "faults", in_demo, "demo: the faults, to switch on and off")),
    demo(row(Id::HealAll, "heal-all", "", in_demo, "demo: switch every fault off")),
    row(Id::Redraw, "redraw", "", always, "draw the whole screen anew"),
    row(Id::Suspend, "suspend", "", always, "stop and give the shell back; `fg` returns"),
    row(Id::Cancel, "cancel", "", always, "close what is open; twice within a second: quit"),
    row(Id::Quit, "quit", "quit", always, "quit; probes end, nothing is changed, runs go on"),
];

/// The row of an action.
#[must_use]
pub fn action(id: Id) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.id == id)
}

/// The row of an action by its name in the keymap.
#[must_use]
pub fn named(name: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.name == name)
}
