//! Runs a command as a child process: argument list, JSON on standard input, deadline, whole process group ended, output capped.
//!
//! Knows no shell, and nothing of what the command means.
