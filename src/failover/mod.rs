//! Plans, rules and the run's state machine. Pure: what was observed and the time come in, decisions go out.

mod canonical;
pub mod outlook;
pub mod plan;
pub mod planner;
pub mod rules;
pub mod run;
pub mod runbook;
