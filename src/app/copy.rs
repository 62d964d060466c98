//! What is worth copying of what is shown: one line that can be said on the bridge, or pasted into a ticket.

use super::dialog::Dialog;
use super::effect::Effect;
use super::guide::Step;
use super::model::Model;
use super::subject::Subject;

/// Copies what is in hand.
pub(super) fn selected(model: &Model) -> Vec<Effect> {
    text(model).map(Effect::Copy).into_iter().collect()
}

fn text(model: &Model) -> Option<String> {
    if let Some(Dialog::Guide(guide)) = model.dialogs.last() {
        let said = model.run_in_hand().map(|view| view.run.say().to_string());
        return match guide.step {
            Step::Run | Step::Verify => said,
            // Never the phrase: it is read and typed, not pasted.
            _ => guide.plan().map(crate::failover::runbook::review),
        };
    }
    Some(match model.in_hand()? {
        Subject::Finding { id, subject } => {
            let finding = model.picture.findings.iter().find(|f| f.id == id && f.subject == subject)?;
            let since = finding.since.strftime("%Y-%m-%d %H:%M UTC");
            format!("{}: {} ({}, since {since})", finding.subject, finding.message, finding.severity.word())
        }
        Subject::Site(name) => name.to_string(),
        Subject::Server(fqdn) | Subject::Pool(fqdn) | Subject::Name(fqdn) => fqdn.to_string(),
        Subject::Certificate { host, service } => {
            let facts = model.certificate(&host, service).and_then(|view| view.facts.as_ref().ok());
            facts.map_or_else(|| host.to_string(), |facts| format!("{host} SHA-256 {}", facts.sha256))
        }
        Subject::Plan(name) => name.to_string(),
        Subject::DnsServer(address) => address.to_string(),
        Subject::Check(id) => {
            let check = model.readiness.as_ref()?.check(id)?;
            format!("{} {}: {}", check.id, check.title, check.evidence)
        }
        Subject::Run(id) => {
            model.runs.get(&id).map_or_else(|| id.to_string(), |view| format!("{id}: {}", view.run.say()))
        }
        Subject::Event(number) => {
            let entry = model.log.get(number)?;
            format!("{:.0} {} {}", entry.at, entry.subject, entry.text)
        }
    })
}
