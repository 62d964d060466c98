//! Readiness: all guidelines over a demo that really runs.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod live;
