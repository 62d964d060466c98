//! Messages made out of captured ones: unsigned again, without their fence, and signed with the right key at this time.

use std::net::SocketAddr;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use switchboard::domain::name::Fqdn;
use switchboard::domain::secret::Secret;
use switchboard::domain::topology::TsigAlgorithm;
use switchboard::probe::Clock;
use switchboard::wire::dns::tsig::{Prior, Stamp, TsigKey, sign, verify};
use switchboard::wire::dns::walk;

use crate::bind::over_tcp;

/// The same message byte for byte, without its signature.
pub(crate) fn again(captured: &[u8]) -> Vec<u8> {
    let mut message = captured[..walk::last_record(captured).unwrap()].to_vec();
    let additional = walk::u16_at(&message, 10).unwrap() - 1;
    message[10..12].copy_from_slice(&additional.to_be_bytes());
    message
}

/// The same message without anything about markers.
pub(crate) fn without_marker(captured: &[u8]) -> Vec<u8> {
    let mut message = Message::from_vec(&again(captured)).unwrap();
    message.answers.retain(|record| record.record_type() != RecordType::TXT);
    message.authorities.retain(|record| record.record_type() != RecordType::TXT);
    message.to_vec().unwrap()
}

/// Signs a message now, sends it, and gives the code of the rightly signed answer.
pub(crate) async fn signed_code(server: SocketAddr, mut message: Vec<u8>, secret: &str) -> ResponseCode {
    let secret = data_encoding::BASE64.decode(secret.as_bytes()).unwrap();
    let key = TsigKey::new(&Fqdn::parse("switchboard").unwrap(), TsigAlgorithm::HmacSha256, Secret::new(secret));
    let now = u64::try_from(Clock::start().now().as_second()).unwrap();
    let mac = sign(&mut message, &key, &Stamp::now(now), Prior::Nothing).unwrap();
    let answer = over_tcp(server, &message).await;
    let reply = Message::from_vec(&answer).unwrap();
    assert_eq!(verify(&answer, reply.signature.as_deref().unwrap(), &key, Prior::Request(&mac)), Ok(()));
    reply.response_code
}
