//! Recordings: the same events give the same console, whatever became of the file's end.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use switchboard::app::event::Reread;
use switchboard::app::hit::Hit;
use switchboard::app::trainer::FaultRow;
use switchboard::app::{Event, Model, Page, Pane, Shape, Subject, update};
use switchboard::domain::attention::Attention;
use switchboard::domain::observation::{Observation, Outcome, SipFailure, TlsSession};
use switchboard::domain::secret::Secret;
use switchboard::domain::topology::{Backend, DnsUpdate, FailoverMethod, Topology, TsigAlgorithm, UpdateAuth};
use switchboard::readiness::{Check, GUIDELINES, Readiness, Status};
use switchboard::runtime::record::{Header, Player, Recorder, Recording};

use crate::support::{FOUR, after, answer, contoso, drawn, fqdn, look, model, round, start};

const LONG: Duration = Duration::from_secs(20);

/// Every kind of event that a session has, with its time.
fn session(model: &Model) -> Vec<(Timestamp, Event)> {
    let sick = |name: &switchboard::domain::name::Fqdn| match name.host() {
        "um4" => Some(Err(SipFailure::Refused)),
        "um2" => Some(Ok(answer(503, "draining コンソール \u{fffd}", 20))),
        _ => None,
    };
    let mut events = Vec::new();
    for number in 0..12 {
        let results = round(&model.topology, number, after(number * 5), &sick).into_iter().map(with_chain).collect();
        events.push((after(number * 5), Event::Observed(results)));
        events.push((after(number * 5 + 1), Event::Ticked));
    }
    let row = FaultRow { subject: "um1".into(), fault: "stop".into(), on: true };
    let clicked = Subject::Finding { id: "server-down", subject: FOUR[3].0.into() };
    let mut changed = Topology::clone(&model.topology);
    changed.console.fall = 7;
    let more = [
        Event::Resized(Shape { cards: 2, side_by_side: true, page: 17 }),
        Event::FaultsChanged(vec![row]),
        Event::FaultRefused("no such fault".into()),
        Event::Clicked(Hit::Page(Page::Readiness)),
        Event::Clicked(Hit::Page(Page::Sites)),
        Event::Clicked(Hit::Subject(Pane::Findings, clicked)),
        Event::Scrolled(-3),
        Event::Judged(readiness()),
        Event::Attended(Attention::default()),
        Event::PlanMade { ticket: 3, made: Err("no primary answers".into()) },
        Event::Confirmed { ticket: 3, run: Err("refused".into()) },
        Event::Told(Ok("sent 3 bytes".into())),
        Event::Pasted("um2 \u{fffd} down".into()),
        Event::TopologyRead(Err("line 3: no".into())),
        Event::TopologyRead(Ok(Reread(Arc::new(changed)))),
    ];
    let keys = ["Down", "Tab", "Enter", "Esc", "?", "u", "m", "Esc", "3", "ctrl-c", "ctrl-l", "G"];
    let pressed = keys.map(|key| Event::Pressed(key.parse().unwrap()));
    events.extend(more.into_iter().chain(pressed).enumerate().map(|(at, event)| {
        let at = i64::try_from(at).unwrap();
        (after(70) + jiff::SignedDuration::from_nanos(at * 1_234_567_891), event)
    }));
    events
}

fn readiness() -> Readiness {
    let checks = GUIDELINES.iter().map(|guideline| Check {
        id: guideline.id,
        title: guideline.title,
        guideline: guideline.sentence,
        status: Status::Warning,
        evidence: "as seen".into(),
        advice: Some("mend it".into()),
    });
    Readiness { at: after(70), checks: checks.collect(), sites: Vec::new() }
}

/// The same result over TLS, with two certificates that every server sends.
fn with_chain(mut observation: Observation) -> Observation {
    if let Outcome::Sip(sip) = &mut observation.outcome {
        let chain = vec![vec![0x30; 700], vec![0x31; 900]];
        let (version, suite) = ("1.3".into(), "TLS_AES_256_GCM_SHA384".into());
        let session = TlsSession { version, suite, proved: true, asks_certificate: false, chain, at: observation.at };
        sip.tls = Some(Arc::new(session));
    }
    observation
}

/// A topology that holds a secret.
fn secretive() -> Topology {
    let mut topology = contoso(FailoverMethod::Dns);
    let secret = Secret::new(b"canary-of-the-tsig-key".to_vec());
    let auth = UpdateAuth::Tsig { key: fqdn("switchboard"), algorithm: TsigAlgorithm::HmacSha256, secret };
    let update = DnsUpdate { write_primaries: Vec::new(), auth, key_test: None };
    topology.backends.insert(switchboard::domain::name::BackendName::new("corp-dns"), Backend::DnsUpdate(update));
    topology
}

/// Records a session; gives the file and the model at its end.
fn recorded(dir: &Path) -> (PathBuf, Model) {
    let file = dir.join("session.log");
    let mut model = model(secretive());
    let mut recorder = Recorder::start(&file, &Header::of(&model), |why| unreachable!("{why}")).unwrap();
    for (at, event) in session(&model) {
        assert_eq!(recorder.note(&event, at), None);
        update(&mut model, event, at);
    }
    recorder.finish(LONG);
    (file, model)
}

