//! Errors of the TOML reader, without their echoes.

use toml::de::Error;

use super::reader::{Bad, Reader};

/// Reports what is no TOML: the first error of a line, and of a list that is never closed the place where that shows.
pub(super) fn report(reader: &Reader<'_>, errors: &[Error]) {
    let mut errors: Vec<&Error> = errors.iter().collect();
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let unclosed = errors.iter().any(|error| error.message().starts_with("unclosed array"));
    if errors.iter().any(|error| error.message().starts_with("unclosed")) {
        reader.distrust_the_rest();
    }
    let mut line = 0;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        if reader.line(&span) == line {
            continue;
        }
        line = reader.line(&span);
        reader.syntax(&span, &Bad { message: error.message().to_owned(), help: help(error.message()) });
        // All that follows is taken for elements of the list.
        if unclosed && error.message().starts_with("missing comma between array") {
            return;
        }
    }
}

fn help(message: &str) -> Option<String> {
    let help = [
        ("missing comma between array", "or is the list above not closed with `]`?"),
        ("string values must be quoted", "write it in quotes: \"…\""),
        ("duplicate key", "it stands in this table already; a second table of a list begins with its [[…]] line"),
    ];
    help.iter().find(|(start, _)| message.starts_with(start)).map(|(_, help)| (*help).to_owned())
}
