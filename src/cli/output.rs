//! Text to standard output, messages to standard error. A reader that has gone away is no error.

use std::io::{self, Write};

use serde::Serialize;

use super::context::environment;
use crate::domain::clean::Clean;

/// Writes text for people, as it is. The caller has cleaned what came from outside.
pub(crate) fn print(text: &str) -> io::Result<()> {
    forgiving(write_all(&mut io::stdout().lock(), text))
}

/// Writes one line.
pub(crate) fn line(text: &str) -> io::Result<()> {
    print(&format!("{text}\n"))
}

/// Writes a JSON document, one line.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    Ok(line(&serde_json::to_string(value)?)?)
}

/// Writes a message to standard error; when even that fails there is nobody left to tell.
pub(crate) fn note(text: &str) {
    let _nobody_listens = write_all(&mut io::stderr().lock(), &format!("{text}\n"));
}

/// Writes an error with its causes.
pub(crate) fn error(error: &anyhow::Error) {
    note(&clean_lines(&format!("switchboard: {}", with_causes(error))));
}

/// An error and its causes, without those that the message before has told already.
fn with_causes(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !told.ends_with(&cause) {
            told = if told.is_empty() { cause } else { format!("{told}: {cause}") };
        }
    }
    told
}

/// Cleans each line of a text that may repeat what came from outside.
pub(crate) fn clean_lines(text: &str) -> String {
    text.lines().map(|line| Clean::new(line).to_string()).collect::<Vec<_>>().join("\n")
}

/// Whether to colour what goes to a terminal (<https://no-color.org>).
pub(crate) fn colours(terminal: bool) -> bool {
    let unset = |name: &str| environment(name).is_none_or(|value| value.is_empty());
    terminal && unset("NO_COLOR") && environment("TERM").as_deref() != Some("dumb")
}

fn write_all(to: &mut impl Write, text: &str) -> io::Result<()> {
    to.write_all(text.as_bytes())?;
    to.flush()
}

/// `switchboard check | head -1` is a way to use the program; its exit code stays what the command says.
fn forgiving(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_forgiven_and_a_full_disk_is_not() {
        assert!(forgiving(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        assert!(forgiving(Err(io::ErrorKind::StorageFull.into())).is_err());
    }

    #[test]
    fn every_line_of_a_message_is_cleaned() {
        assert_eq!(clean_lines("a\u{1b}[31m\nb\u{202e}"), "a\u{fffd}[31m\nb\u{fffd}");
    }

    #[test]
    fn a_cause_is_told_once() {
        let full = anyhow::anyhow!("disk full").context("cannot write a: disk full");
        assert_eq!(with_causes(&full), "cannot write a: disk full");
        let full = anyhow::anyhow!("disk full").context("cannot write a").context("no demo");
        assert_eq!(with_causes(&full), "no demo: cannot write a: disk full");
    }
}
