//! What a key means in the dialog, step by step.

use crate::app::action::Id;
use crate::app::dialog::Dialog;
use crate::app::effect::{Effect, WhatFile};
use crate::app::model::Model;
use crate::app::prompt::{Prompt, Purpose};
use crate::domain::name::{Fqdn, SiteName};
use crate::failover::plan::Mode;
use crate::failover::run::Ask;

use super::plan::{ask, with_guide};
use super::{Asked, Choices, Guide, Item, Step, reasons, wants_reason};

/// Does what an action means in the dialog; `None` when it means nothing there.
pub(in crate::app) fn act(model: &mut Model, id: Id) -> Option<Vec<Effect>> {
    with_guide(model, |model, guide| act_in(model, guide, id)).flatten()
}

fn act_in(model: &mut Model, guide: &mut Guide, id: Id) -> Option<Vec<Effect>> {
    let page = model.page_step();
    match id {
        Id::Up => step(model, guide, -1),
        Id::Down => step(model, guide, 1),
        Id::PageUp => scroll(guide, page.saturating_neg()),
        Id::PageDown => scroll(guide, page),
        Id::First => step(model, guide, isize::MIN),
        Id::Last => step(model, guide, isize::MAX),
        Id::Left => return Some(turn(model, guide, false)),
        Id::Right => return Some(turn(model, guide, true)),
        Id::Open => return Some(go_on(model, guide)),
        Id::Close | Id::Cancel => close(model, guide),
        // Held down, it is still one look after the other.
        Id::Again if guide.waits.is_some() => {}
        Id::Again => return Some(ask(model, guide)),
        Id::Mode => {
            turn_mode(guide);
            return Some(replanned(model, guide));
        }
        Id::LeaveOut => return Some(on_pair(model, guide, |_, choices, server| choices.leave_out(server))),
        Id::Map => {
            return Some(on_pair(model, guide, |model, choices, server| {
                choices.turn_stand_in(&model.topology, server);
            }));
        }
        Id::Reason => reason(model, guide),
        Id::DryRun => guide.script = !guide.script,
        Id::Runbook => runbook(model, guide),
        Id::RollBack => offer(model, guide, &Ask::RollBack),
        Id::Abort => offer(model, guide, &Ask::Abort),
        Id::Confirmed => offer(model, guide, &Ask::Confirm),
        _ => return None,
    }
    Some(Vec::new())
}

fn step(model: &Model, guide: &mut Guide, by: isize) {
    let items = guide.items(model);
    if guide.script || items.is_empty() {
        return scroll(guide, by);
    }
    let to = guide.at(&items).saturating_add_signed(by).min(items.len() - 1);
    guide.chosen = items.into_iter().nth(to);
    guide.top = 0;
}

/// Dialogs are shorter than this; the drawing side shows no further than their last line.
const SCROLL_MOST: usize = 2000;

/// Of a timeline the newest line is at the bottom: upwards is back in time.
fn scroll(guide: &mut Guide, by: isize) {
    let by = if guide.is_prepared() { by } else { by.saturating_neg() };
    guide.top = guide.top.saturating_add_signed(by).min(SCROLL_MOST);
}

/// The chosen line, or the first one. Where the chosen one went away in this moment, the key was not meant for another.
fn chosen(model: &Model, guide: &mut Guide) -> Option<Item> {
    let items = guide.items(model);
    if guide.chosen.take_if(|chosen| !items.contains(chosen)).is_some() {
        guide.told = Some("what was selected is not there any more: select again".to_owned());
        return None;
    }
    let at = guide.at(&items);
    items.into_iter().nth(at)
}

/// Changes the chosen line's value.
fn turn(model: &mut Model, guide: &mut Guide, forward: bool) -> Vec<Effect> {
    if guide.step != Step::Choose {
        return Vec::new();
    }
    match chosen(model, guide) {
        Some(Item::Site) => turn_site(model, guide, forward),
        Some(Item::Direction) => {
            if let Asked::Site { back, .. } = &mut guide.asked {
                *back = !*back;
            }
            guide.choices = Choices::first(&model.topology, &model.picture, &guide.asked);
        }
        Some(Item::Mode) => turn_mode(guide),
        Some(Item::CommitConfirm) => guide.choices.turn_commit_confirm(forward),
        Some(Item::Pair(server)) => guide.choices.leave_out(&server),
        _ => return Vec::new(),
    }
    guide.choose_again();
    Vec::new()
}

/// The other mode. What was answered was answered for the other one.
fn turn_mode(guide: &mut Guide) {
    guide.choices.turn_mode();
    guide.answered.clear();
}

fn turn_site(model: &Model, guide: &mut Guide, forward: bool) {
    let Asked::Site { site, .. } = &mut guide.asked else { return };
    let sites: Vec<&SiteName> =
        model.topology.sites.iter().filter(|site| site.standby.is_some()).map(|site| &site.name).collect();
    let count = sites.len().max(1);
    let at = sites.iter().position(|name| *name == site).unwrap_or(0);
    let to = (at + if forward { 1 } else { count - 1 }) % count;
    if let Some(next) = sites.get(to) {
        *site = (*next).clone();
        guide.choices = Choices::first(&model.topology, &model.picture, &guide.asked);
    }
}

