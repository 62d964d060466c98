//! Choose: which site, which way, how much care, which servers.

use switchboard::app::Event;
use switchboard::app::guide::{Asked, Item, Step};
use switchboard::domain::act::Verb;
use switchboard::failover::plan::Mode;

use super::office::{Story, asked};
use crate::fixture::{UM1, UM2, UM3, name, site};

#[test]
fn the_whole_site_is_chosen_at_first_and_nothing_is_asked_before_enter() {
    let mut story = Story::new("dns");
    assert_eq!(story.press("f"), []);
    let guide = story.guide();
    assert_eq!((guide.step, &guide.asked), (Step::Choose, &Asked::Site { site: site("Tukwila"), back: false }));
    assert_eq!(guide.choices.servers, [name(UM1), name(UM2)]);
    assert_eq!((guide.choices.mode, guide.choices.commit_confirm), (Mode::Planned, None));
    assert_eq!(story.press("Down Down Up M M"), [], "choosing asks nobody");
    let effects = story.press("Enter");
    let request = &asked(&effects).request;
    assert_eq!((request.site.as_str(), request.back, request.mode), ("Tukwila", false, Mode::Planned));
    assert_eq!(request.by, "ana@jump-dub1");
}

#[test]
fn a_dead_site_is_an_emergency_at_first_and_never_turns_back_by_itself() {
    let mut story = Story::without("dns", &["um1", "um2"]);
    story.press("f");
    assert_eq!(story.guide().choices.mode, Mode::Emergency);
    story.select(|item| *item == Item::CommitConfirm);
    story.press("Right Left");
    assert_eq!(story.guide().choices.commit_confirm, None);
    story.press("M");
    assert_eq!(story.guide().choices.mode, Mode::Planned);
}

#[test]
fn way_care_servers_and_turning_back_are_chosen_by_arrows_and_letters() {
    let mut story = Story::new("dns");
    story.press("f");
    story.select_pair("um2");
    story.press("t");
    assert_eq!(story.guide().choices.map.get(&name(UM2)), Some(&name(UM3)), "the other server of the standby's site");
    story.press("t");
    assert!(story.guide().choices.map.is_empty(), "and the partner again");
    story.press("x t");
    story.select(|item| *item == Item::CommitConfirm);
    story.press("Right");
    story.select(|item| *item == Item::Mode);
    let effects = story.press("Enter");
    let ask = asked(&effects);
    assert_eq!(ask.request.leave_out, [name(UM2)].into());
    assert_eq!(ask.request.map, [(name(UM2), name(UM3))].into());
    assert_eq!(story.guide().choices.commit_confirm, Some(10));
    story.press("Esc");
    story.press("f");
    story.select(|item| *item == Item::Direction);
    story.press("Right");
    assert_eq!(story.guide().asked, Asked::Site { site: site("Tukwila"), back: true });
    story.select(|item| *item == Item::Site);
    story.press("Right");
    assert_eq!(story.guide().asked, Asked::Site { site: site("Dublin"), back: true });
}

#[test]
fn the_sentence_for_the_whole_run_is_typed_and_goes_along() {
    let mut story = Story::new("dns");
    story.press("f o");
    story.enter("INC-7: the line is cut at noon");
    story.press("Enter");
    let effects = story.press("Enter");
    assert_eq!(asked(&effects).request.reason.as_deref(), Some("INC-7: the line is cut at noon"));
    story.bring(&effects);
    assert_eq!(story.plan().reason.as_deref(), Some("INC-7: the line is cut at noon"));
}

#[test]
fn what_cannot_be_planned_is_told_and_the_choices_stay() {
    let mut story = Story::new("dns");
    story.press("f");
    for host in ["um1", "um2"] {
        story.select_pair(host);
        story.press("x");
    }
    story.look("Enter");
    assert_eq!(story.guide().step, Step::Choose);
    assert_eq!(story.told(), "every server was left out: nothing is left to move");
    assert_eq!(story.guide().choices.left_out.len(), 2);
    story.press("x");
    story.look("Enter");
    assert_eq!(story.guide().step, Step::Review);
    let servers: Vec<&str> = story.plan().pairs.iter().map(|pair| pair.server.host()).collect();
    assert_eq!(servers, ["um2"], "the one that the arrows were on was taken in again");
}

#[test]
fn a_choice_made_while_it_is_looked_at_makes_the_answer_one_to_something_else() {
    let mut story = Story::new("dns");
    story.press("f");
    let effects = story.press("Enter");
    story.press("M");
    assert!(story.guide().waits.is_none());
    story.bring(&effects);
    assert_eq!((story.guide().step, story.guide().plan()), (Step::Choose, None));
}

#[test]
fn one_server_is_enabled_from_its_own_page_through_the_same_steps() {
    let mut story = Story::new("enabling");
    story.press("e");
    assert!(story.model.guide().is_none());
    assert_eq!(story.notice(), "not now: open a server's own page first");
    story.press("l Enter e");
    let Asked::Service { server, verb } = &story.guide().asked else { panic!("{:?}", story.guide().asked) };
    assert_eq!((server.host(), *verb), ("um3", Verb::Enable));
    story.look("Enter");
    assert_eq!(story.guide().step, Step::Review);
    let steps: Vec<&str> = story.plan().steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(steps, ["enable-um3", "prove"]);
    assert!(story.plan().confirm().starts_with("Dublin-"));
}

#[test]
fn a_console_that_may_only_watch_says_so_and_opens_nothing() {
    for (read_only, why) in [(true, "this console is read-only"), (false, "no state directory")] {
        let mut story = Story::new("dns");
        story.model.settings.read_only = read_only;
        story.model.settings.can_run = read_only;
        for keys in ["f", "Enter e"] {
            assert_eq!(story.press(keys), []);
            assert!(story.model.guide().is_none());
            assert!(story.notice().contains(why), "{}", story.notice());
        }
    }
}

#[test]
fn the_palette_fails_a_named_site_over_whatever_is_selected() {
    let mut story = Story::new("dns");
    story.press(":");
    story.enter("fail over dublin");
    story.press("Enter");
    assert_eq!(story.guide().asked, Asked::Site { site: site("Dublin"), back: false });
}

#[test]
fn a_topology_without_a_standby_says_what_is_missing() {
    let mut story = Story::new("dns");
    let mut topology = (*story.model.topology).clone();
    topology.sites.iter_mut().for_each(|site| site.standby = None);
    story.event(Event::TopologyRead(Ok(switchboard::app::event::Reread(topology.into()))));
    assert_eq!(story.press("f"), []);
    assert!(story.model.guide().is_none());
    assert_eq!(story.notice(), "no site has a standby: declare `standby` in the topology file");
}
