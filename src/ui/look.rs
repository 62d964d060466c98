//! What things look like: a role becomes a style, a state becomes a glyph. The only place that knows colours and signs.
//!
//! Chosen without asking the terminal anything: an answer could come late over a slow line, or never.

use std::collections::BTreeMap;

use ratatui::buffer::Cell;
use ratatui::style::Style;

use super::depth::{Depth, depth, forced_depth, reduced};
use super::theme::{self, Styles, ThemeError};
use crate::app::theme::{Problems, Theme};

/// What a piece of text is, as far as its style goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Plain text, in the terminal's own colours.
    Text,
    /// Labels, headings of columns, what is less important.
    Dim,
    /// Names and numbers that matter.
    Strong,
    /// Lines of panels.
    Border,
    /// Lines of the panel that has the arrows.
    Focus,
    /// Answers as it should.
    Up,
    /// A warning.
    Warn,
    /// Critical, or Down.
    Down,
    /// Not known, or not any more.
    Unknown,
    /// Out of service as designed.
    Off,
    /// Latency history.
    Spark,
    /// A key in the key bar.
    Key,
    /// The environment tag of real callers.
    Production,
    /// The environment tag of anything else.
    Practice,
    /// The marker and the name of what is selected.
    Selected,
    /// The whole line of what is selected.
    SelectedRow,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 16] = [
        Self::Text,
        Self::Dim,
        Self::Strong,
        Self::Border,
        Self::Focus,
        Self::Up,
        Self::Warn,
        Self::Down,
        Self::Unknown,
        Self::Off,
        Self::Spark,
        Self::Key,
        Self::Production,
        Self::Practice,
        Self::Selected,
        Self::SelectedRow,
    ];

    /// Its name in a theme file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Dim => "dim",
            Self::Strong => "strong",
            Self::Border => "border",
            Self::Focus => "focus",
            Self::Up => "up",
            Self::Warn => "warn",
            Self::Down => "down",
            Self::Unknown => "unknown",
            Self::Off => "off",
            Self::Spark => "spark",
            Self::Key => "key",
            Self::Production => "production",
            Self::Practice => "practice",
            Self::Selected => "selected",
            Self::SelectedRow => "selected-row",
        }
    }
}

