//! The dialog in every step, as an operator may find it at three in the morning.

use switchboard::app::{Effect, Event, Model};
use switchboard::domain::act::Refusal;
use switchboard::domain::name::Fqdn;
use switchboard::domain::observation::SipFailure;
use switchboard::failover::plan::{Mode, Plan};
use switchboard::failover::run::{Ask, Check, End};

use super::office::Story;
use super::tale::Tale;

/// A name, and the model that is drawn.
pub(crate) type Scene = (&'static str, fn() -> Model);

/// Every step, by its name.
pub(crate) const SCENES: &[Scene] = &[
    ("choose", choose),
    ("choose-commands", choose_commands),
    ("looking", looking),
    ("review-ready", review_ready),
    ("review-blocked", review_blocked),
    ("review-disarmed", review_disarmed),
    ("review-emergency", review_emergency),
    ("review-commands", review_commands),
    ("dry-run", dry_run),
    ("confirm", confirm),
    ("run", run),
    ("verify", verify),
    ("halted", halted),
    ("rolling-back", rolling_back),
    ("interrupted", interrupted),
    ("completed", completed),
    ("read-only", read_only),
];

/// A plan in review.
pub(crate) fn reviewed(finds: &[&str]) -> Story {
    let mut story = Story::new("dns").finding(finds);
    story.press("f o");
    story.enter("INC-4711: the line to Tukwila is cut at noon");
    story.press("Enter");
    story.look("Enter");
    story
}

/// A run that was confirmed here.
fn started() -> (Story, Plan) {
    let mut story = reviewed(&[]);
    let plan = story.plan().clone();
    story.press("Enter");
    let effects = story.confirm();
    let [Effect::Confirm { ticket, .. }] = &effects[..] else { panic!("{effects:?}") };
    story.event(Event::Confirmed { ticket: *ticket, run: Ok(plan.id.clone()) });
    (story, plan)
}

fn shown(mut story: Story, tale: &Tale) -> Model {
    story.model.now = tale.at();
    story.event(tale.event());
    story.model
}

fn choose() -> Model {
    let mut story = Story::new("dns");
    story.press("f");
    story.select_pair("um2");
    story.press("x");
    story.model
}

fn choose_commands() -> Model {
    let mut story = Story::without("enabling", &["um2"]);
    story.press("f");
    story.model
}

fn looking() -> Model {
    let mut story = Story::new("dns");
    story.press("f Enter");
    story.later(4);
    story.model
}

fn review_ready() -> Model {
    reviewed(&[]).model
}

fn review_blocked() -> Model {
    reviewed(&["fact rehearsal um4 silent", "later um3 down refused", "um4 cert until 2026-11-30T00:00:00Z"]).model
}

fn review_disarmed() -> Model {
    let mut story = reviewed(&[]);
    story.observe(3, &|name: &Fqdn| (name.host() == "um4").then_some(Err(SipFailure::Refused)));
    story.model
}

fn review_emergency() -> Model {
    let finds = ["um1 down refused", "um2 down refused", "fact elsewhere none"];
    let mut story = Story::without("dns", &["um1", "um2"]).finding(&finds);
    story.press("f");
    assert_eq!(story.guide().choices.mode, Mode::Emergency);
    story.look("Enter");
    story.model
}

fn review_commands() -> Model {
    let mut story = Story::new("enabling");
    story.press("f");
    story.look("Enter");
    story.select_rule("fence");
    story.press("o");
    story.enter("INC-4711: no other console is open, I asked on the bridge");
    story.press("Enter");
    story.model
}

fn dry_run() -> Model {
    let mut story = reviewed(&[]);
    story.press("D");
    story.model
}

fn confirm() -> Model {
    let mut story = reviewed(&[]);
    story.press("Enter");
    story.enter("Tukwila-");
    story.press("Enter");
    story.model
}

fn run() -> Model {
    let (story, plan) = started();
    let mut tale = Tale::new(&plan, story.model.now);
    tale.claimed();
    tale.seen("verify-target", 2000, "um4 as um2.tukwila.contoso.com: no answer within 2 s");
    tale.seen(
        "verify-target",
        2000,
        "um4 as um2.tukwila.contoso.com: no answer within 2 s; um3 as um1.tukwila.contoso.com: no answer within 2 s",
    );
    shown(story, &tale)
}

fn verify() -> Model {
    let (story, plan) = started();
    let mut tale = Tale::moved(&plan, story.model.now);
    tale.waits_for_caches(17);
    shown(story, &tale)
}

fn halted() -> Model {
    let (story, plan) = started();
    let mut tale = Tale::new(&plan, story.model.now);
    tale.claimed();
    tale.checked(
        "verify-target",
        9,
        Check::Passed,
        "um3 as um1.tukwila.contoso.com: 200 OK; um4 as um2.tukwila.contoso.com: 200 OK",
    );
    tale.refused("move", "192.0.2.53:53 over TCP", Refusal::Policy, "192.0.2.53:53 answered REFUSED, signed");
    tale.living = false;
    shown(story, &tale)
}

fn rolling_back() -> Model {
    let (story, plan) = started();
    let mut tale = Tale::moved(&plan, story.model.now);
    tale.waits_for_caches(3);
    tale.decided(Ask::RollBack, "ana@jump-dub1", "INC-4711: wrong site");
    tale.after(5, switchboard::failover::run::Event::Rechecked { detail: "1 before-images are as planned".into() });
    shown(story, &tale)
}

fn interrupted() -> Model {
    let (story, plan) = started();
    let mut tale = Tale::moved(&plan, story.model.now);
    tale.waits_for_caches(3);
    tale.living = false;
    tale.last_words = Some("switchboard: the journal cannot be fsynced: No space left on device (os error 28)");
    shown(story, &tale)
}

fn completed() -> Model {
    let (story, plan) = started();
    let mut tale = Tale::moved(&plan, story.model.now);
    tale.waits_for_caches(41);
    tale.completes();
    assert_eq!(tale.state(), switchboard::failover::run::State::Ended(End::Completed));
    shown(story, &tale)
}

fn read_only() -> Model {
    let mut model = halted();
    model.settings.read_only = true;
    model
}
