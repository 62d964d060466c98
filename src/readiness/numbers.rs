//! R8: numbers for Outlook Voice Access and the auto attendant are E.164, can be dialled, and belong to one dial plan each.

use std::collections::BTreeMap;

use super::notes::{Found, Notes};
use super::{Input, NumberBook, NumberKind};
use crate::domain::name::DialPlanName;
use crate::domain::topology::{DialPlan, Environment};

const DECLARE: &str = "declare access_numbers and auto_attendants of the dial plan in the topology file";
const WRITE: &str = "write it as + and country code, and see that the carrier has given it to you";
const REAL: &str = "obtain a number that callers can dial";
const ONE: &str = "give each dial plan a number of its own";
const WAIT: &str = "let the numbers be read: `switchboard check`";

pub(super) fn judge(input: &Input<'_>) -> Found {
    let mut notes = Notes::default();
    let Some(book) = &input.facts.numbers else {
        notes.unknown("the declared numbers were not read yet", WAIT);
        return Found::Seen(notes);
    };
    let mut owners: BTreeMap<&str, &DialPlanName> = BTreeMap::new();
    for plan in &input.topology.dial_plans {
        for (what, numbers) in
            [("Outlook Voice Access", &plan.access_numbers), ("auto attendant", &plan.auto_attendants)]
        {
            if numbers.is_empty() {
                notes.unknown(format!("{}: no {what} number is declared", plan.name), DECLARE);
            }
            for number in numbers {
                judge_one(&mut notes, input, book, plan, number);
                unique(&mut notes, &mut owners, book, plan, number);
            }
        }
    }
    Found::Seen(notes)
}

fn judge_one(notes: &mut Notes, input: &Input<'_>, book: &NumberBook, plan: &DialPlan, number: &str) {
    let subject = format!("{}: {number}", plan.name);
    match book.get(number).map(|reading| &reading.kind) {
        None => notes.unknown(format!("{subject} was not read yet"), WAIT),
        Some(NumberKind::Valid) => notes.fine(format!("{subject} is valid")),
        Some(NumberKind::Fictional(owner)) => {
            let told = format!("{subject} is of a range kept for fiction ({owner})");
            // A demo has to have such numbers; anybody else has made a mistake.
            if input.topology.console.environment == Environment::Demo {
                notes.fine(told);
            } else {
                notes.warn(told, REAL);
            }
        }
        Some(NumberKind::Private) => {
            notes.warn(format!("{subject} is a private number: nobody outside can dial it"), REAL);
        }
        Some(NumberKind::Invalid(why)) => notes.fail(format!("{subject} is not valid: {why}"), WRITE),
    }
}

fn unique<'a>(
    notes: &mut Notes,
    owners: &mut BTreeMap<&'a str, &'a DialPlanName>,
    book: &'a NumberBook,
    plan: &'a DialPlan,
    number: &'a str,
) {
    let same = book.get(number).and_then(|reading| reading.e164.as_deref()).unwrap_or(number);
    match owners.insert(same, &plan.name) {
        Some(other) if *other == plan.name => notes.fail(format!("{other} has {same} twice"), ONE),
        Some(other) => notes.fail(format!("{other} and {} both have {same}", plan.name), ONE),
        None => {}
    }
}
