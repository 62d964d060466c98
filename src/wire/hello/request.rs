//! The ClientHello that goes out.

use super::suite;

/// Extension numbers (IANA TLS ExtensionType).
const SERVER_NAME: u16 = 0;
const GROUPS: u16 = 10;
const POINT_FORMATS: u16 = 11;
const SIGNATURES: u16 = 13;
const RENEGOTIATION: u16 = 0xff01;

/// secp256r1, secp384r1, secp521r1, x25519.
const GROUP_LIST: &[u16] = &[23, 24, 25, 29];

/// RSA and ECDSA with SHA-256 to SHA-512, then SHA-1 (RFC 5246 §7.4.1.4.1).
const SIGNATURE_LIST: &[u16] = &[0x0401, 0x0403, 0x0501, 0x0503, 0x0601, 0x0603, 0x0201, 0x0203, 0x0202];

/// A ClientHello for TLS 1.2 and below with every suite that servers were seen to choose, in one record.
///
/// `random` need not be secret: no session comes of it.
#[must_use]
pub fn client_hello(server_name: Option<&str>, random: [u8; 32]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend(random);
    body.push(0);
    with_length(&mut body, 2, |out| out.extend(suite::numbers().flat_map(u16::to_be_bytes)));
    body.extend([1, 0]);
    with_length(&mut body, 2, |out| extensions(out, server_name));
    let mut message = vec![1];
    with_length(&mut message, 3, |out| out.extend(&body));
    // Record version 1.0: the only one that every old server accepts in a first record.
    let mut record = vec![22, 3, 1];
    with_length(&mut record, 2, |out| out.extend(&message));
    record
}

fn extensions(out: &mut Vec<u8>, server_name: Option<&str>) {
    if let Some(name) = server_name {
        extension(out, SERVER_NAME, |out| {
            with_length(out, 2, |out| {
                out.push(0);
                with_length(out, 2, |out| out.extend(name.as_bytes()));
            });
        });
    }
    extension(out, GROUPS, |out| with_length(out, 2, |out| numbers(out, GROUP_LIST)));
    extension(out, POINT_FORMATS, |out| out.extend([1, 0]));
    extension(out, SIGNATURES, |out| with_length(out, 2, |out| numbers(out, SIGNATURE_LIST)));
    extension(out, RENEGOTIATION, |out| out.push(0));
}

fn extension(out: &mut Vec<u8>, number: u16, content: impl FnOnce(&mut Vec<u8>)) {
    out.extend(number.to_be_bytes());
    with_length(out, 2, content);
}

fn numbers(out: &mut Vec<u8>, list: &[u16]) {
    out.extend(list.iter().flat_map(|number| number.to_be_bytes()));
}

/// Writes a content behind its length of 2 or 3 bytes. All contents here are far below 64 KiB.
fn with_length(out: &mut Vec<u8>, width: usize, content: impl FnOnce(&mut Vec<u8>)) {
    let mut inner = Vec::new();
    content(&mut inner);
    let length = u32::try_from(inner.len()).unwrap_or(u32::MAX).to_be_bytes();
    out.extend(&length[4 - width..]);
    out.extend(inner);
}
