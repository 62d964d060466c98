//! R7: the tool that manages the servers is there: each command backend's own `check` command ends well on this host.

use super::Input;
use super::notes::{Found, Notes};
use crate::domain::name::BackendName;
use crate::domain::topology::{Backend, Command, FailoverMethod};
use crate::domain::watch::command_failure_words;

const DECLARE: &str = "declare `check` at the backend: a command that ends with 0 when the management shell is there";
const RUN: &str = "run it: `switchboard check` does";
const MEND: &str = "install the Exchange management tools on this host, and see that the account may use them";
const NONE: &str = "declare a backend of type \"command\" that enables and disables the servers";

pub(super) fn judge(input: &Input<'_>) -> Found {
    if !input.has(FailoverMethod::EnableDisable) {
        return Found::NotApplicable("every dial plan fails over by DNS: a failover manages no server".to_owned());
    }
    let mut notes = Notes::default();
    let backends = input.topology.backends.iter().filter_map(|(name, backend)| match backend {
        Backend::Command(command) => Some((name, command)),
        Backend::DnsUpdate(_) => None,
    });
    for (name, command) in backends {
        judge_one(&mut notes, input, name, command);
    }
    if notes.is_empty() {
        notes.fail("no command backend is declared", NONE);
    }
    Found::Seen(notes)
}

fn judge_one(notes: &mut Notes, input: &Input<'_>, name: &BackendName, command: &Command) {
    let Some(argv) = &command.check else {
        return notes.unknown(format!("backend {name} has no `check` command"), DECLARE);
    };
    let program = argv.first().map(String::as_str).unwrap_or_default();
    match input.facts.tools.get(name) {
        None => notes.unknown(format!("the `check` command of backend {name} was not run"), RUN),
        Some(Ok(())) => {
            notes.fine(format!("the `check` command of backend {name} ({program}) ended with 0 on this host"));
        }
        Some(Err(failure)) => {
            let words = command_failure_words(failure);
            notes.fail(format!("the `check` command of backend {name} ({program}) {words}"), MEND);
        }
    }
}
