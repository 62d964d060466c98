//! What is drawn, from the whole screen down to a line.

mod cards;
mod detail;
mod detail_server;
mod events;
mod faults;
mod findings;
mod frame;
mod help;
mod network;
mod plans;
mod server_line;
mod site_lines;
mod sites;

pub(super) use frame::draw;