/// Signs for states and lines. Every sign is one column wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after what they stand for")]
pub struct Glyphs {
    pub up: &'static str,
    pub warn: &'static str,
    pub down: &'static str,
    pub unknown: &'static str,
    pub off: &'static str,
    pub draining: &'static str,
    pub info: &'static str,
    pub gone: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub none: &'static str,
    pub marker: &'static str,
    pub arrow: &'static str,
    pub ellipsis: &'static str,
    pub dash: &'static str,
    pub horizontal: &'static str,
    pub vertical: &'static str,
    pub corners: [&'static str; 4],
    pub spark: [&'static str; 8],
    pub missed: &'static str,
    pub bar: [&'static str; 2],
    pub more: [&'static str; 2],
    pub arrows: bool,
}

pub(super) const UNICODE: Glyphs = Glyphs {
    up: "●",
    warn: "▲",
    down: "✖",
    unknown: "?",
    off: "○",
    draining: "◐",
    info: "i",
    gone: "✔",
    yes: "✔",
    no: "✖",
    none: "·",
    marker: "▌",
    arrow: "→",
    ellipsis: "…",
    dash: "–",
    horizontal: "─",
    vertical: "│",
    corners: ["╭", "╮", "╰", "╯"],
    spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    missed: "x",
    bar: ["━", "─"],
    more: ["↑", "↓"],
    arrows: true,
};

const ASCII: Glyphs = Glyphs {
    up: "*",
    warn: "!",
    down: "X",
    unknown: "?",
    off: "o",
    draining: "~",
    info: "i",
    gone: "+",
    yes: "y",
    no: "X",
    none: ".",
    marker: ">",
    arrow: ">",
    ellipsis: "..",
    dash: "-",
    horizontal: "-",
    vertical: "|",
    corners: ["+", "+", "+", "+"],
    spark: ["_", "_", ".", "-", "-", "=", "=", "#"],
    missed: "x",
    bar: ["=", "."],
    more: ["^", "v"],
    arrows: false,
};

/// Styles and glyphs for one terminal.
#[derive(Debug, Clone)]
pub struct Look {
    styles: BTreeMap<Role, Style>,
    glyphs: Glyphs,
}

/// What the look is chosen from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookOptions {
    /// One of [`super::THEMES`], or of the person's own; chosen from the environment when absent.
    pub theme: Option<String>,
    /// ASCII signs and lines; chosen from the locale when absent.
    pub ascii: Option<bool>,
}

/// A person's own theme of a name, where there is one.
pub type OwnThemes<'a> = dyn Fn(&str) -> Result<Option<Theme>, Problems> + 'a;

impl Look {
    /// The look for a terminal, by its environment. A person's theme beats the console's of the same name.
    ///
    /// # Errors
    /// [`ThemeError`] when the theme that was asked for is none, or the person's own is wrong.
    pub fn choose(
        options: &LookOptions,
        env: &dyn Fn(&str) -> Option<String>,
        own: &OwnThemes<'_>,
    ) -> Result<Self, ThemeError> {
        let depth = depth(env);
        let wanted = options.theme.as_deref().unwrap_or_else(|| theme_for(depth, env));
        let depth = if options.theme.is_some() && depth == Depth::Mono { forced_depth(wanted, env) } else { depth };
        let ascii = options.ascii.unwrap_or_else(|| !is_utf8(env) || draws_wide(env));
        match own(wanted)? {
            Some(theme) => Ok(Self::new(theme::over_base(&theme)?, depth, ascii)),
            None => Self::named(wanted, depth, ascii),
        }
    }

    /// A theme of the console's own by name, brought down to a depth of colours.
    ///
    /// # Errors
    /// [`ThemeError::Unknown`].
    pub fn named(theme: &str, depth: Depth, ascii: bool) -> Result<Self, ThemeError> {
        Ok(Self::new(theme::own(theme)?, depth, ascii))
    }

    fn new(styles: Styles, depth: Depth, ascii: bool) -> Self {
        let reduce = |(role, style)| (role, reduced(role, style, depth));
        Self { styles: styles.into_iter().map(reduce).collect(), glyphs: if ascii { ASCII } else { UNICODE } }
    }

    /// What a screen is full of before anything is drawn; a theme without a ground leaves it the terminal's own.
    pub(super) fn blank(&self) -> Cell {
        let mut blank = Cell::default();
        blank.set_style(self.style(Role::Text));
        blank
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }

    /// The signs.
    #[must_use]
    pub fn glyphs(&self) -> &Glyphs {
        &self.glyphs
    }
}

/// COLORFGBG is `foreground;background` in palette numbers, set by some terminals.
fn theme_for(depth: Depth, env: &dyn Fn(&str) -> Option<String>) -> &'static str {
    let background = env("COLORFGBG").and_then(|pair| pair.rsplit(';').next()?.parse::<u8>().ok());
    match (depth, background) {
        (Depth::Mono, _) => "mono",
        (Depth::Ansi, _) => "ansi16",
        (_, Some(7 | 9..=15)) => "light",
        (_, Some(0..=6 | 8)) => "dark",
        _ => "auto",
    }
}

/// The locale of characters, in lower case.
fn locale(env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &&str| env(name).filter(|value| !value.is_empty());
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).map(|locale| locale.to_ascii_lowercase())
}

/// Whether terminals of the locale may draw signs such as `●` and `│` two columns wide. Their width is ambiguous (UAX #11): one column
/// everywhere but among Chinese, Japanese and Korean characters, where tables would fall apart.
fn draws_wide(env: &dyn Fn(&str) -> Option<String>) -> bool {
    let locale = locale(env).unwrap_or_default();
    let language = locale.split(['_', '.', '-', '@']).next().unwrap_or_default();
    matches!(language, "zh" | "ja" | "ko")
}

/// Whether the locale can show more than ASCII.
#[must_use]
pub fn is_utf8(env: &dyn Fn(&str) -> Option<String>) -> bool {
    // Without any locale a terminal of today still shows UTF-8; a locale that names another charset does not.
    locale(env).is_none_or(|locale| {
        locale.contains("utf-8")
            || locale.contains("utf8")
            || !(locale.contains('.') || locale == "c" || locale == "posix")
    })
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Modifier};

