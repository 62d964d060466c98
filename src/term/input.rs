//! What comes from the terminal: keys, pasted text, the mouse.

use std::io;
use std::time::Instant;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::app::key::{Code, Key, Named};

use super::split::Joiner;

/// Something that came from the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// A button or the wheel.
    Mouse(Mouse),
}

/// What the mouse did, and where: column and row from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What it did.
    pub kind: MouseKind,
    /// Column, from 0.
    pub column: u16,
    /// Row, from 0.
    pub row: u16,
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button went down.
    Click,
    /// The wheel turned away from the person.
    ScrollUp,
    /// The wheel turned towards the person.
    ScrollDown,
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
        std::thread::Builder::new().name("keys".into()).spawn(move || read(&sender))?;
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

/// Reads until nobody listens any more, or nothing can be read.
fn read(to: &Sender<Input>) {
    let start = Instant::now();
    let mut joiner = Joiner::default();
    loop {
        let more = joiner.patience().map_or(Ok(true), crossterm::event::poll);
        let whole = match more.and_then(|more| more.then(crossterm::event::read).transpose()) {
            Ok(Some(event)) => meaning(event).map_or_else(Vec::new, |input| joiner.take(input, start.elapsed())),
            Ok(None) => joiner.give_up(),
            Err(_) => return,
        };
        for input in whole {
            if to.blocking_send(input).is_err() {
                return;
            }
        }
    }
}

fn meaning(event: Event) -> Option<Input> {
    match event {
        Event::Key(event) if event.kind != KeyEventKind::Release => key(event).map(Input::Key),
        Event::Paste(text) => Some(Input::Paste(text.chars().filter(|c| !c.is_control()).collect())),
        Event::Mouse(event) => mouse(event).map(Input::Mouse),
        _ => None,
    }
}

fn mouse(event: MouseEvent) -> Option<Mouse> {
    let kind = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseKind::Click,
        MouseEventKind::ScrollUp => MouseKind::ScrollUp,
        MouseEventKind::ScrollDown => MouseKind::ScrollDown,
        _ => return None,
    };
    Some(Mouse { kind, column: event.column, row: event.row })
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
    fn the_mouse_clicks_and_scrolls_and_nothing_else() {
        let at = |kind| meaning(Event::Mouse(MouseEvent { kind, column: 3, row: 7, modifiers: KeyModifiers::NONE }));
        let wanted = |kind| Some(Input::Mouse(Mouse { kind, column: 3, row: 7 }));
        assert_eq!(at(MouseEventKind::Down(MouseButton::Left)), wanted(MouseKind::Click));
        assert_eq!(at(MouseEventKind::ScrollUp), wanted(MouseKind::ScrollUp));
        assert_eq!(at(MouseEventKind::ScrollDown), wanted(MouseKind::ScrollDown));
        for other in
            [MouseEventKind::Up(MouseButton::Left), MouseEventKind::Moved, MouseEventKind::Down(MouseButton::Right)]
        {
            assert_eq!(at(other), None);
        }
    }

    #[test]
    fn a_key_that_is_let_go_is_no_key() {
        let released = KeyEvent::new_with_kind(KeyCode::Char('q'), KeyModifiers::NONE, KeyEventKind::Release);
        assert_eq!(meaning(Event::Key(released)), None);
    }
}
