//! Copies by OSC 52: the terminal takes the text, also at the other end of an SSH session. No terminal says whether it did.

use data_encoding::BASE64;

use crate::domain::clean::clean_lines;

use super::multiplexer::{Multiplexer, passed_through};

/// The longest text, in bytes: with it the whole sequence has 100,000 bytes, which is what most terminals take.
pub const MOST: usize = 74_994;

/// A text on its way to the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// What is to be written to the terminal.
    pub sequence: Vec<u8>,
    /// What can be said about it.
    pub said: String,
}

/// Why a text is not copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCopied {
    /// There is nothing.
    #[error("there is nothing to copy here")]
    Empty,
    /// There is too much.
    #[error("not copied: {0} bytes are more than the {MOST} that terminals take; export it to a file instead")]
    TooLong(usize),
}

/// Makes the sequence for a text. What steers terminals is taken out of it: it will be pasted into a shell.
///
/// # Errors
/// [`NotCopied`].
pub fn copy(text: &str, within: Multiplexer) -> Result<Copy, NotCopied> {
    let text = clean_lines(text);
    match text.len() {
        0 => return Err(NotCopied::Empty),
        long if long > MOST => return Err(NotCopied::TooLong(long)),
        _ => {}
    }
    let plain = format!("\x1b]52;c;{}\x07", BASE64.encode(text.as_bytes())).into_bytes();
    let bytes = text.len();
    let unit = if bytes == 1 { "byte" } else { "bytes" };
    Ok(match within {
        Multiplexer::None => Copy {
            sequence: plain,
            said: format!("sent {bytes} {unit} to the terminal's clipboard; whether it took them cannot be known"),
        },
        // To tmux itself, where it takes them (`set-clipboard on`), and past it, where it lets them through.
        Multiplexer::Tmux => Copy {
            sequence: [plain.clone(), passed_through(&plain)].concat(),
            said: format!(
                "sent {bytes} {unit} through tmux to the terminal's clipboard; whether they got through cannot be known \
                 (tmux needs `set-clipboard on` or `allow-passthrough on`)"
            ),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(sequence: &[u8]) -> String {
        let text = String::from_utf8(sequence.to_vec()).unwrap();
        let inside = text.strip_prefix("\x1b]52;c;").and_then(|rest| rest.strip_suffix('\x07')).unwrap();
        String::from_utf8(BASE64.decode(inside.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_text_goes_out_as_base64_and_what_is_said_claims_no_more_than_is_known() {
        let copy = copy("2 of 2 names moved\n→ Dublin", Multiplexer::None).unwrap();
        assert_eq!(decoded(&copy.sequence), "2 of 2 names moved\n→ Dublin");
        assert_eq!(copy.said, "sent 29 bytes to the terminal's clipboard; whether it took them cannot be known");
    }

    #[test]
    fn what_would_be_pasted_is_clean() {
        let copy = copy("a\u{1b}[31m\u{202e}b\u{7}", Multiplexer::None).unwrap();
        assert_eq!(decoded(&copy.sequence), "a\u{fffd}[31m\u{fffd}b\u{fffd}");
    }

    #[test]
    fn the_longest_text_makes_a_sequence_of_a_hundred_thousand_bytes_and_a_longer_one_is_refused() {
        let longest = "x".repeat(MOST);
        assert_eq!(copy(&longest, Multiplexer::None).unwrap().sequence.len(), 100_000);
        assert_eq!(copy(&format!("{longest}y"), Multiplexer::None), Err(NotCopied::TooLong(MOST + 1)));
        assert_eq!(copy("", Multiplexer::Tmux), Err(NotCopied::Empty));
    }

    #[test]
    fn within_tmux_it_goes_to_tmux_and_past_it() {
        let plain = copy("um1", Multiplexer::None).unwrap().sequence;
        let copy = copy("um1", Multiplexer::Tmux).unwrap();
        let past = copy.sequence.strip_prefix(plain.as_slice()).unwrap();
        assert_eq!(past, b"\x1bPtmux;\x1b\x1b]52;c;dW0x\x07\x1b\\");
        assert!(copy.said.contains("allow-passthrough"));
    }
}
