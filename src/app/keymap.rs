//! Which key stands for which action, read from text: the console's own keymap, and a person's own one laid over it.
//!
//! A person's choice wins: an action that it names has the keys that it gives and no others, and a key that it gives is
//! taken from the action that had it. Whatever is unclear is refused with its place, and with both places where two lines
//! do not go together; a bad keymap is never used in part.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::config::document::{Document, Entry, Node, Place, Value, advice};
use crate::config::{Problem, Problems};

use super::action::{self, ACTIONS, Action, Id};
use super::dialog::is_typed;
use super::key::{Code, Key};
use super::sequence::Sequence;

/// The keymap that the console brings along.
pub const DEFAULT: &str = include_str!("../../assets/keymap.toml");

/// What messages call it.
const DEFAULT_NAME: &str = "the console's own keymap";

/// Which key stands for which action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    by_keys: BTreeMap<Sequence, Id>,
    by_action: BTreeMap<Id, Vec<Sequence>>,
}

/// What some keys come to, pressed one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// They stand for an action.
    Action(Id),
    /// A longer sequence begins with them.
    Begins,
    /// Nothing.
    Nothing,
}

impl Keymap {
    /// Reads a keymap that stands alone, as the console's own one does.
    ///
    /// # Errors
    /// Every problem of the text.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let document = Document::read(Path::new(DEFAULT_NAME), text)?;
        merged(&Layer::read(&document), None)
    }

    /// The console's own keymap with a person's laid over it; `user` is that file's place and text.
    ///
    /// # Errors
    /// Every problem of the text, with line and column.
    pub fn load(user: Option<(&Path, &str)>) -> Result<Self, Problems> {
        let own = Document::read(Path::new(DEFAULT_NAME), DEFAULT)?;
        let Some((path, text)) = user else { return merged(&Layer::read(&own), None) };
        let document = Document::read(path, text)?;
        merged(&Layer::read(&own), Some(&Layer::read(&document)))
    }

    /// What a key stands for by itself.
    #[must_use]
    pub fn action(&self, key: Key) -> Option<Id> {
        self.by_keys.get(&Sequence::from(key)).copied()
    }

    /// What keys come to, pressed one after the other.
    #[must_use]
    pub fn find(&self, keys: &[Key]) -> Found {
        let mut from_here = self.by_keys.iter().filter(|(sequence, _)| sequence.keys().starts_with(keys));
        match from_here.next() {
            Some((sequence, id)) if sequence.keys().len() == keys.len() => Found::Action(*id),
            Some(_) => Found::Begins,
            None => Found::Nothing,
        }
    }

    /// Keys of an action, in the order of the file.
    #[must_use]
    pub fn keys(&self, id: Id) -> &[Sequence] {
        self.by_action.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The keymap as a file says it; reading it gives the same keymap.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let line = |action: &Action| {
            let keys = self.keys(action.id).iter().map(|keys| toml::Value::from(keys.to_string())).collect();
            format!("{} = {}\n", action.name, toml::Value::Array(keys))
        };
        format!("[keys]\n{}", ACTIONS.iter().map(line).collect::<String>())
    }

    fn bind(&mut self, binding: &Binding<'_>) {
        self.by_keys.insert(binding.keys.clone(), binding.action.id);
        self.by_action.entry(binding.action.id).or_default().push(binding.keys.clone());
    }
}

/// One keymap file as it was read.
struct Layer<'d> {
    document: &'d Document,
    bindings: Vec<Binding<'d>>,
    /// Actions that it names, with or without keys.
    named: BTreeMap<Id, &'d Place>,
    problems: Vec<Problem>,
}

/// A sequence for an action, and where that stands.
struct Binding<'d> {
    document: &'d Document,
    place: &'d Place,
    keys: Sequence,
    action: &'static Action,
}

impl<'d> Layer<'d> {
    fn read(document: &'d Document) -> Self {
        let mut layer = Self { document, bindings: Vec::new(), named: BTreeMap::new(), problems: Vec::new() };
        for entry in document.entries() {
            match &entry.value.value {
                Value::Table(actions) if entry.name == "keys" => actions.iter().for_each(|line| layer.line(line)),
                _ if entry.name == "keys" => layer.bad(&entry.value.place, "`keys` wants a table", "write [keys]"),
                _ => {
                    let help = "write [keys], and below it lines such as quit = [\"q\"]";
                    layer.bad(&entry.place, format!("a keymap has no `{}`", entry.name), help);
                }
            }
        }
        layer.refuse_clashes();
        layer
    }

