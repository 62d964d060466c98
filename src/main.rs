//! The program: reads the command line, runs the command, prints its error, ends with its exit code.

fn main() {}
