//! The fault board: switches faults on and off while the demo runs.

use std::sync::{Arc, Mutex, PoisonError};

use super::cast::Cast;
use super::dns::{Primary, Resolver};
use super::error::DemoError;
use super::faults::{Active, ActiveSet, FAULTS, find_fault, find_subject, subjects};
use super::stage::Stage;
use super::um_service::{Effect, Order, Verb};

/// Switches faults. Clones share one board.
#[derive(Clone)]
pub struct FaultBoard(Arc<Board>);

struct Board {
    stage: Stage,
    active: Mutex<ActiveSet>,
    /// One change at a time: what is on and what the servers do stay the same thing.
    changing: tokio::sync::Mutex<()>,
}

/// One switch of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// The subject's token.
    pub subject: String,
    /// The fault's token.
    pub fault: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Whether it is on.
    pub on: bool,
}

/// What the state command is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// Print this and end.
    Print(String),
    /// End with code 1 and this on standard error.
    Fail(String),
    /// Never end.
    Hang,
}

impl FaultBoard {
    pub(super) fn new(stage: Stage) -> Self {
        let (active, changing) = (Mutex::default(), tokio::sync::Mutex::new(()));
        Self(Arc::new(Board { stage, active, changing }))
    }

    /// Every switch, in the order of the cast.
    #[must_use]
    pub fn list(&self) -> Vec<Switch> {
        let active = self.active();
        let of_subject = |(subject, who): (String, _)| {
            let rows = FAULTS.iter().filter(move |row| row.who == who);
            rows.map(|row| {
                let on = active.has(&subject, row.token);
                Switch { subject: subject.clone(), fault: row.token, help: row.help, on }
            })
            .collect::<Vec<_>>()
        };
        subjects(self.cast()).into_iter().flat_map(of_subject).collect()
    }

    /// Switches a fault on; returns when it works.
    ///
    /// # Errors
    /// [`DemoError::Refused`] for an unknown subject or fault, with the nearest known one.
    pub async fn on(&self, subject: &str, fault: &str) -> Result<(), DemoError> {
        let (subject, who) = find_subject(self.cast(), subject)?;
        let fault = find_fault(&subject, who, fault)?.token;
        self.change(|active| active.on(Active { subject, who, fault })).await
    }

    /// Ends one fault; returns when it is over. One that is not on is no error.
    ///
    /// # Errors
    /// [`DemoError::Refused`] as for [`Self::on`].
    pub async fn off(&self, subject: &str, fault: &str) -> Result<(), DemoError> {
        let (subject, who) = find_subject(self.cast(), subject)?;
        let fault = find_fault(&subject, who, fault)?.token;
        self.change(|active| active.heal(|one| one.subject == subject && one.fault == fault)).await
    }

    /// Ends all faults of a subject.
    ///
    /// # Errors
    /// [`DemoError::Refused`] for an unknown subject.
    pub async fn heal(&self, subject: &str) -> Result<(), DemoError> {
        let (subject, _) = find_subject(self.cast(), subject)?;
        self.change(|active| active.heal(|one| one.subject == subject)).await
    }

    /// Ends all faults.
    pub async fn heal_all(&self) -> Result<(), DemoError> {
        self.change(|active| active.heal(|_| true)).await
    }

    /// What the words after `demo fault` ask for: `um1 stop`, `um1 heal`, `heal all`.
    pub async fn obey(&self, subject: &str, fault: &str) -> Result<(), DemoError> {
        match (subject, fault) {
            ("heal", "all") | ("all", "heal") => self.heal_all().await,
            ("heal", subject) | (subject, "heal") => self.heal(subject).await,
            _ => self.on(subject, fault).await,
        }
    }

    /// What was done to service states, oldest first.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.0.stage.um.effects()
    }

    /// Carries out an order of the UM tool; the server acts by it from then on.
    pub(super) async fn order(&self, verb: Verb, order: &Order) -> Result<Effect, DemoError> {
        let effect = self.0.stage.um.change(verb, order);
        let Some(effect) = effect else {
            let server = crate::domain::clean::Clean::new(&order.server);
            return Err(DemoError::Refused(format!("the server {server} could not be found in the organization")));
        };
        self.change(|_| {}).await?;
        Ok(effect)
    }

    /// What the state command is to do now.
    pub(super) fn told(&self) -> Told {
        let active = self.active();
        let is = |fault| active.has("state-command", fault);
        if is("hang") {
            return Told::Hang;
        }
        if is("fail") {
            let message = "The operation couldn't be performed because the domain controller could not be contacted.";
            return Told::Fail(message.to_owned());
        }
        Told::Print(crate::wire::um_state::print(&self.0.stage.um.document(is("lie"))))
    }

    /// The primary name server, for whoever changes the zone from inside or reads what was done to it.
    #[must_use]
    pub fn primary(&self) -> &Primary {
        self.0.stage.names.primary()
    }

    /// The resolver, for whoever flushes it.
    #[must_use]
    pub fn resolver(&self) -> &Resolver {
        self.0.stage.names.resolver()
    }

    fn cast(&self) -> &Cast {
        &self.0.stage.cast
    }

    fn active(&self) -> ActiveSet {
        self.0.active.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn change(&self, change: impl FnOnce(&mut ActiveSet)) -> Result<(), DemoError> {
        let _one_at_a_time = self.0.changing.lock().await;
        let before = self.active();
        let mut after = before.clone();
        change(&mut after);
        *self.0.active.lock().unwrap_or_else(PoisonError::into_inner) = after.clone();
        self.0.stage.play(&before, &after).await
    }
}
