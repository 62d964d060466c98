//! The writer's ends: a disk that fails, a file that is there.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::*;
use crate::app::{Event, Keymap, Model, Settings, keymap};
use crate::config;
use crate::domain::watch::{SinceBook, Watch};

const LONG: Duration = Duration::from_secs(20);

fn model() -> Model {
    let text = "[[site]]\nname = \"Tukwila\"\n[[site.server]]\nfqdn = \"um1.contoso.com\"\naddress = \"192.0.2.11\"\nversion = \"15.1\"\n";
    let topology = config::load_text(text, Path::new("t.toml"), &|_| None).unwrap();
    let watch = Watch::new(Arc::new(topology), SinceBook::default());
    let now = "2026-11-22T14:02:11Z".parse().unwrap();
    Model::new(watch, Settings::default(), Keymap::parse(keymap::DEFAULT).unwrap(), now)
}

#[test]
fn a_disk_that_fails_is_told_once_and_ends_the_recording_alone() {
    let (reader, writer) = std::io::pipe().unwrap();
    let (tell, told) = channel();
    let model = model();
    let told_here = move |why| tell.send(why).unwrap();
    let out = File::from(OwnedFd::from(writer));
    let mut recorder = Recorder::to(out, "session".into(), &Header::of(&model), told_here).unwrap();
    drop(reader);
    assert_eq!(recorder.note(&Event::Ticked, model.now), None);
    let why = told.recv_timeout(LONG).unwrap();
    assert!(why.contains("the recording session ends here:"), "{why}");
    // Whatever happens now is no matter of the recording any more.
    for _ in 0..5000 {
        assert_eq!(recorder.note(&Event::Ticked, model.now), None);
    }
    recorder.finish(LONG);
    assert!(told.recv().is_err(), "told once");
}

#[test]
fn a_disk_that_is_too_slow_keeps_nobody_waiting() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let model = model();
    let out = File::from(OwnedFd::from(writer));
    let mut recorder = Recorder::to(out, "session".into(), &Header::of(&model), |_| {}).unwrap();
    // Nobody reads: the pipe is full soon, then the queue.
    let told: Vec<String> = (0..100_000).filter_map(|_| recorder.note(&Event::Ticked, model.now)).collect();
    assert_eq!(told, ["the recording session ends here: the disk is too slow for it"]);
    recorder.finish(Duration::from_millis(1));
    // What was taken is whole.
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert!(text.ends_with("}\n") && text.lines().count() > 4000);
}

#[test]
fn a_file_that_is_there_is_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("session");
    std::fs::write(&file, "mine").unwrap();
    let error = Recorder::start(&file, &Header::of(&model()), |_| {}).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}
