//! What a numbering library says of the declared numbers.
//!
//! Slow when it is asked for the first time (tens of milliseconds, some megabytes of tables), so it is a fact that is made apart,
//! away from the start and from the console's loop, and handed to the check.

use std::collections::BTreeMap;

use super::fictional;
use crate::domain::topology::Topology;

/// The fewest digits of a number with a country code; shorter ones are extensions.
const SHORTEST: usize = 8;

/// Every declared number, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumberBook(BTreeMap<String, Reading>);

/// One number, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// In E.164 form: `+` and digits. Absent for what is none.
    pub e164: Option<String>,
    /// What it is.
    pub kind: NumberKind,
}

/// What a number is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberKind {
    /// A number of its country's numbering plan.
    Valid,
    /// Of a range that is kept for fiction; whose.
    Fictional(&'static str),
    /// An extension or another number of a private plan: nobody outside can dial it.
    Private,
    /// Nothing that can be dialled, and why.
    Invalid(String),
}

impl NumberBook {
    /// Reads every number of the dial plans.
    #[must_use]
    pub fn read(topology: &Topology) -> Self {
        let numbers =
            topology.dial_plans.iter().flat_map(|plan| plan.access_numbers.iter().chain(&plan.auto_attendants));
        Self(numbers.map(|number| (number.clone(), Reading::of(number))).collect())
    }

    /// What is said of a number as it is written.
    #[must_use]
    pub fn get(&self, written: &str) -> Option<&Reading> {
        self.0.get(written)
    }
}

impl Reading {
    /// Reads one number: E.164, with or without `tel:` and visual separators (RFC 3966).
    #[must_use]
    pub fn of(written: &str) -> Self {
        let text = written.trim();
        let text = text.strip_prefix("tel:").unwrap_or(text);
        let none = |kind| Self { e164: None, kind };
        if !text.starts_with('+') {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            let short = digits < SHORTEST && digits > 0;
            let why = "it does not begin with + and a country code";
            return none(if short { NumberKind::Private } else { NumberKind::Invalid(why.to_owned()) });
        }
        let number = match phonenumber::parse(None, text) {
            Ok(number) => number,
            Err(error) => return none(NumberKind::Invalid(error.to_string())),
        };
        if number.extension().is_some() {
            return none(NumberKind::Invalid("an extension is no part of an E.164 number".to_owned()));
        }
        let e164 = number.format().mode(phonenumber::Mode::E164).to_string();
        let kind = match fictional::owner(&e164) {
            Some(owner) => NumberKind::Fictional(owner),
            None if number.is_valid() => NumberKind::Valid,
            None => NumberKind::Invalid(format!("the numbering plan of +{} has no such number", number.code().value())),
        };
        Self { e164: Some(e164), kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_the_numbering_plan_of_their_country() {
        let kind = |text| Reading::of(text).kind;
        assert_eq!(kind("+14258828080"), NumberKind::Valid);
        assert_eq!(kind("tel:+353-1-295-3826"), NumberKind::Valid);
        assert_eq!(Reading::of("+353 (1) 295 3826").e164.as_deref(), Some("+35312953826"));
        assert!(matches!(kind("+14255550100"), NumberKind::Fictional(_)));
        assert_eq!(kind("5100"), NumberKind::Private);
        for bad in ["+1425882808", "+999123456789", "+", "", "14258828080", "+1425882808000", "+14258828080;ext=12"] {
            assert!(matches!(kind(bad), NumberKind::Invalid(_)), "{bad}: {:?}", kind(bad));
        }
    }
}
