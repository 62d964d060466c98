//! What is drawn, from the whole screen down to a line.

mod bars;
mod cards;
mod certificates;
mod detail;
mod detail_certificate;
mod detail_finding;
mod detail_name;
mod detail_plan;
mod detail_run;
mod detail_server;
mod detail_site;
mod dns;
mod dns_servers;
mod events;
mod faults;
mod finder;
mod findings;
mod frame;
mod guide;
mod header;
mod list;
mod network;
mod plans;
mod prompt;
mod readiness;
mod runs;
mod server_line;
mod site_lines;
mod site_notes;
mod sites;
mod typing;

pub(super) use frame::draw;
