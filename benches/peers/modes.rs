//! What a program has put a terminal into and not taken back, read from its bytes.

/// Modes by number, and what they are.
const MODES: &[(&str, &str)] = &[
    ("1", "cursor keys"),
    ("47", "alternate screen"),
    ("1047", "alternate screen"),
    ("1049", "alternate screen"),
    ("1000", "mouse"),
    ("1002", "mouse"),
    ("1003", "mouse"),
    ("1005", "mouse"),
    ("1006", "mouse"),
    ("1015", "mouse"),
    ("1004", "focus"),
    ("2004", "paste"),
    ("2026", "synchronised update"),
];

/// What is on at the end of the bytes.
pub(crate) fn left_on(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let (mut on, mut kitty) = (Vec::<&str>::new(), 0_i32);
    let mut set = |name: &'static str, value: bool| {
        on.retain(|other| *other != name);
        if value {
            on.push(name);
        }
    };
    for part in text.split('\u{1b}').skip(1) {
        match part.chars().next() {
            Some('=') => set("keypad", true),
            Some('>') => set("keypad", false),
            Some('[') => {
                let Some(end) = part[1..].find(|c: char| ('@'..='~').contains(&c)).map(|at| at + 1) else { continue };
                let (parameters, last) = (&part[1..end], &part[end..=end]);
                match (parameters.chars().next(), last) {
                    (Some('?'), "h" | "l") => {
                        for number in parameters[1..].split(';') {
                            if number == "25" {
                                set("hidden cursor", last == "l");
                            } else if let Some((_, name)) = MODES.iter().find(|mode| mode.0 == number) {
                                set(name, last == "h");
                            }
                        }
                    }
                    (Some('>'), "u") => kitty += 1,
                    (Some('<'), "u") => kitty = (kitty - parameters[1..].parse().unwrap_or(1)).max(0),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let mut left: Vec<String> = on.into_iter().map(str::to_owned).collect();
    if kitty > 0 {
        left.push("kitty keyboard".into());
    }
    let mut screen = vt100::Parser::default();
    screen.process(bytes);
    let screen = screen.screen();
    let coloured = screen.fgcolor() != vt100::Color::Default || screen.bgcolor() != vt100::Color::Default;
    if coloured || screen.bold() || screen.dim() || screen.inverse() || screen.underline() {
        left.push("style".into());
    }
    left
}