    use super::super::depth::rgb;
    use super::super::theme::THEMES;
    use super::*;

    type Env = &'static [(&'static str, &'static str)];

    fn with(pairs: Env) -> impl Fn(&str) -> Option<String> {
        move |name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned())
    }

    #[test]
    fn every_theme_that_comes_along_is_whole_at_every_depth() {
        for (name, _) in THEMES {
            for depth in [Depth::Mono, Depth::Ansi, Depth::Indexed, Depth::Rgb] {
                Look::named(name, depth, false).unwrap();
            }
        }
    }

    #[test]
    fn the_environment_chooses_and_nobody_is_asked() {
        let cases: &[(Env, Depth, &str)] = &[
            (&[("TERM", "xterm-256color")], Depth::Indexed, "auto"),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Depth::Rgb, "auto"),
            (&[("TERM", "xterm-256color"), ("COLORFGBG", "0;15")], Depth::Indexed, "light"),
            (&[("TERM", "rxvt-256color"), ("COLORFGBG", "15;default;0")], Depth::Indexed, "dark"),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "1")], Depth::Mono, "mono"),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Depth::Indexed, "auto"),
            (&[("TERM", "linux")], Depth::Ansi, "ansi16"),
            (&[("TERM", "vt220")], Depth::Mono, "mono"),
            (&[], Depth::Mono, "mono"),
        ];
        for (env, wanted, theme) in cases {
            let env = with(env);
            assert_eq!((depth(&env), theme_for(depth(&env), &env)), (*wanted, *theme));
        }
    }

    #[test]
    fn a_locale_without_utf8_gets_ascii() {
        assert!(is_utf8(&with(&[("LANG", "en_IE.UTF-8")])));
        assert!(is_utf8(&with(&[])));
        assert!(!is_utf8(&with(&[("LANG", "fr_FR.ISO-8859-15")])));
        assert!(!is_utf8(&with(&[("LC_ALL", "C"), ("LANG", "en_IE.UTF-8")])));
    }

    #[test]
    fn a_locale_whose_terminals_draw_signs_two_columns_wide_gets_ascii_and_is_not_refused() {
        let ascii = |env: Env| {
            let look = Look::choose(&LookOptions::default(), &with(env), &|_| Ok(None)).unwrap();
            !look.glyphs().arrows
        };
        for wide in ["ja_JP.UTF-8", "zh_CN.UTF-8", "zh_TW.utf8", "ko_KR.UTF-8", "ja.UTF-8", "ja_JP.eucJP"] {
            assert!(draws_wide(&with_lang(wide)), "{wide}");
        }
        assert!(ascii(&[("LANG", "ja_JP.UTF-8")]) && ascii(&[("LC_CTYPE", "ko_KR.UTF-8"), ("LANG", "en_IE.UTF-8")]));
        assert!(!ascii(&[("LANG", "en_IE.UTF-8")]) && !ascii(&[("LC_ALL", "C.UTF-8"), ("LANG", "ja_JP.UTF-8")]));
        assert!(!ascii(&[("LANG", "kok_IN.UTF-8")]), "another language that begins alike");
    }

    fn with_lang(locale: &str) -> impl Fn(&str) -> Option<String> {
        move |name| (name == "LANG").then(|| locale.to_owned())
    }

    /// Relative luminance (WCAG 2).
    fn luminance(color: Color) -> f64 {
        let (r, g, b) = match color {
            Color::Rgb(r, g, b) => (r, g, b),
            Color::Indexed(n) => rgb(n),
            other => unreachable!("{other} is of the terminal's palette"),
        };
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    fn contrast(one: Color, other: Color) -> f64 {
        let (a, b) = (luminance(one), luminance(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_state_can_be_read_on_the_backgrounds_that_its_theme_is_for() {
        let (black, white) = (Color::Rgb(16, 18, 22), Color::Rgb(255, 255, 255));
        let cases = [("auto", black, 3.5), ("auto", white, 3.5), ("dark", black, 4.5), ("light", white, 4.5)];
        for (theme, background, least) in cases {
            let look = Look::named(theme, Depth::Rgb, false).unwrap();
            for role in [Role::Dim, Role::Up, Role::Warn, Role::Down, Role::Unknown, Role::Off, Role::Key, Role::Spark]
            {
                let contrast = contrast(look.style(role).fg.unwrap(), background);
                assert!(contrast >= least, "{} of {theme}: {contrast:.1}", role.name());
            }
        }
    }

    #[test]
    fn high_contrast_keeps_its_word_for_each_role_on_its_own_ground_and_on_the_selected_line() {
        for depth in [Depth::Rgb, Depth::Indexed] {
            let look = Look::named("high-contrast", depth, false).unwrap();
            let ground = look.style(Role::Text).bg.unwrap();
            let line = look.style(Role::SelectedRow).bg.unwrap();
            for role in Role::ALL {
                let style = look.style(role);
                let text = style.fg.or(look.style(Role::Text).fg).unwrap();
                for ground in style.bg.map_or(vec![ground, line], |own| vec![own]) {
                    let contrast = contrast(text, ground);
                    assert!(contrast >= 7.0, "{} at {depth:?}: {contrast:.1}", role.name());
                }
            }
            assert_ne!(ground, line, "the selected line can be seen");
        }
    }

    #[test]
    fn what_is_selected_stands_out_in_every_theme_at_every_depth() {
        for (theme, _) in THEMES {
            for depth in [Depth::Mono, Depth::Ansi, Depth::Indexed, Depth::Rgb] {
                let look = Look::named(theme, depth, false).unwrap();
                let (selected, other) = (look.style(Role::Selected), look.style(Role::Strong));
                let reversed = selected.add_modifier.contains(Modifier::REVERSED);
                assert!(reversed || selected.bg.is_some_and(|bg| Some(bg) != other.bg), "{theme} at {depth:?}");
                assert!(reversed || depth != Depth::Mono, "{theme} without colours");
            }
        }
    }

    #[test]
    fn without_colours_no_theme_names_one() {
        let env = with(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")]);
        let none = |_: &str| Ok(None);
        for (theme, _) in THEMES {
            let options = LookOptions { theme: Some((*theme).to_owned()), ascii: None };
            let look = Look::choose(&options, &env, &none).unwrap();
            let coloured = Role::ALL.into_iter().find(|role| {
                let style = look.style(*role);
                style.fg.is_some() || style.bg.is_some()
            });
            assert_eq!(coloured, None, "{theme}");
        }
    }

    #[test]
    fn a_persons_theme_beats_the_consoles_of_the_same_name_and_comes_down_to_what_the_terminal_can() {
        let env = with(&[("TERM", "xterm-256color")]);
        let mine = theme::read_theme(std::path::Path::new("auto.toml"), "up = { fg = \"#ff0000\" }").unwrap();
        let own = |name: &str| Ok((name == "auto").then(|| mine.clone()));
        let look = Look::choose(&LookOptions::default(), &env, &own).unwrap();
        assert_eq!(look.style(Role::Up).fg, Some(Color::Indexed(196)));
        let named = LookOptions { theme: Some("dark".into()), ascii: None };
        let look = Look::choose(&named, &env, &own).unwrap();
        assert_ne!(look.style(Role::Up).fg, Some(Color::Indexed(196)));
        // On the palette it is near, without colours it keeps its weight, and what it set apart by its ground is reversed.
        let mine = "up = { fg = \"#ff0000\", bold = true }\nselected-row = { bg = \"#ffff00\" }\nselected = { bg = \"#00ff00\" }";
        let mine = theme::read_theme(std::path::Path::new("mine.toml"), mine).unwrap();
        let own = |name: &str| Ok((name == "mine").then(|| mine.clone()));
        let named = LookOptions { theme: Some("mine".into()), ascii: None };
        let with_env = |env: Env| Look::choose(&named, &with(env), &own).unwrap();
        assert_eq!(with_env(&[("TERM", "xterm")]).style(Role::Up).fg, Some(Color::Indexed(9)));
        let look = with_env(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")]);
        assert!(Role::ALL.iter().all(|role| (look.style(*role).fg, look.style(*role).bg) == (None, None)));
        assert!(look.style(Role::Up).add_modifier.contains(Modifier::BOLD));
        assert!(look.style(Role::SelectedRow).add_modifier.contains(Modifier::REVERSED));
        assert!(look.style(Role::Selected).add_modifier.contains(Modifier::REVERSED));
    }
}
