//! Themes as styles: the console's own ones, and a person's, through the same reader.

use std::collections::BTreeMap;
use std::path::Path;

use ratatui::style::{Color, Modifier, Style};

use super::look::Role;
use crate::app::theme::{Paint, Problems, Theme, Words};

/// Why there is no such look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// Neither the console nor the person has a theme of this name.
    #[error("'{name}' is no theme; choose {}, or write themes/{name}.toml beside the topology file", names().join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The person's theme is wrong.
    #[error(transparent)]
    Wrong(#[from] Problems),
}

/// The themes that the console brings along.
pub const THEMES: &[(&str, &str)] = &[
    ("auto", include_str!("../../assets/themes/auto.toml")),
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("ansi16", include_str!("../../assets/themes/ansi16.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
];

fn names() -> Vec<&'static str> {
    THEMES.iter().map(|row| row.0).collect()
}

/// What stands in for roles of which a person's theme says nothing, when it names no other.
const BASE: &str = "auto";

/// A style for each role, at the full depth of colours.
pub(super) type Styles = BTreeMap<Role, Style>;

/// Reads a theme file.
///
/// # Errors
/// Every problem of the text.
pub fn read_theme(path: &Path, text: &str) -> Result<Theme, Problems> {
    let roles = Role::ALL.map(Role::name);
    let themes = names();
    let is_colour = |text: &str| text.parse::<Color>().is_ok();
    Theme::read(path, text, Words { roles: &roles, themes: &themes, is_colour })
}

/// The styles of a theme that comes along.
pub(super) fn own(name: &str) -> Result<Styles, ThemeError> {
    let (_, text) =
        THEMES.iter().find(|row| row.0 == name).ok_or_else(|| ThemeError::Unknown { name: name.to_owned() })?;
    Ok(styles(&read_theme(Path::new(name), text)?))
}

/// The styles of a person's theme, laid over its base.
pub(super) fn over_base(theme: &Theme) -> Result<Styles, ThemeError> {
    let mut all = own(theme.base.as_deref().unwrap_or(BASE))?;
    all.extend(styles(theme));
    Ok(all)
}

fn styles(theme: &Theme) -> Styles {
    let role = |name: &str| Role::ALL.into_iter().find(|role| role.name() == name);
    theme.roles.iter().filter_map(|(name, paint)| Some((role(name)?, style(paint)))).collect()
}

fn style(paint: &Paint) -> Style {
    let flags = [
        (paint.bold, Modifier::BOLD),
        (paint.dim, Modifier::DIM),
        (paint.underline, Modifier::UNDERLINED),
        (paint.reverse, Modifier::REVERSED),
    ];
    let modifiers = flags.iter().filter(|flag| flag.0).fold(Modifier::empty(), |all, flag| all | flag.1);
    let colour = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
    let mut style = Style::new().add_modifier(modifiers);
    (style.fg, style.bg) = (colour(&paint.fg), colour(&paint.bg));
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_that_comes_along_says_something_about_each_role() {
        for (name, _) in THEMES {
            let styles = own(name).unwrap();
            for role in Role::ALL {
                assert!(styles.contains_key(&role), "{name} says nothing about {}", role.name());
            }
        }
    }

    #[test]
    fn a_persons_theme_needs_to_say_only_what_it_wants_otherwise() {
        let theme = read_theme(Path::new("mine.toml"), "base = \"dark\"\ndown = { fg = \"#ff0000\" }").unwrap();
        let mine = over_base(&theme).unwrap();
        assert_eq!(mine[&Role::Down], Style::new().fg(Color::Rgb(255, 0, 0)));
        assert_eq!(mine[&Role::Up], own("dark").unwrap()[&Role::Up]);
        let bare = over_base(&Theme::default()).unwrap();
        assert_eq!(bare, own("auto").unwrap());
    }

    #[test]
    fn a_theme_that_nobody_has_is_refused_with_those_that_are_there() {
        let said = own("drak").unwrap_err().to_string();
        assert!(said.contains("auto, dark, light, high-contrast, ansi16, mono") && said.contains("themes/drak.toml"));
    }
}
