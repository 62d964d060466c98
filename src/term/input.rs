//! What comes from the terminal: keys, pasted text, another size.

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::{FutureExt, StreamExt};

use crate::app::key::{Code, Key, Named};

/// Something that came from the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size.
    Resized,
}

/// The stream of what comes. Made once and kept, also while suspended: a new stream can miss the next key.
#[derive(Debug)]
pub struct Inputs(EventStream);

impl Inputs {
    /// Starts to listen.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it starts a thread, which no default should do")]
    pub fn new() -> Self {
        Self(EventStream::new())
    }

    /// The next input; `None` when nothing can come any more.
    pub async fn next(&mut self) -> Option<Input> {
        loop {
            if let Some(input) = meaning(self.0.next().await?.ok()?) {
                return Some(input);
            }
        }
    }

    /// The next input that is there already.
    pub fn ready(&mut self) -> Option<Input> {
        loop {
            if let Some(input) = meaning(self.0.next().now_or_never()??.ok()?) {
                return Some(input);
            }
        }
    }
}

fn meaning(event: Event) -> Option<Input> {
    match event {
        Event::Key(event) if event.kind != KeyEventKind::Release => key(event).map(Input::Key),
        Event::Paste(text) => Some(Input::Paste(text.chars().filter(|c| !c.is_control()).collect())),
        Event::Resize(..) => Some(Input::Resized),
        _ => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    let named = |name| Some(Code::Named(name));
    let code = match event.code {
        KeyCode::Char(' ') => named(Named::Space),
        KeyCode::Char(c) => Some(Code::Char(c)),
        KeyCode::F(n) => Some(Code::Function(n)),
        KeyCode::Enter => named(Named::Enter),
        KeyCode::Esc => named(Named::Esc),
        KeyCode::Tab => named(Named::Tab),
        KeyCode::BackTab => named(Named::BackTab),
        KeyCode::Backspace => named(Named::Backspace),
        KeyCode::Up => named(Named::Up),
        KeyCode::Down => named(Named::Down),
        KeyCode::Left => named(Named::Left),
        KeyCode::Right => named(Named::Right),
        KeyCode::Home => named(Named::Home),
        KeyCode::End => named(Named::End),
        KeyCode::PageUp => named(Named::PageUp),
        KeyCode::PageDown => named(Named::PageDown),
        KeyCode::Delete => named(Named::Delete),
        KeyCode::Insert => named(Named::Insert),
        _ => None,
    }?;
    let held = |modifier| event.modifiers.contains(modifier);
    Some(Key { code, ctrl: held(KeyModifiers::CONTROL), alt: held(KeyModifiers::ALT) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Option<Input> {
        meaning(Event::Key(KeyEvent::new(code, modifiers)))
    }

    #[test]
    fn shift_is_part_of_the_character_and_ctrl_is_not() {
        assert_eq!(pressed(KeyCode::Char('G'), KeyModifiers::SHIFT), Some(Input::Key(Key::char('G'))));
        assert_eq!(pressed(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Input::Key(Key::ctrl('c'))));
        assert_eq!(pressed(KeyCode::BackTab, KeyModifiers::SHIFT), Some(Input::Key(Key::named(Named::BackTab))));
    }

    #[test]
    fn pasted_text_loses_what_steers_and_never_becomes_keys() {
        assert_eq!(meaning(Event::Paste("q\u{3}\u{1b}[A".into())), Some(Input::Paste("q[A".into())));
    }

    #[test]
    fn a_key_that_is_let_go_is_no_key() {
        let released = KeyEvent::new_with_kind(KeyCode::Char('q'), KeyModifiers::NONE, KeyEventKind::Release);
        assert_eq!(meaning(Event::Key(released)), None);
    }
}
