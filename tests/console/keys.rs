//! One table says what the console can do, with which key, in which words: help, palette, key bar and README agree with it and with
//! each other, also after a person's keymap took keys away, gave others and left some actions with none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use switchboard::app::action::ACTIONS;
use switchboard::app::{Dialog, Effect, Event, Keymap, Model, update};
use switchboard::domain::topology::FailoverMethod;

use crate::guide::{SCENES, reviewed};
use crate::scenes;
use crate::support::{bad_night, drawn, look, press};

/// What a person may want otherwise: letters taken from other actions, sequences, no key at all, no arrows.
const MINE: &str = r#"[keys]
fail-over = ["Space f", "ctrl-f"]
open = ["o"]
close = ["x", "Esc"]
up = ["p", "Up"]
down = ["n", "Down"]
help = ["H", "ctrl-g"]
again = ["R", "r"]
sort = ["alt-s"]
bring-home = []
pause = []
palette = [";"]
mode = ["alt-m"]
"#;

/// What is told of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    name: String,
    keys: Vec<String>,
    /// Its words in the key bar.
    words: Vec<String>,
    help: String,
}

/// What the README tells.
fn of_readme() -> Vec<Told> {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("<!-- keys:").unwrap();
    let (table, _) = rest.split_once("<!-- keys end").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    let told = cells.map(|cells| {
        let [keys, name, words, help] = cells[..] else { panic!("{cells:?}") };
        Told {
            name: name.trim_matches('`').to_owned(),
            keys: keys.split("` `").map(|key| key.trim_matches('`').to_owned()).filter(|key| !key.is_empty()).collect(),
            words: words.split(", ").map(str::to_owned).filter(|word| !word.is_empty()).collect(),
            help: help.to_owned(),
        }
    });
    told.collect()
}

/// What the README tells, with the keys of another keymap.
fn with_keys(keymap: &Keymap) -> Vec<Told> {
    let keys = |name: &str| {
        let row = ACTIONS.iter().find(|row| row.name == name).unwrap();
        keymap.keys(row.id).iter().map(|keys| keys.label(true)).collect()
    };
    of_readme().into_iter().map(|told| Told { keys: keys(&told.name), ..told }).collect()
}

fn mine() -> Keymap {
    Keymap::load(Some((Path::new("keymap.toml"), MINE))).unwrap()
}

/// The selected line of a finder as it is drawn: its keys, and its words.
fn selected(model: &mut Model) -> (Vec<String>, String) {
    // So wide that no line is cut.
    let text = drawn(model, 240, 30, look("auto")).text();
    let (_, line) = text.split_once("│ ▌").unwrap_or_else(|| panic!("nothing is selected: {text}"));
    let line: Vec<char> = line.chars().take_while(|c| *c != '│').collect();
    let part = |line: &[char]| line.iter().collect::<String>().trim().to_owned();
    let keys = part(&line[..16]).split(' ').map(str::to_owned).filter(|key| !key.is_empty()).collect();
    let words = part(&line[16..]);
    // At the right stands why it cannot be done now.
    let words = words.split_once("  ").map_or(words.as_str(), |(words, _)| words).to_owned();
    (keys, words)
}

/// Every line of the finder that is open, from the first to the last.
fn lines(model: &mut Model, down: &str) -> Vec<(Vec<String>, String)> {
    let mut lines = vec![selected(model)];
    loop {
        press(model, down);
        let next = selected(model);
        if lines.last() == Some(&next) {
            return lines;
        }
        lines.push(next);
    }
}

/// Keys with blanks in them come apart when a line is read.
fn apart(keys: &[String]) -> Vec<String> {
    keys.iter().flat_map(|keys| keys.split(' ')).map(str::to_owned).collect()
}

/// Help and palette of a model say what is expected of them; `down` moves in them while a line is typed.
fn finders_say(model: &Model, expected: &[Told], help: &str, palette: &str, down: &str) {
    let mut open = model.clone();
    press(&mut open, help);
    let helped: Vec<_> = expected.iter().map(|told| (apart(&told.keys), told.help.clone())).collect();
    assert_eq!(lines(&mut open, down), helped);
    let mut open = model.clone();
    press(&mut open, palette);
    let named = |words: &str| expected.iter().any(|told| words.starts_with(&format!("{}: ", told.name)));
    let found: Vec<_> = lines(&mut open, down).into_iter().filter(|(_, words)| named(words)).collect();
    let offered: Vec<_> =
        expected.iter().map(|told| (apart(&told.keys), format!("{}: {}", told.name, told.help))).collect();
    assert_eq!(found, offered);
}

