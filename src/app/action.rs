//! The one table of what the console can do. Key bar, help, keymap and documentation come from it.

use super::model::{Model, Overlay, Page};

/// Names an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    Events,
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
    /// Changes the demo, never a real system.
    DemoOnly,
}

/// Whether an action can be used now, and why not.
pub type When = fn(&Model) -> Result<(), &'static str>;

/// One thing that the console can do.
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

/// Every action, in the order of the help.
pub const ACTIONS: &[Action] = &[
    row(Id::Up, "up", "", always, "select the one above; scroll up in a dialog"),
    row(Id::Down, "down", "select", always, "select the one below; scroll down in a dialog"),
    row(Id::Left, "left", "", always, "go to the site on the left, or the one before"),
    row(Id::Right, "right", "", always, "go to the site on the right, or the next one"),
    row(Id::PageUp, "page-up", "", always, "a page up"),
    row(Id::PageDown, "page-down", "", always, "a page down"),
    row(Id::First, "first", "", always, "the first one"),
    row(Id::Last, "last", "", always, "the last one"),
    row(Id::NextPane, "next-pane", "pane", on_sites, "go on to the next pane: sites, dial plans, findings"),
    row(Id::PreviousPane, "previous-pane", "", on_sites, "go back to the pane before"),
    row(
        Id::Open,
        "open",
        "inspect",
        something_selected,
        "show everything about what is selected; open a site; switch a fault",
    ),
    row(Id::Close, "close", "back", something_open, "close what is open; never quits and loses nothing"),
    row(Id::Sites, "sites", "sites", always, "the sites: servers, dial plans, what needs attention"),
    row(Id::Events, "events", "events", always, "the events: what changed, and when"),
    Action {
        id: Id::Faults,
        name: "faults",
        short: "faults",
        help: "demo: open or close the panel of faults to switch on and off",
        danger: Danger::DemoOnly,
        when: in_demo,
    },
    Action {
        id: Id::HealAll,
        name: "heal-all",
        short: "",
        help: "demo: switch every fault off",
        danger: Danger::DemoOnly,
        when: in_demo,
    },
    row(Id::Help, "help", "help", always, "this help"),
    row(Id::Redraw, "redraw", "", always, "draw the whole screen anew"),
    row(Id::Suspend, "suspend", "", always, "stop and give the shell back; `fg` returns"),
    row(Id::Cancel, "cancel", "", always, "close what is open; twice within two seconds: quit"),
    row(Id::Quit, "quit", "quit", always, "quit; probes end, nothing is changed"),
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

#[expect(clippy::unnecessary_wraps, reason = "has the shape of every `when`")]
fn always(_: &Model) -> Result<(), &'static str> {
    Ok(())
}

fn on_sites(model: &Model) -> Result<(), &'static str> {
    if model.page == Page::Sites && model.overlay.is_none() { Ok(()) } else { Err("there is one pane here") }
}

fn something_selected(model: &Model) -> Result<(), &'static str> {
    match (&model.overlay, model.page) {
        (Some(Overlay::Faults), _) => Ok(()),
        (Some(_), _) => Err("it is open already"),
        (None, Page::Events) => Err("an event has no more to show"),
        (None, Page::Sites) if model.selected().is_some() => Ok(()),
        (None, Page::Sites) => Err("nothing is selected"),
    }
}

fn something_open(model: &Model) -> Result<(), &'static str> {
    let open = model.overlay.is_some() || model.opened.is_some() || model.page != Page::Sites;
    if open { Ok(()) } else { Err("nothing is open") }
}

fn in_demo(model: &Model) -> Result<(), &'static str> {
    if model.trainer.is_some() { Ok(()) } else { Err("only in `switchboard demo`") }
}
