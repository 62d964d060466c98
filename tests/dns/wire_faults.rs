//! The dns-update backend behind a line that misbehaves: the outcome class is right each time, and nothing is sent twice.

use hickory_proto::op::ResponseCode;
use switchboard::domain::act::{Effect, Refusal};
use switchboard::wire::dns::tsig;
use tokio::task::JoinSet;

use crate::backend::{effect, moved};
use crate::proxy::{Proxy, Treatment};
use crate::support::primary;

/// What should come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Applied,
    Unknown,
    Not(Refusal),
}

fn class(effect: &Effect) -> Class {
    match effect {
        Effect::Applied { .. } => Class::Applied,
        Effect::NotApplied { why, .. } => Class::Not(*why),
        Effect::Unknown { .. } | Effect::Recorded { .. } => Class::Unknown,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_the_line_ends_in_its_class() {
    let unsigned = Class::Not(Refusal::Unsigned);
    let mut table = vec![
        (Treatment::Pass, Class::Applied),
        (Treatment::Swallow, Class::Unknown),
        (Treatment::ResetBefore, Class::Unknown),
        (Treatment::SwallowAnswer, Class::Applied),
        (Treatment::ResetAfter, Class::Applied),
        (Treatment::Late, Class::Applied),
        (Treatment::TwiceFirst, Class::Applied),
        (Treatment::TwiceSecond, Class::Applied),
        (Treatment::HalfAnswer, Class::Applied),
        (Treatment::OtherId, Class::Applied),
        (Treatment::KeyError(tsig::BADKEY), Class::Not(Refusal::Auth)),
        (Treatment::KeyError(tsig::BADSIG), Class::Not(Refusal::Auth)),
        (Treatment::KeyError(tsig::BADTIME), Class::Not(Refusal::Clock)),
        (Treatment::Code(ResponseCode::NoError), Class::Unknown),
        (Treatment::Code(ResponseCode::ServFail), Class::Unknown),
    ];
    for code in [
        ResponseCode::FormErr,
        ResponseCode::NXDomain,
        ResponseCode::NotImp,
        ResponseCode::Refused,
        ResponseCode::YXDomain,
        ResponseCode::YXRRSet,
        ResponseCode::NXRRSet,
        ResponseCode::NotAuth,
        ResponseCode::NotZone,
    ] {
        table.push((Treatment::Code(code), unsigned));
        table.push((Treatment::WrongSignature(code), Class::Unknown));
        table.push((Treatment::DoneButCode(code), Class::Applied));
    }
    let mut tries = JoinSet::new();
    for (treatment, expected) in table {
        tries.spawn(async move {
            let primary = primary().await;
            let proxy = Proxy::start(primary.address(), treatment).await;
            let effect = effect(proxy.address, &moved("192.0.2.11", "192.0.2.21", 1)).await;
            assert_eq!(class(&effect), expected, "{treatment:?}: {effect:?}");
            assert_eq!(proxy.count(), 1, "{treatment:?}: sent once, to one server");
            let happened = primary.ledger().iter().filter(|entry| !entry.changes.is_empty()).count();
            let should = usize::from(expected == Class::Applied);
            assert_eq!(happened, should, "{treatment:?}: never twice, and never behind the outcome's back");
        });
    }
    while let Some(tried) = tries.join_next().await {
        tried.unwrap();
    }
}