/// Reads a key bar; nothing may stand in it that is not told of an action. Gives each action's word.
fn read_bar(model: &mut Model, told: &[Told]) -> Vec<(String, String)> {
    let text = drawn(model, 300, 40, look("auto")).text();
    let typed = matches!(model.dialogs.last(), Some(Dialog::Filter { .. }));
    if model.notice.is_some() || typed {
        return Vec::new();
    }
    let line = text.lines().last().unwrap_or_default();
    let notes = |entry: &&str| !entry.is_empty() && !entry.starts_with("only ") && !entry.starts_with("mouse taken");
    let ups: Vec<&String> = told.iter().filter(|told| told.name == "up").flat_map(|told| &told.keys).collect();
    let entries = line.split("   ").map(str::trim).filter(notes).map(|entry| {
        let fits = |told: &&Told| {
            let pairs = told.keys.iter().flat_map(|key| told.words.iter().map(move |word| (key, word)));
            let shared = |key: &str, word: &str| {
                told.name == "down"
                    && ups.iter().any(|up| {
                        [format!("{up}{key} {word}"), format!("{up} {key} {word}")].contains(&entry.to_owned())
                    })
            };
            // Enter takes a line that is typed, whatever else stands for it.
            let takes = told.name == "open"
                && entry.strip_prefix("Enter ").is_some_and(|word| told.words.iter().any(|w| w == word));
            takes || pairs.into_iter().any(|(key, word)| entry == format!("{key} {word}") || shared(key, word))
        };
        let told = told.iter().find(fits).unwrap_or_else(|| panic!("'{entry}' is told nowhere else; the bar: {line}"));
        let word = told.words.iter().filter(|word| entry.ends_with(word.as_str())).max_by_key(|word| word.len());
        (told.name.clone(), word.unwrap().clone())
    });
    entries.collect()
}

/// Models whose key bars differ.
fn models() -> Vec<Model> {
    let mut models: Vec<Model> = scenes::everything().into_iter().map(|(_, model)| model).collect();
    models.extend(SCENES.iter().map(|(_, scene)| scene()));
    let mut faults = bad_night(FailoverMethod::Dns);
    let row = switchboard::app::trainer::FaultRow { subject: "um1".into(), fault: "stop".into(), on: false };
    let now = faults.now;
    update(&mut faults, Event::FaultsChanged(vec![row]), now);
    models.push(faults.clone());
    press(&mut faults, "F");
    models.push(faults);
    let mut mouse = bad_night(FailoverMethod::Dns);
    (mouse.mouse, mouse.notice) = (true, None);
    models.push(mouse);
    models
}

#[test]
fn help_palette_key_bar_and_readme_tell_the_same_actions_keys_and_words() {
    let told = of_readme();
    let names: Vec<&str> = ACTIONS.iter().map(|row| row.name).collect();
    assert_eq!(told.iter().map(|told| told.name.as_str()).collect::<Vec<_>>(), names);
    assert_eq!(told, with_keys(&Keymap::load(None).unwrap()), "the keys of the README are those that come along");
    finders_say(&bad_night(FailoverMethod::Dns), &told, "?", ":", "Down");
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for mut model in models() {
        let bar = read_bar(&mut model, &told);
        let places: Vec<usize> = bar.iter().map(|(name, _)| names.iter().position(|n| n == name).unwrap()).collect();
        assert!(places.is_sorted(), "in the order of the table: {bar:?}");
        for (name, word) in bar {
            seen.entry(name).or_default().insert(word);
        }
    }
    for told in told.iter().filter(|told| !told.words.is_empty()) {
        let words: BTreeSet<String> = told.words.iter().cloned().collect();
        assert_eq!(seen.get(&told.name), Some(&words), "each word of `{}` is used somewhere", told.name);
    }
}

