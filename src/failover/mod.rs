//! Plans, rules and the run's state machine. Pure.
