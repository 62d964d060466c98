//! The command line: arguments, and one short file per command.
