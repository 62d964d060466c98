//! What the field's things are and how they are judged. Pure: time comes in as an argument, nothing goes out.

pub mod act;
pub mod attention;
pub mod certificate;
pub mod clean;
pub mod fence;
pub mod finding;
pub mod health;
pub mod judge;
pub mod marker;
pub mod name;
pub mod observation;
pub mod place;
pub mod policy;
pub mod secret;
pub mod server;
pub mod topology;
pub mod ttl_book;
pub mod watch;
