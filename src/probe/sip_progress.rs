//! How far a probe has come, so that a deadline can say what was waited for.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::observation::{SipFailure, TlsFailure, TlsSession};
use crate::wire::sip::{Message, Start};

use super::sip_failure::unfinished;
use super::tls::Witness;

/// What is being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Phase {
    /// A connection.
    #[default]
    Connecting,
    /// The end of the TLS handshake.
    Handshaking,
    /// The answer.
    Waiting,
}

/// Lives outside the future that a deadline drops.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// What is being waited for.
    pub(super) phase: Phase,
    /// Who saw the handshake that is under way.
    pub(super) witness: Option<Arc<Witness>>,
    /// What TLS showed so far.
    pub(super) session: Option<Arc<TlsSession>>,
    /// What is known already while more is being found out about it.
    pub(super) known: Option<SipFailure>,
    stray: Option<SipFailure>,
    half: Option<SipFailure>,
}

impl Progress {
    /// Remembers a message that is not the answer.
    pub(super) fn stray(&mut self, message: &Message) {
        if let Start::Status { code, reason } = &message.start {
            // Any provisional answer, and whatever else belongs to the question, was sorted out before.
            self.stray = Some(SipFailure::NotOurs(format!("{code} {reason}").into()));
        }
    }

    /// Remembers bytes that were no message at all; only datagrams can be read on after that.
    pub(super) fn noise(&mut self, failure: SipFailure) {
        self.stray = Some(failure);
    }

    /// Remembers the beginning of a message.
    pub(super) fn half(&mut self, bytes: Option<&[u8]>) {
        self.half = bytes.map(unfinished);
    }

    /// The failure of a stranger's whole answer, or of an answer that began and did not end.
    pub(super) fn unfinished(&mut self) -> Option<SipFailure> {
        self.stray.take().or_else(|| self.half.take())
    }

    /// Keeps a certificate that came before the deadline did.
    pub(super) fn keep_what_was_seen(&mut self, at: Timestamp) {
        if self.session.is_none() {
            self.session = self.witness.as_ref().and_then(|witness| witness.session(None, at)).map(Arc::new);
        }
    }

    /// What to say when the deadline passes now.
    pub(super) fn timed_out(&mut self) -> SipFailure {
        match self.phase {
            Phase::Connecting => SipFailure::ConnectTimeout,
            Phase::Handshaking => self.known.take().unwrap_or(SipFailure::Tls(TlsFailure::Timeout)),
            Phase::Waiting => self.unfinished().unwrap_or(SipFailure::Silent),
        }
    }
}
