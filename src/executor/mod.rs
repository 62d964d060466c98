//! Carries a plan out and writes it down: journal, lock, execution.
