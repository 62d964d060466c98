//! The program: reads the command line, runs the command, prints its error, ends with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(switchboard::cli::run(std::env::args_os()))
}