#[test]
fn after_keys_were_given_taken_and_unbound_help_palette_and_key_bar_follow_and_the_readme_stays() {
    let (keymap, readme) = (mine(), of_readme());
    let told = with_keys(&keymap);
    let changed: Vec<&str> =
        told.iter().zip(&readme).filter(|(now, was)| now != was).map(|(now, _)| now.name.as_str()).collect();
    // Those that the file names, and those whose letters it took.
    assert_eq!(
        changed,
        [
            "up",
            "down",
            "open",
            "close",
            "leave-out",
            "reason",
            "again",
            "mode",
            "runbook",
            "fail-over",
            "bring-home",
            "palette",
            "help",
            "sort",
            "pause",
            "bell",
            "heal-all",
            "redraw"
        ]
    );
    let mut model = bad_night(FailoverMethod::Dns);
    model.keymap = keymap.clone();
    finders_say(&model, &told, "H", ";", "Down");
    let mut seen = BTreeSet::new();
    for mut model in models() {
        model.keymap = keymap.clone();
        seen.extend(read_bar(&mut model, &told).into_iter().map(|(name, _)| name));
    }
    for told in told.iter().filter(|told| !told.words.is_empty()) {
        assert_eq!(seen.contains(&told.name), !told.keys.is_empty(), "`{}`: {:?}", told.name, told.keys);
    }
}

#[test]
fn no_line_of_the_screen_names_a_key_that_does_not_do_it_any_more() {
    let told = with_keys(&mine());
    for mut model in models() {
        model.keymap = mine();
        let text = drawn(&mut model, 160, 60, look("auto")).text();
        for stale in [
            "x leave out",
            "o gives",
            "o reason",
            "r looks",
            "r again",
            "? explains",
            "? help",
            ": command",
            " M │",
            " o │",
        ] {
            assert!(!text.contains(stale), "{stale}: {text}");
        }
    }
    let mut typing = bad_night(FailoverMethod::Dns);
    typing.keymap = mine();
    press(&mut typing, "H");
    let bar = read_bar(&mut typing, &told);
    let text = drawn(&mut typing, 120, 34, look("auto")).text();
    assert!(text.contains("Enter do it") && text.contains("Esc back"), "x would be typed: {bar:?} {text}");
}

#[test]
fn a_key_does_what_the_line_of_the_palette_does() {
    let home = bad_night(FailoverMethod::Dns);
    let mut home_mine = home.clone();
    home_mine.keymap = mine();
    let review = reviewed(&["fact rehearsal um4 silent"]).model;
    let keymap = Keymap::load(None).unwrap();
    for (before, palette) in [(home, ":"), (home_mine, ";"), (review, ":")] {
        for row in ACTIONS.iter().filter(|row| row.name != "palette") {
            let mut chosen = before.clone();
            press(&mut chosen, palette);
            let typed: Vec<String> = format!("{}:", row.name).chars().map(|c| c.to_string()).collect();
            press(&mut chosen, &typed.join(" "));
            let mut effects = pressed(&mut chosen, "Enter");
            for keys in before.keymap.keys(row.id) {
                let mut by_key = before.clone();
                let done =
                    keys.keys().iter().flat_map(|key| pressed(&mut by_key, &key.to_string())).collect::<Vec<_>>();
                if before.can(row.id).is_err() {
                    assert_eq!(done, [], "{}: {keys}", row.name);
                    continue;
                }
                assert_eq!(done, effects, "{}: {keys}", row.name);
                assert_eq!(state(&by_key), state(&chosen), "{}: {keys}", row.name);
            }
            if before.can(row.id).is_err() {
                let why = chosen.notice.as_ref().map_or("", |(text, _)| text.as_str());
                assert!(why.starts_with("not now: ") && effects.drain(..).count() == 0, "{}: {why}", row.name);
                assert!(matches!(chosen.dialogs.last(), Some(Dialog::Find(_))), "{}", row.name);
            }
        }
    }
    assert_ne!(keymap, mine());
}

fn pressed(model: &mut Model, key: &str) -> Vec<Effect> {
    let now = model.now;
    update(model, Event::Pressed(key.parse().unwrap()), now)
}

/// What an operator would see of it.
fn state(model: &Model) -> String {
    let notice = model.notice.as_ref().map(|(text, _)| text);
    format!(
        "{:?}",
        (model.page, &model.dialogs, &model.chosen, &model.panes, notice, model.paused, model.bell, model.mouse)
    )
}
