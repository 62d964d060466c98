//! Whole runs by the real program: who wins carries its run to the end.

use serde_json::Value;
use switchboard::demo::Design;
use switchboard::domain::place::Place;
use switchboard::failover::plan::Plan;
use switchboard::failover::planner::Request;

use crate::run_support::live::{Live, answer, bounded};

/// Rounds of the slice that always runs; more: `RACES=90 cargo test --test races processes`.
fn rounds() -> usize {
    std::env::var("RACES").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(6)
}

/// Confirms all plans at once, each on its own state directory or all on one.
async fn race(live: &Live, plans: &[Plan], shared: bool) -> Vec<(i32, Value)> {
    let mut running = Vec::new();
    for (index, plan) in plans.iter().enumerate() {
        let state = if shared { live.state().to_owned() } else { live.state().join(format!("console-{index}")) };
        running.push(tokio::spawn(bounded(live.failover(&state, plan, &[]))));
    }
    let mut answers = Vec::new();
    for one in running {
        answers.push(answer(&one.await.unwrap()));
    }
    answers
}

/// Exactly one wins; whoever loses changed nothing, knows that, and says why.
#[track_caller]
fn one_wins(answers: &[(i32, Value)]) -> usize {
    let won: Vec<usize> = (0..answers.len()).filter(|index| answers[*index].0 == 0).collect();
    assert_eq!(won.len(), 1, "{answers:#?}");
    for (index, (code, answer)) in answers.iter().enumerate().filter(|(index, _)| *index != won[0]) {
        assert_eq!(*code, 1, "{index}: {answer:#}");
        assert_eq!(answer["changed"], serde_json::json!([]), "{index}: {answer:#}");
        assert_eq!(answer["unknown"], serde_json::json!([]), "{index}: {answer:#}");
        let state = answer["state"].as_str().unwrap_or_default();
        assert!(["superseded", "cancelled"].contains(&state), "{index}: {answer:#}");
        assert!(answer["why"].as_str().is_some_and(|why| !why.is_empty()), "{index}: {answer:#}");
    }
    won[0]
}

async fn away(live: &Live) -> bool {
    let picture = live.picture().await;
    let place = |site: usize| picture.sites[site].servers.iter().map(|server| server.place.clone()).collect::<Vec<_>>();
    let (tukwila, dublin) = (place(0), place(1));
    let all_home = |places: &[Place]| places.iter().all(|place| *place == Place::Home);
    assert!(all_home(&tukwila) || all_home(&dublin), "two runs moved names: {tukwila:?} {dublin:?}");
    !all_home(&tukwila)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_to_eight_operators_one_wins_on_one_state_directory_and_on_many() {
    let live = Live::start(Design::Dns).await;
    for round in 0..rounds() {
        let back = away(&live).await;
        let request = Request { back, ..Live::request("Tukwila") };
        let mut plans = Vec::new();
        for _ in 0..2 + round % 4 {
            plans.push(live.plan(&request).await);
        }
        one_wins(&race(&live, &plans, round % 2 == 0).await);
        assert_eq!(away(&live).await, !back);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn opposite_directions_cannot_both_win() {
    let live = Live::start(Design::Dns).await;
    for round in 0..rounds() / 2 {
        let over = live.plan(&Live::request("Tukwila")).await;
        let other_way = live.plan(&Live::request("Dublin")).await;
        let site = ["Tukwila", "Dublin"][one_wins(&race(&live, &[over, other_way], round % 2 == 0).await)];
        away(&live).await;
        let home = live.plan(&Request { back: true, ..Live::request(site) }).await;
        let (code, answer) = live.carry_out(&home).await;
        assert_eq!(code, 0, "{answer:#}");
    }
}
