//! Which cmdlet works on which version of Exchange, checked where a command line names one.
//!
//! Scripts hide what they call; what they are called with is checked all the same (PS/Enable-UMService, PS/Set-UMService).

use crate::domain::act::Verb;
use crate::domain::name::Fqdn;
use crate::domain::server::{Server, Version};

/// A command that does not work on this server's version, or does more than it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {verb} command for {server} ({product}) uses {cmdlet}, {why}", verb = .verb.word())]
pub struct WrongVerb {
    /// The server.
    pub server: Fqdn,
    /// Its product.
    pub product: &'static str,
    /// What the command is for.
    pub verb: Verb,
    /// What it uses.
    pub cmdlet: &'static str,
    /// Why that is wrong, and what is right.
    pub why: &'static str,
}

/// One cmdlet, or part of a command line, and where it does not belong.
struct Misfit {
    word: &'static str,
    wrong_for: fn(Version) -> bool,
    why: &'static str,
}

const NEW_ONLY: &str = "which works on Exchange 2007 and 2010 only: 2013 and later use Set-ServerComponentState and clear their own requester";
const OLD_ONLY: &str =
    "which Exchange 2010 does not have: use Set-UMServer -Status, Enable-UMServer and Disable-UMServer";

const MISFITS: &[Misfit] = &[
    Misfit { word: "Enable-UMServer", wrong_for: Version::has_call_router, why: NEW_ONLY },
    Misfit { word: "Disable-UMServer", wrong_for: Version::has_call_router, why: NEW_ONLY },
    Misfit { word: "Set-UMServer", wrong_for: Version::has_call_router, why: NEW_ONLY },
    Misfit { word: "Enable-UMService", wrong_for: Version::has_call_router, why: NEW_ONLY },
    Misfit { word: "Disable-UMService", wrong_for: Version::has_call_router, why: NEW_ONLY },
    Misfit {
        word: "Set-UMService",
        wrong_for: Version::has_call_router,
        why: "whose -Status is no longer used: use Set-ServerComponentState",
    },
    Misfit { word: "Set-ServerComponentState", wrong_for: is_old, why: OLD_ONLY },
    Misfit { word: "Set-UMCallRouterSettings", wrong_for: is_old, why: OLD_ONLY },
    Misfit {
        word: "2010",
        wrong_for: Version::has_call_router,
        why: "the profile of Exchange 2010: take the one of 2013",
    },
    Misfit { word: "2013", wrong_for: is_old, why: "the profile of Exchange 2013: take the one of 2010" },
    Misfit { word: "2016", wrong_for: is_old, why: "the profile of Exchange 2016: take the one of 2010" },
    Misfit { word: "-DialPlans", wrong_for: always, why: "which replaces the server's whole list of dial plans" },
    Misfit { word: "-Immediate", wrong_for: always, why: "which cuts calls in progress; drain instead" },
    Misfit {
        word: "Disable-UMIPGateway",
        wrong_for: always,
        why: "which stops all calls of that pool for every dial plan",
    },
];

fn is_old(version: Version) -> bool {
    !version.has_call_router()
}

fn always(_: Version) -> bool {
    true
}

/// Verbs and the cmdlets that do the opposite.
const OPPOSITE: &[(Verb, &str)] = &[
    (Verb::Enable, "Disable-UM"),
    (Verb::Disable, "Enable-UM"),
    (Verb::Drain, "Enable-UM"),
    (Verb::Drain, "Disable-UM"),
];

/// Checks a command line for a server.
///
/// # Errors
/// [`WrongVerb`] when it names something that does not belong there.
pub fn check_verb(server: &Server, verb: Verb, argv: &[String]) -> Result<(), WrongVerb> {
    let wrong = |cmdlet, why| {
        Err(WrongVerb { server: server.fqdn.clone(), product: server.version.product(), verb, cmdlet, why })
    };
    let line = argv.join(" ").to_ascii_lowercase();
    for misfit in MISFITS {
        if holds_word(&line, misfit.word) && (misfit.wrong_for)(server.version) {
            return wrong(misfit.word, misfit.why);
        }
    }
    match OPPOSITE.iter().find(|(of, cmdlet)| *of == verb && line.contains(&cmdlet.to_ascii_lowercase())) {
        Some((_, cmdlet)) => wrong(cmdlet, "which is another verb: give each verb its own command"),
        None => Ok(()),
    }
}

/// Whole words only: `Set-UMServer` is not `Set-UMServerX`.
fn holds_word(line: &str, word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let whole = |at: usize| {
        let after = line.get(at + word.len()..).and_then(|rest| rest.chars().next());
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        after.is_none_or(|c| !c.is_ascii_alphanumeric()) && before.is_none_or(|c| !c.is_ascii_alphanumeric())
    };
    line.match_indices(&word).any(|(at, _)| whole(at))
}
