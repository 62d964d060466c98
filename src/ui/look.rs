//! What things look like: a role becomes a style, a state becomes a glyph. The only place that knows colours and signs.
//!
//! Chosen without asking the terminal anything: an answer could come late over a slow line, or never.

use std::collections::BTreeMap;

use ratatui::style::{Color, Style};

use super::theme::{self, ThemeError};

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

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// None: bold, dim, reverse and words only.
    Mono,
    /// The 16 of the terminal's palette.
    Ansi,
    /// 256.
    Indexed,
    /// 24 bit.
    Rgb,
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
    pub more: [&'static str; 2],
    pub arrows: bool,
}

const UNICODE: Glyphs = Glyphs {
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
    /// `auto`, `dark`, `light`, `ansi16` or `mono`; chosen from the environment when absent.
    pub theme: Option<String>,
    /// ASCII signs and lines; chosen from the locale when absent.
    pub ascii: Option<bool>,
}

/// The themes that the console brings along.
pub const THEMES: &[(&str, &str)] = &[
    ("auto", include_str!("../../assets/themes/auto.toml")),
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("ansi16", include_str!("../../assets/themes/ansi16.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
];

impl Look {
    /// The look for a terminal, by its environment.
    ///
    /// # Errors
    /// [`ThemeError`] when the theme that was asked for is none.
    pub fn choose(options: &LookOptions, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ThemeError> {
        let depth = depth(env);
        let wanted = options.theme.as_deref().unwrap_or_else(|| theme_for(depth, env));
        let depth = if options.theme.is_some() && depth == Depth::Mono { forced_depth(wanted, env) } else { depth };
        Self::named(wanted, depth, options.ascii.unwrap_or_else(|| !is_utf8(env)))
    }

    /// A theme by name, brought down to a depth of colours.
    ///
    /// # Errors
    /// [`ThemeError::Unknown`].
    pub fn named(theme: &str, depth: Depth, ascii: bool) -> Result<Self, ThemeError> {
        let text = THEMES.iter().find(|row| row.0 == theme).ok_or_else(|| ThemeError::Unknown(theme.to_owned()))?.1;
        let styles = theme::parse(text)?.into_iter().map(|(role, style)| (role, reduced(style, depth))).collect();
        Ok(Self { styles, glyphs: if ascii { ASCII } else { UNICODE } })
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

/// How many colours the environment promises. `ssh` carries TERM and not COLORTERM.
fn depth(env: &dyn Fn(&str) -> Option<String>) -> Depth {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let term = set("TERM").unwrap_or_default();
    if set("NO_COLOR").is_some() || term.is_empty() || term == "dumb" || term.starts_with("vt") {
        return Depth::Mono;
    }
    match set("COLORTERM").as_deref() {
        Some("truecolor" | "24bit") => Depth::Rgb,
        _ if term.contains("256color") || term.contains("direct") => Depth::Indexed,
        _ => Depth::Ansi,
    }
}

/// A theme that was asked for by name has colours even where the environment would have chosen none; NO_COLOR still wins.
fn forced_depth(theme: &str, env: &dyn Fn(&str) -> Option<String>) -> Depth {
    let refused = env("NO_COLOR").is_some_and(|value| !value.is_empty());
    if refused || theme == "mono" { Depth::Mono } else { Depth::Ansi }
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

fn is_utf8(env: &dyn Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env(name).filter(|value| !value.is_empty()));
    // Without any locale a terminal of today still shows UTF-8; a locale that names another charset does not.
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8")
            || locale.contains("utf8")
            || !(locale.contains('.') || locale == "c" || locale == "posix")
    })
}

fn reduced(style: Style, depth: Depth) -> Style {
    let reduce = |color: Option<Color>| color.and_then(|color| reduced_color(color, depth));
    Style { fg: reduce(style.fg), bg: reduce(style.bg), ..style }
}

fn reduced_color(color: Color, depth: Depth) -> Option<Color> {
    match (depth, color) {
        (Depth::Mono, _) => None,
        (Depth::Indexed, Color::Rgb(r, g, b)) => Some(Color::Indexed(cube(r, g, b))),
        (Depth::Ansi, Color::Rgb(r, g, b)) => Some(Color::Indexed(ansi(r, g, b))),
        (Depth::Ansi, Color::Indexed(n @ 16..)) => {
            let (r, g, b) = rgb(n);
            Some(Color::Indexed(ansi(r, g, b)))
        }
        (_, color) => Some(color),
    }
}

/// The nearest of the 6x6x6 cube.
fn cube(r: u8, g: u8, b: u8) -> u8 {
    let step = |v: u8| {
        if v < 48 {
            0
        } else if v < 115 {
            1
        } else {
            (v - 35) / 40
        }
    };
    16 + 36 * step(r) + 6 * step(g) + step(b)
}

/// What a number of the 256 stands for.
fn rgb(n: u8) -> (u8, u8, u8) {
    if n >= 232 {
        let grey = 8 + 10 * (n - 232);
        return (grey, grey, grey);
    }
    let level = |v: u8| if v == 0 { 0 } else { 55 + 40 * v };
    let n = n.saturating_sub(16);
    (level(n / 36), level(n / 6 % 6), level(n % 6))
}

/// The nearest of the eight basic colours, bright where it is bright.
fn ansi(r: u8, g: u8, b: u8) -> u8 {
    let most = r.max(g).max(b);
    let on = |v: u8| u8::from(u16::from(v) * 2 > u16::from(most));
    let base = on(r) | on(g) << 1 | on(b) << 2;
    match (base, most) {
        (_, 0..48) => 0,
        (7, 48..140) => 8,
        (7, 140..215) => 7,
        (base, 215..) => base + 8,
        (base, _) => base,
    }
}

#[cfg(test)]
mod tests {
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
    fn colours_come_down_to_near_ones() {
        assert_eq!(reduced_color(Color::Rgb(255, 0, 0), Depth::Indexed), Some(Color::Indexed(196)));
        assert_eq!(reduced_color(Color::Indexed(160), Depth::Ansi), Some(Color::Indexed(9)));
        assert_eq!(reduced_color(Color::Indexed(28), Depth::Ansi), Some(Color::Indexed(2)));
        assert_eq!(reduced_color(Color::Rgb(1, 2, 3), Depth::Mono), None);
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

    #[test]
    fn every_state_can_be_read_on_the_backgrounds_that_its_theme_is_for() {
        let (black, white) = (Color::Rgb(16, 18, 22), Color::Rgb(255, 255, 255));
        let cases = [("auto", black, 3.5), ("auto", white, 3.5), ("dark", black, 4.5), ("light", white, 4.5)];
        for (theme, background, least) in cases {
            let look = Look::named(theme, Depth::Rgb, false).unwrap();
            for role in [Role::Dim, Role::Up, Role::Warn, Role::Down, Role::Unknown, Role::Off, Role::Key, Role::Spark]
            {
                let (a, b) = (luminance(look.style(role).fg.unwrap()), luminance(background));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= least, "{} of {theme}: {contrast:.1}", role.name());
            }
        }
    }
}
