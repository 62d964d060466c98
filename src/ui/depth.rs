//! How many colours a terminal has, and how a theme is brought down to them: mapped, never just taken away.
//!
//! Chosen without asking the terminal anything: an answer could come late over a slow line, or never.

use ratatui::style::{Color, Modifier, Style};

use super::look::Role;

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

/// How many colours the environment promises. `ssh` carries TERM and not COLORTERM.
pub(super) fn depth(env: &dyn Fn(&str) -> Option<String>) -> Depth {
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
pub(super) fn forced_depth(theme: &str, env: &dyn Fn(&str) -> Option<String>) -> Depth {
    let refused = env("NO_COLOR").is_some_and(|value| !value.is_empty());
    if refused || theme == "mono" { Depth::Mono } else { Depth::Ansi }
}

/// A role's style with what the terminal can show of it.
pub(super) fn reduced(role: Role, style: Style, depth: Depth) -> Style {
    let reduce = |color: Option<Color>| color.and_then(|color| reduced_color(color, depth));
    let (fg, bg) = (reduce(style.fg), reduce(style.bg));
    let fg = match (depth, bg) {
        (Depth::Ansi, Some(Color::Indexed(ground))) if fg.is_some() => Some(legible_on(ground)),
        _ => fg,
    };
    // What stands out by its ground alone would not stand out any more. The ground of the whole screen is no such.
    let lost_ground = depth == Depth::Mono && style.bg.is_some() && role != Role::Text;
    let modifier = if lost_ground { style.add_modifier | Modifier::REVERSED } else { style.add_modifier };
    Style { fg, bg, add_modifier: modifier, ..style }
}

/// Black or white, whichever can be read on a colour of the palette: which exactly that is, the terminal's settings say.
fn legible_on(ground: u8) -> Color {
    Color::Indexed(if matches!(ground, 2 | 3 | 6 | 7 | 9..=15) { 0 } else { 15 })
}

fn reduced_color(color: Color, depth: Depth) -> Option<Color> {
    match (depth, color) {
        (Depth::Mono, _) => None,
        (Depth::Indexed, Color::Rgb(r, g, b)) => Some(Color::Indexed(nearest_indexed(r, g, b))),
        (Depth::Ansi, Color::Rgb(r, g, b)) => Some(Color::Indexed(ansi(r, g, b))),
        (Depth::Ansi, Color::Indexed(n @ 16..)) => {
            let (r, g, b) = rgb(n);
            Some(Color::Indexed(ansi(r, g, b)))
        }
        (_, color) => Some(color),
    }
}

/// The nearest of the 6x6x6 cube and of the 24 greys.
fn nearest_indexed(r: u8, g: u8, b: u8) -> u8 {
    let step = |v: u8| match v {
        0..48 => 0,
        48..115 => 1,
        _ => (v - 35) / 40,
    };
    let cube = 16 + 36 * step(r) + 6 * step(g) + step(b);
    let mean = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
    let grey = 232 + u8::try_from(mean.saturating_sub(3) / 10).unwrap_or(23).min(23);
    let far = |n: u8| {
        let that = rgb(n);
        [(r, that.0), (g, that.1), (b, that.2)]
            .map(|(one, other)| u32::from(one.abs_diff(other)).pow(2))
            .iter()
            .sum::<u32>()
    };
    if far(grey) < far(cube) { grey } else { cube }
}

/// What a number of the 256 stands for.
pub(super) fn rgb(n: u8) -> (u8, u8, u8) {
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

    #[test]
    fn colours_come_down_to_near_ones() {
        assert_eq!(reduced_color(Color::Rgb(255, 0, 0), Depth::Indexed), Some(Color::Indexed(196)));
        assert_eq!(reduced_color(Color::Rgb(0x25, 0x2c, 0x36), Depth::Indexed), Some(Color::Indexed(236)));
        assert_eq!(reduced_color(Color::Indexed(160), Depth::Ansi), Some(Color::Indexed(9)));
        assert_eq!(reduced_color(Color::Indexed(28), Depth::Ansi), Some(Color::Indexed(2)));
        assert_eq!(reduced_color(Color::Rgb(1, 2, 3), Depth::Mono), None);
    }

    #[test]
    fn every_colour_of_the_256_is_its_own_nearest() {
        for n in 16..=255 {
            let (r, g, b) = rgb(n);
            assert_eq!(rgb(nearest_indexed(r, g, b)), (r, g, b), "{n}");
        }
    }

    #[test]
    fn a_ground_that_is_lost_becomes_reverse() {
        let style = Style::new().fg(Color::Rgb(255, 255, 255)).bg(Color::Rgb(0, 95, 135));
        assert_eq!(reduced(Role::Selected, style, Depth::Mono), Style::new().add_modifier(Modifier::REVERSED));
        assert_eq!(reduced(Role::Text, style, Depth::Mono), Style::new());
    }

    #[test]
    fn on_the_palette_a_ground_gets_a_text_that_can_be_read() {
        let style = Style::new().fg(Color::Rgb(255, 255, 255)).bg(Color::Rgb(0, 95, 135));
        assert_eq!(
            reduced(Role::Practice, style, Depth::Ansi),
            Style::new().fg(Color::Indexed(0)).bg(Color::Indexed(6))
        );
    }
}
