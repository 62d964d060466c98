//! Switchboard watches the Exchange Unified Messaging servers behind a Lync or Skype for Business deployment and carries a
//! failed site's traffic to another one.
//!
//! Rooms, from the inside out; who may use whom is kept by `tests/layering.rs`:
//!
//! | room | job |
//! |---|---|
//! | [`domain`] | what things are and how they are judged (pure) |
//! | [`wire`] | codecs: SIP, TLS hello, DNS, state JSON (pure) |
//! | [`failover`], [`readiness`] | plans and rules; guidelines as checks (pure) |
//! | [`config`] | the topology file |
//! | [`child`] | running a command |
//! | [`probe`], [`backend`], [`executor`] | asking the network; changing it; carrying a plan out |
//! | [`app`] | the console's state (pure) |
//! | [`ui`], [`term`] | drawing it (ratatui); the terminal (crossterm) |
//! | [`runtime`] | the loop |
//! | [`report`] | text and JSON |
//! | [`demo`] | the embedded topology |
//! | [`cli`] | the commands |

pub mod app;
pub mod backend;
pub mod child;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod executor;
pub mod failover;
pub mod probe;
pub mod readiness;
pub mod report;
pub mod runtime;
pub mod term;
pub mod ui;
pub mod wire;
