//! Cutting a stream into messages (RFC 3261 §18.3, §7.5).

use super::message::{HEAD_CAP, Message, Note, ParseError, check_first_line, head_end};

/// Takes bytes as they arrive and gives whole messages, whatever the chunks were.
///
/// Memory stays below [`HEAD_CAP`] plus the body's cap plus one chunk, when [`Framer::next_message`] is called until
/// it gives nothing after each chunk. After an error the stream has no boundary any more: the connection is to be closed.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Up to here no end of the head begins.
    scanned: usize,
    /// Whether the first line was found to be one of SIP.
    started: bool,
    /// A head whose body is not whole yet, and the body's length.
    waiting: Option<(Message, usize)>,
    failed: Option<ParseError>,
}

impl Framer {
    /// A framer at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next whole message, if it is there.
    ///
    /// # Errors
    /// [`ParseError`] once the stream cannot be understood; the same from then on.
    pub fn next_message(&mut self) -> Result<Option<Message>, ParseError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.advance().inspect_err(|error| {
            self.failed = Some(error.clone());
        })
    }

    /// What arrived and is no whole message yet; line ends between messages do not count.
    #[must_use]
    pub fn pending(&self) -> Option<&[u8]> {
        (self.waiting.is_some() || !self.buffer.is_empty()).then_some(self.buffer.as_slice())
    }

    fn advance(&mut self) -> Result<Option<Message>, ParseError> {
        if self.waiting.is_none() {
            self.waiting = self.take_head()?;
        }
        let Some((mut message, length)) = self.waiting.take() else { return Ok(None) };
        if self.buffer.len() < length {
            self.waiting = Some((message, length));
            return Ok(None);
        }
        message.body = self.buffer[..length].to_vec();
        self.consume(length);
        Ok(Some(message))
    }

    fn take_head(&mut self) -> Result<Option<(Message, usize)>, ParseError> {
        if !self.started {
            let blank = self.buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.consume(blank);
        }
        let window = &self.buffer[..self.buffer.len().min(HEAD_CAP)];
        let Some(end) = head_end(window, self.scanned) else {
            // What speaks something else is told at its first line, not when its head would be whole.
            if !self.started && window.contains(&b'\n') {
                check_first_line(window)?;
                self.started = true;
            }
            self.scanned = window.len().saturating_sub(2);
            return if window.len() < HEAD_CAP { Ok(None) } else { Err(ParseError::Endless) };
        };
        let mut message = Message::of_head(&self.buffer[..end])?;
        let declared = message.content_length()?;
        if declared.is_none() {
            message.notes.push(Note::NoContentLength);
        }
        self.consume(end);
        Ok(Some((message, declared.unwrap_or(0))))
    }

    fn consume(&mut self, count: usize) {
        if count == self.buffer.len() {
            self.buffer.clear();
        } else {
            self.buffer.drain(..count);
        }
        self.scanned = 0;
        self.started = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[u8] =
        b"\r\n\r\nSIP/2.0 200 OK\r\nl: 3\r\nX: a\r\n b\r\n\r\nabc\r\nSIP/2.0 486 Busy\nContent-Length: 0\n\n";

    fn all(chunks: impl Iterator<Item = impl AsRef<[u8]>>) -> Result<Vec<Message>, ParseError> {
        let (mut framer, mut messages) = (Framer::new(), Vec::new());
        for chunk in chunks {
            framer.push(chunk.as_ref());
            while let Some(message) = framer.next_message()? {
                messages.push(message);
            }
        }
        Ok(messages)
    }

    #[test]
    fn keep_alives_and_bare_line_feeds_are_read_over_in_any_chunks() {
        let whole = all([TWO].iter()).unwrap();
        assert_eq!(whole.iter().map(Message::code).collect::<Vec<_>>(), [Some(200), Some(486)]);
        assert_eq!((whole[0].body.as_slice(), whole[0].field("x")), (&b"abc"[..], Some("a   b")));
        for size in 1..TWO.len() {
            assert_eq!(all(TWO.chunks(size)).unwrap(), whole, "chunks of {size}");
        }
    }

    #[test]
    fn a_header_without_end_is_given_up_at_the_cap() {
        let mut framer = Framer::new();
        framer.push(b"SIP/2.0 200 OK\r\n");
        for _ in 0..70 {
            framer.push(&[b'x'; 1024]);
            if framer.next_message().is_err() {
                assert_eq!(framer.next_message(), Err(ParseError::Endless));
                return;
            }
        }
        panic!("read on beyond the cap");
    }

    #[test]
    fn another_protocol_is_seen_at_its_first_line() {
        let mut framer = Framer::new();
        framer.push(b"SSH-2.0-OpenSSH_9.2\r\n");
        assert!(matches!(framer.next_message(), Err(ParseError::StartLine(_))));
    }

    #[test]
    fn lengths_that_differ_are_refused_and_a_missing_one_is_noted() {
        let conflict = all([b"SIP/2.0 200 OK\r\nl: 0\r\nContent-Length: 1\r\n\r\n"].iter());
        assert_eq!(conflict, Err(ParseError::LengthConflict));
        let huge = all([b"SIP/2.0 200 OK\r\nl: 99999999999999999999\r\n\r\n"].iter());
        assert!(matches!(huge, Err(ParseError::Length(_))));
        let missing = all([b"SIP/2.0 200 OK\r\n\r\n"].iter()).unwrap();
        assert_eq!(missing[0].notes, [Note::NoContentLength]);
    }

    #[test]
    fn half_a_message_is_pending_and_a_keep_alive_is_not() {
        let mut framer = Framer::new();
        framer.push(b"\r\n\r\n");
        assert_eq!((framer.next_message(), framer.pending()), (Ok(None), None));
        framer.push(b"SIP/2.0 200 OK\r\nl: 2\r\n\r\nx");
        assert_eq!(framer.next_message(), Ok(None));
        assert!(framer.pending().is_some());
    }
}
