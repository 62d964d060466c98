//! One check for each guideline of the source document. Pure.
