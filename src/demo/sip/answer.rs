//! What a SIP server of the demo answers to a request, by its part and its conduct. Bytes as Unified Messaging writes them.

use std::fmt::Write;
use std::net::SocketAddr;

use crate::domain::name::Fqdn;
use crate::domain::server::ServiceState;
use crate::wire::sip::{Message, Reply, Start, check_request};

use super::{Conduct, Role, Speech};

/// What a server does in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A UM server of 2010: redirects calls to its own worker process.
    UmServer2010,
    /// A call router of 2013 and later: redirects calls to a UM service.
    CallRouter {
        /// The Mailbox server behind it.
        to: Fqdn,
    },
    /// A UM service of 2013 and later: redirects calls to its worker process.
    UmService,
    /// A Lync pool.
    Pool,
}

impl Part {
    /// The `Server` header: the UCMA version, and from 2013 on the build of Exchange. 2010 does not name itself.
    fn software(&self) -> &'static str {
        match self {
            Self::UmServer2010 => "RTCC/3.5.0.0",
            Self::CallRouter { .. } | Self::UmService => "RTCC/5.0.0.0 MSExchangeUM/15.01.2507.017",
            Self::Pool => "RTC/5.0",
        }
    }

    /// Where a call is sent on to.
    fn next(&self, own: &Fqdn, tls: bool) -> Option<String> {
        let transport = if tls { "Tls" } else { "Tcp" };
        let contact = |host: &Fqdn, port: u16| {
            let port = port + u16::from(tls);
            Some(format!("<sip:{host}:{port};transport={transport};maddr={host}>"))
        };
        match self {
            Self::UmServer2010 | Self::UmService => contact(own, 5065),
            Self::CallRouter { to } => contact(to, 5062),
            Self::Pool => None,
        }
    }
}

const ALLOW: &str = "INVITE, ACK, CANCEL, OPTIONS, BYE, INFO";
const KNOWN: &[&str] =
    &["INVITE", "ACK", "CANCEL", "OPTIONS", "BYE", "INFO", "REGISTER", "SUBSCRIBE", "NOTIFY", "REFER"];

/// The answer; `None` where there is none to give.
pub(super) fn answer(role: &Role, request: &Message, source: SocketAddr, conduct: Conduct) -> Option<Vec<u8>> {
    let Start::Request { method, .. } = &request.start else { return None };
    if method == "ACK" || conduct.speech == Speech::Hanging {
        return None;
    }
    let reply = reply(role, request, method, conduct).source(source).header("Server", role.part.software());
    Some(as_unified_messaging_writes(&reply.to_bytes()))
}

fn reply<'a>(role: &Role, request: &'a Message, method: &str, conduct: Conduct) -> Reply<'a> {
    if check_request(request).is_err() {
        return Reply::to(request, 400, "Bad Request");
    }
    match (conduct.speech, method) {
        (Speech::Forbidden, _) => Reply::to(request, 403, "Forbidden"),
        (Speech::Unavailable, _) => unavailable(role, request, "The service is not available"),
        (_, "OPTIONS") => options(role, request, conduct.state),
        (_, "INVITE") => invite(role, request, conduct.state),
        (_, "BYE" | "CANCEL" | "INFO") => Reply::to(request, 481, "Call Leg/Transaction Does Not Exist"),
        (_, known) if KNOWN.contains(&known) => Reply::to(request, 405, "Method Not Allowed").header("Allow", ALLOW),
        _ => Reply::to(request, 501, "Not Implemented"),
    }
}

fn options<'a>(role: &Role, request: &'a Message, state: ServiceState) -> Reply<'a> {
    match state {
        ServiceState::Enabled => Reply::to(request, 200, "OK")
            .header("Allow", ALLOW)
            .header("Allow", ALLOW)
            .header("Accept", "application/sdp"),
        ServiceState::NoNewCalls => unavailable(role, request, "The service takes no new calls"),
        ServiceState::Disabled => unavailable(role, request, "The service is disabled"),
    }
}

fn invite<'a>(role: &Role, request: &'a Message, state: ServiceState) -> Reply<'a> {
    let tls = request.vias().next().is_some_and(|via| via.transport.eq_ignore_ascii_case("TLS"));
    match role.part.next(&role.fqdn, tls) {
        Some(contact) if state == ServiceState::Enabled => {
            Reply::to(request, 302, "Moved Temporarily").header("Contact", contact)
        }
        Some(_) => unavailable(role, request, "The service takes no new calls"),
        None => Reply::to(request, 480, "Temporarily Unavailable"),
    }
}

/// 503 with id 5000, "critical application not running" in [MS-OCER], the nearest that is published.
fn unavailable<'a>(role: &Role, request: &'a Message, reason: &str) -> Reply<'a> {
    let diagnostics = format!("5000;reason=\"{reason}\";source=\"{}\"", role.fqdn);
    Reply::to(request, 503, "Service Unavailable").header("ms-diagnostics", diagnostics)
}

/// Header names in upper case, all Via values on one line, Allow in both spellings.
fn as_unified_messaging_writes(reply: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(reply);
    let mut lines = text.trim_end_matches("\r\n").split("\r\n");
    let mut out = lines.next().unwrap_or_default().to_owned();
    let mut before = "";
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        let _ = match (name, before) {
            ("Via", "Via") => write!(out, ", {value}"),
            ("Allow", "Allow") => write!(out, "\r\n{name}: {value}"),
            _ => write!(out, "\r\n{}: {value}", name.to_uppercase()),
        };
        before = name;
    }
    (out + "\r\n\r\n").into_bytes()
}