fn played(recording: &mut Recording) -> Model {
    let mut model = recording.model().unwrap();
    while let Some(moment) = recording.next_moment().unwrap() {
        update(&mut model, moment.event, moment.at);
    }
    model
}

#[test]
fn what_was_recorded_gives_the_same_console_again() {
    let dir = tempfile::tempdir().unwrap();
    let (file, model) = recorded(dir.path());
    let mut recording = Recording::read(&file).unwrap();
    let again = played(&mut recording);
    // The secret is the one thing that is not kept.
    assert_eq!(format!("{again:?}"), format!("{model:?}"));
    let events: Vec<_> = {
        let mut recording = Recording::read(&file).unwrap();
        std::iter::from_fn(|| recording.next_moment().unwrap()).map(|moment| (moment.at, moment.event)).collect()
    };
    let wanted = session(&crate::support::model(secretive()));
    assert_eq!(events.len(), wanted.len());
    for ((at, event), (wanted_at, wanted)) in events.iter().zip(&wanted) {
        assert_eq!(at, wanted_at);
        assert_eq!(format!("{event:?}"), format!("{wanted:?}"));
    }
}

#[test]
fn a_recording_holds_no_secret_and_each_certificate_once() {
    let dir = tempfile::tempdir().unwrap();
    let (file, _) = recorded(dir.path());
    let text = fs::read_to_string(&file).unwrap();
    for form in ["canary-of-the-tsig-key", "Y2FuYXJ5LW9mLXRoZS10c2lnLWtleQ", "99,97,110,97,114,121"] {
        assert!(!text.contains(form), "{form}");
    }
    assert_eq!(text.lines().filter(|line| line.contains("\"certificate\":\"")).count(), 2);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_torn_end_is_the_end_and_a_damaged_middle_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (file, _) = recorded(dir.path());
    let whole = fs::read(&file).unwrap();
    for torn in [1, 5, 40] {
        fs::write(&file, &whole[..whole.len() - torn]).unwrap();
        let mut recording = Recording::read(&file).unwrap();
        let count = std::iter::from_fn(|| recording.next_moment().unwrap()).count();
        assert!(count >= session(&model(secretive())).len() - 2, "{count}");
    }
    let text = String::from_utf8(whole).unwrap();
    let broken: Vec<&str> =
        text.lines().enumerate().map(|(at, line)| if at == 6 { "{\"ns\":" } else { line }).collect();
    fs::write(&file, broken.join("\n") + "\n").unwrap();
    let mut recording = Recording::read(&file).unwrap();
    let error = std::iter::from_fn(|| recording.next_moment().transpose()).find_map(Result::err).unwrap();
    assert!(error.to_string().starts_with("line 7 of the recording"), "{error}");
    // Played, everything before it is shown.
    let mut player = Player::new(Recording::read(&file).unwrap()).unwrap();
    player.seek(LONG * 10).unwrap();
    assert!(player.damage().unwrap().contains("line 7") && player.is_over());
}

#[test]
fn what_is_no_recording_or_another_version_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let (file, _) = recorded(dir.path());
    let refused = |text: &str| {
        fs::write(&file, text).unwrap();
        Recording::read(&file).unwrap_err().to_string()
    };
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        refused(&text.replacen("\"switchboard-recording\":1", "\"switchboard-recording\":2", 1)).contains("version 2")
    );
    assert!(refused("").contains("is no recording"));
    assert!(refused("[console]\n").contains("is no recording"));
    assert!(refused("{\"switchboard-recording\":1}\n").contains("line 1"));
    assert!(Recording::read(&dir.path().join("none")).unwrap_err().to_string().contains("cannot read"));
}

#[test]
fn seeking_shows_what_playing_shows() {
    let dir = tempfile::tempdir().unwrap();
    let (file, _) = recorded(dir.path());
    let shown = |player: &Player| {
        let mut model = player.model().clone();
        drawn(&mut model, 120, 34, look("auto")).text()
    };
    let straight = |to: u64| {
        let mut player = Player::new(Recording::read(&file).unwrap()).unwrap();
        player.seek(Duration::from_secs(to)).unwrap();
        shown(&player)
    };
    let mut player = Player::new(Recording::read(&file).unwrap()).unwrap();
    assert!(player.length() > Duration::from_secs(90), "{:?}", player.length());
    for to in [70, 3, 41, 40, 0, 99, 10, 98, 65, 22] {
        player.seek(Duration::from_secs(to)).unwrap();
        assert_eq!(player.position(), Duration::from_secs(to).min(player.length()));
        assert_eq!(shown(&player), straight(to), "at {to} s");
    }
    // What the player's own terminal has room for counts, not what the recorded one had.
    let own = Shape { cards: 0, side_by_side: false, page: 5 };
    player.fit(own);
    player.seek(Duration::ZERO).unwrap();
    player.seek(LONG * 10).unwrap();
    assert_eq!(player.model().shape, own);
    assert_eq!(player.model().started, start());
}
