//! Theme files as data: what a person wrote for each role, with the place of everything that is wrong.
//!
//! Which roles there are and what a colour is, the drawing side says; nothing is drawn here.

use std::path::Path;

use crate::config::Problem;
use crate::config::document::{Document, Entry, Node, Place, Value, advice};

pub use crate::config::Problems;

/// What a theme file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Theme {
    /// The console's own theme that stands in for roles of which nothing is said.
    pub base: Option<String>,
    /// Roles and their paint, in the order of the file.
    pub roles: Vec<(String, Paint)>,
}

/// How a role looks; what is not said is the terminal's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paint {
    /// Colour of the text.
    pub fg: Option<String>,
    /// Colour behind it.
    pub bg: Option<String>,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Underlined.
    pub underline: bool,
    /// Foreground and background exchanged.
    pub reverse: bool,
}

/// The words that a theme may use.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// Roles.
    pub roles: &'a [&'a str],
    /// The console's own themes.
    pub themes: &'a [&'a str],
    /// Whether a text is a colour.
    pub is_colour: fn(&str) -> bool,
}

/// What a paint may hold.
const KEYS: [&str; 6] = ["fg", "bg", "bold", "dim", "underline", "reverse"];

impl Theme {
    /// Reads a theme.
    ///
    /// # Errors
    /// Every problem of the text.
    pub fn read(path: &Path, text: &str, words: Words<'_>) -> Result<Self, Problems> {
        let document = Document::read(path, text)?;
        let mut reading = Reading { document: &document, words, problems: Vec::new() };
        let mut theme = Self::default();
        for entry in document.entries() {
            if entry.name == "base" {
                theme.base = reading.base(entry);
            } else if words.roles.contains(&entry.name.as_str()) {
                theme.roles.push((entry.name.clone(), reading.paint(entry)));
            } else {
                let known = words.roles.iter().copied().chain(["base"]);
                reading.bad(
                    &entry.place,
                    format!("`{}` is no role of a theme", entry.name),
                    advice(&entry.name, known),
                );
            }
        }
        if reading.problems.is_empty() { Ok(theme) } else { Err(Problems::new(reading.problems)) }
    }
}

struct Reading<'d> {
    document: &'d Document,
    words: Words<'d>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn bad(&mut self, place: &Place, message: impl AsRef<str>, help: Option<String>) {
        let problem = self.document.problem(place, message);
        self.problems.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }

    fn base(&mut self, entry: &Entry) -> Option<String> {
        match &entry.value.value {
            Value::Text(name) if self.words.themes.contains(&name.as_str()) => return Some(name.clone()),
            Value::Text(name) => {
                let message = format!("`{name}` is no theme that comes along");
                self.bad(&entry.value.place, message, advice(name, self.words.themes.iter().copied()));
            }
            _ => self.mistyped("base", "the name of a theme in quotes", &entry.value),
        }
        None
    }

    fn paint(&mut self, role: &Entry) -> Paint {
        let mut paint = Paint::default();
        let Value::Table(entries) = &role.value.value else {
            self.mistyped(&role.name, "a table such as { fg = \"#5fafff\", bold = true }", &role.value);
            return paint;
        };
        for entry in entries {
            match entry.name.as_str() {
                "fg" => paint.fg = self.colour(entry),
                "bg" => paint.bg = self.colour(entry),
                "bold" => paint.bold = self.flag(entry),
                "dim" => paint.dim = self.flag(entry),
                "underline" => paint.underline = self.flag(entry),
                "reverse" => paint.reverse = self.flag(entry),
                other => {
                    let message = format!("a role has no `{other}`");
                    self.bad(&entry.place, message, advice(other, KEYS));
                }
            }
        }
        paint
    }

    fn colour(&mut self, entry: &Entry) -> Option<String> {
        match &entry.value.value {
            Value::Text(colour) if (self.words.is_colour)(colour) => return Some(colour.clone()),
            Value::Text(colour) => {
                let help = "write a name (green, light-blue), a number from 0 to 255, or #rrggbb";
                self.bad(&entry.value.place, format!("`{colour}` is no colour"), Some(help.to_owned()));
            }
            _ => self.mistyped(&entry.name, "a colour in quotes", &entry.value),
        }
        None
    }

    fn flag(&mut self, entry: &Entry) -> bool {
        if let Value::Flag(flag) = entry.value.value {
            return flag;
        }
        self.mistyped(&entry.name, "true or false", &entry.value);
        false
    }

    fn mistyped(&mut self, name: &str, wanted: &str, node: &Node) {
        self.bad(&node.place, format!("`{name}` wants {wanted}, not {}", node.kind()), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Theme, String> {
        let words = Words { roles: &["text", "up"], themes: &["dark"], is_colour: |text| text == "red" };
        Theme::read(Path::new("mine.toml"), text, words).map_err(|problems| problems.to_text(false))
    }

    #[test]
    fn a_theme_says_what_it_wants_otherwise_and_on_what_it_is_based() {
        let theme = read("base = \"dark\"\nup = { fg = \"red\", bold = true }\n[text]\nreverse = true").unwrap();
        assert_eq!(theme.base.as_deref(), Some("dark"));
        assert_eq!(theme.roles[0], ("up".into(), Paint { fg: Some("red".into()), bold: true, ..Paint::default() }));
        assert!(theme.roles[1].1.reverse);
    }

    #[test]
    fn every_problem_is_told_at_once_with_its_place() {
        let bad = "base = \"drak\"\nupp = {}\nup = { fg = \"rod\", bgg = \"red\", bold = 1, bg = true }\ntext = 3\n";
        let text = read(bad).unwrap_err();
        for part in [
            "mine.toml:1:8",
            "`drak` is no theme that comes along",
            "did you mean `dark`?",
            "mine.toml:2:1",
            "`upp` is no role of a theme",
            "did you mean `up`?",
            "`rod` is no colour",
            "did you mean `bg`?",
            "`bold` wants true or false, not a number",
            "`bg` wants a colour in quotes, not true or false",
            "`text` wants a table",
            "7 problems",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
