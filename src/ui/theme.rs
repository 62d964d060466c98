//! Theme files: a style for each role. The console's own ones go through the same reader as a user's.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};

use super::look::Role;

/// Why a text is no theme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// Not TOML, or a key that no role and no style has.
    #[error("the theme cannot be read: {0}")]
    Syntax(String),
    /// No such role.
    #[error("'{0}' is no role of a theme")]
    UnknownRole(String),
    /// No such colour.
    #[error(
        "'{color}' of role '{role}' is no colour; write a name (green, light-blue), a number from 0 to 255, or #rrggbb"
    )]
    Color {
        /// The role.
        role: String,
        /// What was written.
        color: String,
    },
    /// A theme has to say something about each role.
    #[error("the theme says nothing about role '{0}'")]
    Missing(&'static str),
    /// No theme of the console's own has this name.
    #[error("'{0}' is no theme; choose auto, dark, light, ansi16 or mono")]
    Unknown(String),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RoleStyle {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    bold: bool,
    #[serde(default)]
    dim: bool,
    #[serde(default)]
    underline: bool,
    #[serde(default)]
    reverse: bool,
}

/// Reads a theme.
///
/// # Errors
/// The first [`ThemeError`].
pub(super) fn parse(text: &str) -> Result<BTreeMap<Role, Style>, ThemeError> {
    let file: BTreeMap<String, RoleStyle> =
        toml::from_str(text).map_err(|error| ThemeError::Syntax(error.message().to_owned()))?;
    let mut styles = BTreeMap::new();
    for (name, wanted) in file {
        let role = Role::ALL.iter().find(|role| role.name() == name).ok_or(ThemeError::UnknownRole(name.clone()))?;
        styles.insert(*role, style(&name, &wanted)?);
    }
    match Role::ALL.iter().find(|role| !styles.contains_key(role)) {
        Some(missing) => Err(ThemeError::Missing(missing.name())),
        None => Ok(styles),
    }
}

fn style(role: &str, wanted: &RoleStyle) -> Result<Style, ThemeError> {
    let color = |text: &Option<String>| -> Result<Option<Color>, ThemeError> {
        text.as_ref()
            .map(|text| text.parse().map_err(|_| ThemeError::Color { role: role.to_owned(), color: text.clone() }))
            .transpose()
    };
    let flags = [
        (wanted.bold, Modifier::BOLD),
        (wanted.dim, Modifier::DIM),
        (wanted.underline, Modifier::UNDERLINED),
        (wanted.reverse, Modifier::REVERSED),
    ];
    let modifiers = flags.iter().filter(|flag| flag.0).fold(Modifier::empty(), |all, flag| all | flag.1);
    let mut style = Style::new().add_modifier(modifiers);
    (style.fg, style.bg) = (color(&wanted.fg)?, color(&wanted.bg)?);
    Ok(style)
}
