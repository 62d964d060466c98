//! Mutated answers: every one gives a typed result, none a panic or a false success.

use hickory_proto::op::Message;
use hickory_proto::rr::RecordType;
use switchboard::domain::observation::DnsKind;
use switchboard::wire::dns::answer::{self, Half};
use switchboard::wire::dns::question::{Question, Reading, read};
use switchboard::wire::dns::tsig::{self, Prior, Stamp};
use switchboard::wire::dns::{key_check, to_name};

use crate::support::{MARKER, UM1, key, name, now, over_tcp, primary};

/// A small generator, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.roll(4) {
            let at = 12 + self.roll(bytes.len() - 12);
            match self.roll(5) {
                0 => bytes[at] = 0xFF,
                1 => bytes[at] = 0xC0,
                2 => bytes[4 + self.roll(8)] = u8::try_from(self.roll(256)).unwrap(),
                3 if bytes.len() > 40 => drop(bytes.remove(at)),
                _ => bytes[at] = u8::try_from(self.roll(256)).unwrap(),
            }
        }
        if self.roll(8) == 0 {
            bytes.truncate(self.roll(bytes.len()));
        }
        bytes
    }
}

#[tokio::test]
async fn ten_thousand_mutations_of_real_answers_give_typed_results() {
    let primary = primary().await;
    let mut dice = Dice(0x5EED);
    let asked = [
        (UM1, RecordType::A),
        ("many.contoso.com", RecordType::A),
        ("voice.contoso.com", RecordType::A),
        (MARKER, RecordType::TXT),
        ("contoso.com", RecordType::SOA),
        ("um9.contoso.com", RecordType::AAAA),
    ];
    for (host, kind) in asked {
        let name = to_name(&name(host));
        let mut sent = Question { id: 7, name: name.clone(), kind, recursion: false }.to_bytes();
        let mac = tsig::sign(&mut sent, &key(), &Stamp::now(now()), Prior::Nothing).unwrap();
        let good = over_tcp(primary.address(), &sent).await.unwrap();
        assert!(matches!(read(&good, &sent), Reading::Ours(_)));
        for _ in 0..2000 {
            let bad = dice.mutate(&good);
            let _ = Message::from_vec(&bad);
            let Reading::Ours(message) = read(&bad, &sent) else { continue };
            let _ = Half::of(&message, &name, DnsKind::Authoritative);
            let _ = answer::serial(&message, &name);
            let _ = answer::texts(&message, &name);
            let verdict = key_check::verdict(&bad, &message, &key(), &mac, now());
            // Letters of a name may change their case under a signature; nothing else may.
            assert!(verdict.is_err() || bad.eq_ignore_ascii_case(&good), "{verdict:?}: {bad:02x?}");
        }
    }
}