    fn bad(&mut self, place: &Place, message: impl AsRef<str>, help: &str) {
        let problem = self.document.problem(place, message);
        self.problems.push(if help.is_empty() { problem } else { problem.help(help) });
    }

    /// Reads `action = ["key", "key"]`, or `action = "key"`.
    fn line(&mut self, line: &'d Entry) {
        let Some(action) = action::named(&line.name) else {
            let help = advice(&line.name, ACTIONS.iter().map(|action| action.name));
            self.bad(&line.place, format!("`{}` is no action", line.name), &help.unwrap_or_default());
            return;
        };
        self.named.insert(action.id, &line.place);
        match &line.value.value {
            Value::List(items) => items.iter().for_each(|item| self.keys(item, action)),
            Value::Text(_) => self.keys(&line.value, action),
            _ => {
                let message = format!("`{}` wants a list of keys, not {}", action.name, line.value.kind());
                let help = format!("write {} = [\"x\"], or {} = [] for no key", action.name, action.name);
                self.bad(&line.value.place, message, &help);
            }
        }
    }

    fn keys(&mut self, node: &'d Node, action: &'static Action) {
        let Value::Text(text) = &node.value else {
            let message = format!("a key of `{}` is written in quotes, this is {}", action.name, node.kind());
            self.bad(&node.place, message, "write [\"x\"]");
            return;
        };
        match text.parse::<Sequence>() {
            Ok(keys) => match keys.keys().iter().find_map(never_sent) {
                Some((written, sent)) => {
                    let message = format!("no terminal sends `{written}`: it comes as `{sent}`");
                    self.bad(&node.place, message, &format!("write `{sent}`"));
                }
                None => self.bindings.push(Binding { document: self.document, place: &node.place, keys, action }),
            },
            Err(error) => self.bad(&node.place, error.to_string(), ""),
        }
    }

    /// One sequence for two actions, or one that can never be ended because another ends before.
    fn refuse_clashes(&mut self) {
        let mut problems = Vec::new();
        for (at, later) in self.bindings.iter().enumerate() {
            for earlier in &self.bindings[..at] {
                problems.extend(clash(earlier, later));
            }
        }
        self.problems.extend(problems);
    }
}

/// What a keymap may say and no keyboard sends: the byte of Ctrl with a letter is another key's, or a smaller letter's.
fn never_sent(key: &Key) -> Option<(Key, Key)> {
    let Code::Char(c) = key.code else { return None };
    let sent = match c {
        _ if !key.ctrl => return None,
        'i' | 'I' => "Tab",
        'm' | 'M' => "Enter",
        '[' => "Esc",
        c if c.is_ascii_uppercase() => return Some((*key, Key { code: Code::Char(c.to_ascii_lowercase()), ..*key })),
        _ => return None,
    };
    let plain: Key = sent.parse().ok()?;
    Some((*key, Key { alt: key.alt, ..plain }))
}

/// What is wrong with two lines of a keymap together; the later one is blamed.
fn clash(earlier: &Binding<'_>, later: &Binding<'_>) -> Option<Problem> {
    let stands = |binding: &Binding<'_>| format!("`{}` stands for `{}`", binding.keys, binding.action.name);
    let message = if earlier.keys == later.keys && earlier.action.id == later.action.id {
        format!("{} twice", stands(later))
    } else if earlier.keys == later.keys {
        format!("{} and for `{}`", stands(later), earlier.action.name)
    } else if later.keys.hides(&earlier.keys) {
        format!("{} and would hide `{}`, which begins with it", stands(later), earlier.keys)
    } else if earlier.keys.hides(&later.keys) {
        format!("{} and would hide `{}`, with which it begins", stands(later), earlier.keys)
    } else {
        return None;
    };
    let also = earlier.document.also(earlier.place, format!("`{}` for `{}`", earlier.keys, earlier.action.name));
    let advice = format!("give `{}` or `{}` another key", later.action.name, earlier.action.name);
    Some(later.document.problem(later.place, message).with(also).help(advice))
}

