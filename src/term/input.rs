//! What comes from the terminal: keys, pasted text, another size.

use std::io;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::{Receiver, channel};

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

/// Inputs that wait to be taken; the thread waits when it is full.
const WAITING: usize = 256;

/// What comes, read by a thread of its own.
///
/// crossterm reads a terminal that hung up over and over again and never returns, also from a poll without waiting: no other
/// thread may ever call it. Made once and kept, also while suspended: a second reader would steal keys.
#[derive(Debug)]
pub struct Inputs(Receiver<Input>);

impl Inputs {
    /// Starts to listen.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn listen() -> io::Result<Self> {
        let (sender, receiver) = channel(WAITING);
        std::thread::Builder::new().name("keys".into()).spawn(move || {
            while let Ok(event) = crossterm::event::read() {
                if meaning(event).is_some_and(|input| sender.blocking_send(input).is_err()) {
                    return;
                }
            }
        })?;
        Ok(Self(receiver))
    }

    /// The next input; `None` when nothing can come any more.
    pub async fn next(&mut self) -> Option<Input> {
        self.0.recv().await
    }

    /// The next input that is there already.
    pub fn ready(&mut self) -> Option<Input> {
        self.0.try_recv().ok()
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
