//! What was sent as a chain: its order, and whether it is whole. Says nothing about trust.

use serde::Serialize;

use super::Facts;
use crate::domain::clean::Clean;

/// The order and completeness of a presented chain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Shape {
    /// Positions from the leaf up, each the issuer of the one before.
    pub path: Vec<usize>,
    /// Whether they were sent in that order (RFC 5246 §7.4.2), with nothing between them.
    pub in_order: bool,
    /// How many certificates belong to no path from the leaf.
    pub unused: usize,
    /// The issuer that was not sent: the root, which need not be, or an intermediate, which must be.
    pub issuer_not_sent: Option<Clean>,
}

/// Reads the order from subjects, issuers and key identifiers. The leaf is the first.
#[must_use]
pub fn shape(chain: &[Facts]) -> Shape {
    let Some(mut top) = chain.first() else { return Shape::default() };
    let mut path = vec![0];
    let issuer_not_sent = loop {
        if top.self_issued {
            break None;
        }
        let next = (0..chain.len()).find(|at| !path.contains(at) && top.may_be_issued_by(&chain[*at]));
        let Some(next) = next else { break Some(top.issuer_dn.clone()) };
        path.push(next);
        top = &chain[next];
    };
    let in_order = path.iter().enumerate().all(|(place, at)| place == *at);
    Shape { in_order, unused: chain.len() - path.len(), path, issuer_not_sent }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(subject: &str, issuer: &str) -> Facts {
        Facts { subject: subject.into(), issuer_dn: issuer.into(), self_issued: subject == issuer, ..Facts::default() }
    }

    #[test]
    fn order_and_what_was_not_sent_are_seen() {
        let (leaf, issuing, root) = (named("um1", "issuing"), named("issuing", "root"), named("root", "root"));
        let whole = shape(&[leaf.clone(), issuing.clone(), root.clone()]);
        assert_eq!((whole.path, whole.in_order, whole.issuer_not_sent), (vec![0, 1, 2], true, None));
        let usual = shape(&[leaf.clone(), issuing.clone()]);
        assert_eq!((usual.in_order, usual.issuer_not_sent), (true, Some("root".into())));
        let alone = shape(std::slice::from_ref(&leaf));
        assert_eq!(alone.issuer_not_sent, Some("issuing".into()));
        let mixed = shape(&[leaf, root, issuing, named("x", "y")]);
        assert_eq!((mixed.path, mixed.in_order, mixed.unused), (vec![0, 2, 1], false, 1));
        assert_eq!(shape(&[]), Shape::default());
    }

    #[test]
    fn certificates_that_issue_each_other_end_the_walk() {
        let ring = shape(&[named("a", "b"), named("b", "a"), named("b", "a")]);
        assert_eq!((ring.path, ring.issuer_not_sent), (vec![0, 1], Some("a".into())));
    }
}