/// Lays one keymap over another.
fn merged(own: &Layer<'_>, user: Option<&Layer<'_>>) -> Result<Keymap, Problems> {
    let mut problems: Vec<Problem> =
        own.problems.iter().chain(user.iter().flat_map(|user| &user.problems)).cloned().collect();
    let chosen: &[Binding<'_>] = user.map_or(&[], |user| &user.bindings);
    let renamed: BTreeSet<Id> = user.iter().flat_map(|user| user.named.keys().copied()).collect();
    let mut keymap = Keymap::default();
    for binding in own.bindings.iter().filter(|binding| !renamed.contains(&binding.action.id)) {
        // A sequence that begins with a key of the person's can never be ended: it is taken away like the key itself.
        if chosen.iter().any(|mine| mine.keys == binding.keys || mine.keys.hides(&binding.keys)) {
            continue;
        }
        problems.extend(
            chosen.iter().filter(|mine| binding.keys.hides(&mine.keys)).filter_map(|mine| clash(binding, mine)),
        );
        keymap.bind(binding);
    }
    for binding in chosen {
        keymap.bind(binding);
    }
    if keymap.keys(Id::Quit).is_empty() {
        problems.push(no_way(
            Id::Quit,
            "no key stands for `quit`",
            "write quit = [\"q\"], or with another key",
            own,
            user,
        ));
    }
    let leaves = |id| keymap.keys(id).iter().any(|keys| keys.keys().first().is_some_and(|key| !is_typed(*key)));
    if !leaves(Id::Close) && !leaves(Id::Cancel) {
        let message = "no key stands for `close` that is not typed where a line is typed: nobody could leave it";
        problems.push(no_way(Id::Close, message, "write close = [\"Esc\"], or cancel = [\"ctrl-c\"]", own, user));
    }
    if problems.is_empty() { Ok(keymap) } else { Err(Problems::new(problems)) }
}

/// Nobody could leave: the line that says so, or the one that took the key.
fn no_way(id: Id, message: &str, help: &str, own: &Layer<'_>, user: Option<&Layer<'_>>) -> Problem {
    let document = user.map_or(own.document, |user| user.document);
    let had: Vec<&Sequence> = own.bindings.iter().filter(|b| b.action.id == id).map(|b| &b.keys).collect();
    let taken = |binding: &&Binding<'_>| had.iter().any(|had| binding.keys == **had || binding.keys.hides(had));
    let start = Place::default();
    let place = user
        .and_then(|user| user.named.get(&id).copied())
        .or_else(|| user?.bindings.iter().find(taken).map(|binding| binding.place))
        .unwrap_or(&start);
    document.problem(place, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(text: &str) -> Result<Keymap, String> {
        Keymap::load(Some((Path::new("my/keymap.toml"), text))).map_err(|problems| problems.to_text(false))
    }

    fn keys(keymap: &Keymap, id: Id) -> String {
        keymap.keys(id).iter().map(Sequence::to_string).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn the_keymap_that_comes_along_binds_every_action() {
        let keymap = Keymap::load(None).unwrap();
        assert_eq!(keymap, Keymap::parse(DEFAULT).unwrap());
        for action in ACTIONS {
            assert!(!keymap.keys(action.id).is_empty(), "{} has no key", action.name);
        }
    }

    #[test]
    fn no_action_needs_a_key_that_terminals_and_multiplexers_take_for_themselves() {
        let keymap = Keymap::load(None).unwrap();
        let taken = |key: &Key| {
            matches!(key.code, Code::Function(_)) || (key.ctrl && matches!(key.code, Code::Char('a' | 'b' | 's' | 'q')))
        };
        for action in ACTIONS {
            let free = keymap.keys(action.id).iter().any(|keys| !keys.keys().iter().any(taken));
            assert!(free, "{} can be reached by taken keys only", action.name);
        }
    }

    #[test]
    fn a_persons_keys_replace_those_of_the_action_and_are_taken_from_others() {
        let keymap =
            over("[keys]\nhelp = [\"g h\", \"h\"]\nfirst = \"g g\"\nredraw = []\nopen = [\"Space  o\"]").unwrap();
        assert_eq!(keys(&keymap, Id::Help), "g h | h");
        assert_eq!(keys(&keymap, Id::First), "g g");
        assert_eq!(keys(&keymap, Id::Redraw), "", "unbound");
        assert_eq!(keys(&keymap, Id::Open), "Space o");
        assert_eq!(keys(&keymap, Id::Left), "Left", "`h` was taken for `help`");
        assert_eq!(keymap.action(Key::char('?')), None, "`help` has the new keys only");
        assert_eq!(keys(&keymap, Id::Quit), "q", "what is not named stays");
    }

    #[test]
    fn a_persons_key_takes_away_the_sequences_that_begin_with_it() {
        let own = Document::read(Path::new("own"), "[keys]\nquit = [\"q\"]\nclose = \"Esc\"\nlast = [\"g e\", \"G\"]")
            .unwrap();
        let mine = Document::read(Path::new("mine"), "[keys]\nfirst = [\"g\"]").unwrap();
        let keymap = merged(&Layer::read(&own), Some(&Layer::read(&mine))).unwrap();
        assert_eq!(keys(&keymap, Id::Last), "G");
        assert_eq!(keymap.find(&[Key::char('g')]), Found::Action(Id::First));
    }

    #[test]
    fn two_lines_that_do_not_go_together_are_named_both() {
        let text = over("[keys]\nfirst = [\"x\"]\nlast = [\"x\"]\n").unwrap_err();
        assert!(text.contains("`x` stands for `last` and for `first`"), "{text}");
        assert!(text.contains("my/keymap.toml:3:9") && text.contains("my/keymap.toml:2:10"), "{text}");
        let text = over("[keys]\nfirst = [\"x y\"]\nlast = [\"x\"]\n").unwrap_err();
        assert!(text.contains("`x` stands for `last` and would hide `x y`") && text.contains(":2:10"), "{text}");
        let text = over("[keys]\nfirst = [\"Home\"]\nhelp = [\"G h\"]\n").unwrap_err();
        assert!(text.contains("`G h` stands for `help` and would hide `G`"), "{text}");
        assert!(text.contains("my/keymap.toml:3:9") && text.contains("the console's own keymap:"), "{text}");
        let text = over("[keys]\nfirst = [\"x\", \"x\"]\n").unwrap_err();
        assert!(text.contains("`x` stands for `first` twice"), "{text}");
    }

    #[test]
    fn every_problem_is_told_at_once_with_its_place_and_a_way_out() {
        let bad = "[keys]\nquitt = [\"q\"]\nhelp = [\"qq\"]\nopen = 3\nup = [1]\nlast = [\"\"]\ndown = [\"ctrl-I\", \"ctrl-X\"]\n[colours]\n";
        let text = over(bad).unwrap_err();
        for part in [
            "`quitt` is no action",
            "did you mean `quit`?",
            "my/keymap.toml:2:1",
            "'qq' is no key",
            "my/keymap.toml:3:9",
            "`open` wants a list of keys, not a number",
            "a key of `up` is written in quotes",
            "an empty list of keys unbinds",
            "no terminal sends `ctrl-I`: it comes as `Tab`",
            "it comes as `ctrl-x`",
            "a keymap has no `colours`",
            "8 problems",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(over("[keys]\nhelp = [\"?\"\n").unwrap_err().contains("my/keymap.toml:"), "no TOML");
        assert!(over("[keys]\nhelp = \"x\"\nhelp = \"y\"").unwrap_err().contains("duplicate key"));
    }

    #[test]
    fn quit_stays_reachable() {
        let text = over("[keys]\nquit = []\n").unwrap_err();
        assert!(text.contains("no key stands for `quit`") && text.contains(":2:1"), "{text}");
        let text = over("[keys]\n\nhelp = [\"?\", \"q\"]\n").unwrap_err();
        assert!(text.contains("no key stands for `quit`") && text.contains(":3:14"), "{text}");
        assert!(over("[keys]\nhelp = [\"q\"]\nquit = [\"Q\"]\n").is_ok());
    }

    #[test]
    fn whoever_types_a_line_can_leave_it() {
        let text = over("[keys]\ncancel = []\nclose = [\"x\", \"Backspace\", \"ctrl-u\"]\n").unwrap_err();
        assert!(text.contains("no key stands for `close` that is not typed"), "{text}");
        assert!(text.contains(":3:1"), "the line that says so: {text}");
        assert!(over("[keys]\ncancel = []\nclose = [\"x\", \"ctrl-g\"]\n").is_ok());
        assert!(over("[keys]\nclose = []\n").is_ok(), "Ctrl-C is left");
    }

    #[test]
    fn every_action_has_a_key_without_ctrl_or_others_that_come_to_the_same() {
        let keymap = Keymap::load(None).unwrap();
        for action in ACTIONS.iter().filter(|action| action.id != Id::Cancel) {
            let plain = |keys: &Sequence| keys.keys().iter().all(|key| !key.ctrl && !key.alt);
            assert!(keymap.keys(action.id).iter().any(plain), "{} has keys with ctrl only", action.name);
        }
    }

    #[test]
    fn a_keymap_survives_its_text_form() {
        let keymap = over("[keys]\nfirst = [\"g g\", '\"']\nlast = ['\\']\nredraw = []").unwrap();
        assert_eq!(Keymap::parse(&keymap.to_toml()).unwrap(), keymap);
    }
}
