//! The OPTIONS requests of one connection: written once, then only what differs is changed.

use std::ops::Range;

use super::build::OptionsRequest;
use super::identity::Identity;

/// One connection's requests, one after the other.
///
/// Each has a branch and a tag of its own and the next sequence number; all other bytes stay as they are.
#[derive(Debug, Clone)]
pub struct Requests {
    identity: Identity,
    text: Vec<u8>,
    branch: Range<usize>,
    tag: Range<usize>,
    cseq: Range<usize>,
}

impl Requests {
    /// Prepares what comes after `request`: all but its branch and sequence number.
    #[must_use]
    pub fn after(request: &OptionsRequest<'_>) -> Self {
        // A branch of the usual length, so that the next ones fit in its place.
        let identity = Identity::new(0, request.identity.call_id.clone(), request.identity.cseq);
        let mut text = Vec::with_capacity(512);
        let [branch, tag, cseq] = OptionsRequest { identity: &identity, ..*request }.write_marked(&mut text);
        Self { identity, text, branch, tag, cseq }
    }

    /// Goes on to the next request.
    pub fn advance(&mut self, random: u64) {
        self.identity.advance(random);
        self.text[self.branch.clone()].copy_from_slice(self.identity.branch.as_bytes());
        self.text[self.tag.clone()].copy_from_slice(self.identity.tag().as_bytes());
        let (digits, start) = decimal(self.identity.cseq);
        let digits = &digits[start..];
        if digits.len() == self.cseq.len() {
            self.text[self.cseq.clone()].copy_from_slice(digits);
        } else {
            self.text.splice(self.cseq.clone(), digits.iter().copied());
            self.cseq.end = self.cseq.start + digits.len();
        }
    }

    /// What the answer to the present request has to bring back.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The present request.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.text
    }
}

/// A number's digits, and where in the array they begin.
fn decimal(mut number: u32) -> ([u8; 10], usize) {
    let (mut digits, mut start) = ([b'0'; 10], 9);
    loop {
        digits[start] = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        if number == 0 {
            return (digits, start);
        }
        start -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(identity: &Identity) -> OptionsRequest<'_> {
        let (uri, from) = ("sip:um1.contoso.com:5061;transport=tls", "console.contoso.com");
        OptionsRequest { uri, from, transport: "TLS", local: "127.0.0.1:5555".parse().unwrap(), identity }
    }

    #[test]
    fn each_request_is_as_if_it_were_written_anew() {
        let first = Identity::new(7, "abc@console".to_owned(), 0);
        let mut requests = Requests::after(&request(&first));
        for cseq in 1..=1100 {
            let random = u64::from(cseq).wrapping_mul(0x0123_4567_89ab_cdef);
            requests.advance(random);
            let identity = Identity::new(random, "abc@console".to_owned(), cseq);
            assert_eq!(requests.identity(), &identity);
            let mut anew = Vec::new();
            request(&identity).write(&mut anew);
            assert_eq!(requests.bytes(), anew);
        }
    }

    #[test]
    fn digits_are_those_of_the_library() {
        for number in [0, 1, 9, 10, 99, 100, 0x7fff_ffff, u32::MAX] {
            let (digits, start) = decimal(number);
            assert_eq!(digits[start..], *number.to_string().as_bytes());
        }
    }
}