/// Goes on to the next step, where that can be.
fn go_on(model: &mut Model, guide: &mut Guide) -> Vec<Effect> {
    match guide.step {
        _ if guide.script => {
            guide.script = false;
            Vec::new()
        }
        Step::Choose => match chosen(model, guide) {
            Some(Item::Reason) => {
                reason(model, guide);
                Vec::new()
            }
            _ if guide.waits.is_some() => Vec::new(),
            _ => ask(model, guide),
        },
        Step::Review => match guide.not_ready(model.now) {
            None => {
                guide.step = Step::Confirm;
                guide.told = None;
                guide.phrase.reset();
                Vec::new()
            }
            Some(_) if guide.plan().is_none_or(|plan| plan.is_expired(model.now)) || !guide.changed.is_empty() => {
                if guide.waits.is_some() {
                    Vec::new()
                } else {
                    ask(model, guide)
                }
            }
            Some(why) => {
                guide.told = Some(why);
                Vec::new()
            }
        },
        Step::Confirm => Vec::new(),
        Step::Run | Step::Verify => match chosen(model, guide) {
            Some(Item::Offer(asked)) => {
                offer(model, guide, &asked);
                if wants_reason(&asked) { Vec::new() } else { put(guide, asked) }
            }
            _ => Vec::new(),
        },
    }
}

/// One step back; a run goes on when its dialog is closed.
fn close(model: &mut Model, guide: &mut Guide) {
    match guide.step {
        _ if guide.script => guide.script = false,
        Step::Confirm if !guide.sent => {
            guide.step = Step::Review;
            guide.phrase.reset();
        }
        Step::Review => {
            guide.step = Step::Choose;
            guide.waits = None;
            guide.chosen = None;
            guide.told = None;
            guide.changed.clear();
        }
        _ => model.closing = true,
    }
}

/// Asks for a plan again after a choice was changed.
fn replanned(model: &mut Model, guide: &mut Guide) -> Vec<Effect> {
    if guide.step == Step::Choose {
        guide.choose_again();
        return Vec::new();
    }
    guide.step = Step::Review;
    ask(model, guide)
}

fn on_pair(model: &mut Model, guide: &mut Guide, change: impl FnOnce(&Model, &mut Choices, &Fqdn)) -> Vec<Effect> {
    let server = match chosen(model, guide) {
        Some(Item::Pair(server)) => server,
        // On a rule: the server that the rule is about, or whose stand-in it is about.
        Some(Item::Rule { subject, .. }) => {
            let Some(server) = about(guide, &subject) else {
                guide.told = Some("select a server first".to_owned());
                return Vec::new();
            };
            server
        }
        Some(_) => {
            guide.told = Some("select a server first".to_owned());
            return Vec::new();
        }
        None => return Vec::new(),
    };
    change(model, &mut guide.choices, &server);
    replanned(model, guide)
}

/// The server of the pair that a rule speaks of.
fn about(guide: &Guide, subject: &str) -> Option<Fqdn> {
    let pairs = guide.plan().map(|plan| plan.pairs.as_slice()).unwrap_or_default();
    let names = |fqdn: &Fqdn| subject.split([' ', ',']).any(|word| word == fqdn.as_str());
    pairs
        .iter()
        .find(|pair| names(&pair.server))
        .or_else(|| pairs.iter().find(|pair| names(&pair.enters)))
        .map(|pair| pair.server.clone())
}

fn reason(model: &mut Model, guide: &mut Guide) {
    let (rule, before) = match chosen(model, guide) {
        Some(Item::Rule { id, .. }) => {
            if let Some(why) = reasons::refused(guide, &id) {
                guide.told = Some(why);
                return;
            }
            let given = guide.choices.reasons.get(&id).or(guide.choices.reason.as_ref());
            (Some(id), given.cloned().unwrap_or_default())
        }
        None if guide.told.is_some() => return,
        _ => (None, guide.choices.reason.clone().unwrap_or_default()),
    };
    model.dialogs.push(Dialog::Prompt(Box::new(Prompt::new(Purpose::Reason { rule }, &before))));
}

fn runbook(model: &mut Model, guide: &Guide) {
    if let Some(plan) = guide.plan() {
        let purpose = Purpose::Write(WhatFile::Runbook { plan: Box::new(plan.clone()) });
        let name = format!("runbook-{}.txt", plan.confirm());
        model.dialogs.push(Dialog::Prompt(Box::new(Prompt::new(purpose, &name))));
    }
}

/// Something that is asked of a run: with a sentence, where one is kept.
fn offer(model: &mut Model, guide: &mut Guide, asked: &Ask) {
    if let Some(run) = guide.run.clone().filter(|_| wants_reason(asked)) {
        let purpose = Purpose::AskRun { run, asked: asked.clone() };
        model.dialogs.push(Dialog::Prompt(Box::new(Prompt::new(purpose, ""))));
    }
}

fn put(guide: &mut Guide, asked: Ask) -> Vec<Effect> {
    let run = guide.run.clone();
    run.map(|run| Effect::AskRun { run, asked, reason: None }).into_iter().collect()
}

impl Guide {
    /// The dialog on a site: home where it is away, over otherwise.
    #[must_use]
    pub fn on_site(model: &Model, site: SiteName, back: bool) -> Self {
        let asked = Asked::Site { site, back };
        let choices = Choices::first(&model.topology, &model.picture, &asked);
        Self::new(asked, choices)
    }

    /// The dialog on one server's service state.
    #[must_use]
    pub fn on_server(model: &Model, server: Fqdn, verb: crate::domain::act::Verb) -> Self {
        let asked = Asked::Service { server, verb };
        let mut choices = Choices::first(&model.topology, &model.picture, &asked);
        choices.mode = Mode::Planned;
        Self::new(asked, choices)
    }
}
