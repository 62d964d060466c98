//! Reading a server's certificate in clear text (RFC 2246, 4346, 5246): one ClientHello of TLS 1.2 and below goes out, and
//! ServerHello, Certificate and CertificateRequest come back unencrypted.
//!
//! For servers that modern libraries refuse to talk to. Makes no session and proves nothing: whoever holds a copy of a
//! certificate can present it. Pure: knows no socket.

mod request;
mod server;
mod suite;

pub use request::client_hello;
pub use server::{Hello, HelloError, Reader};
pub use suite::{is_modern, suite_name};
