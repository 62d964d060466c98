//! Acknowledging findings and declaring maintenance: what keys and prompts mean, in words that are kept for every console.

use std::time::Duration;

use super::dialog::Dialog;
use super::effect::Effect;
use super::model::Model;
use super::prompt::{Prompt, Purpose};
use super::subject::Subject;
use crate::domain::attention::{Acknowledgement, Said, Scope, Window};
use crate::domain::clean::Clean;

/// The longest window: longer work is declared anew, by somebody who still knows of it.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Acknowledges the selected finding, or takes that back.
pub(super) fn acknowledge_selected(model: &mut Model) -> Vec<Effect> {
    let Some(Subject::Finding { id, subject }) = model.finding_in_hand() else { return Vec::new() };
    let known = model.attention.acknowledged.iter().any(|said| said.id == id && said.subject == subject);
    if known {
        return said(model, Said::Recall { id: id.to_owned(), subject });
    }
    model.dialogs.push(Dialog::Prompt(Box::new(Prompt::new(Purpose::Acknowledge { id, subject }, ""))));
    Vec::new()
}

/// What was typed about a finding.
pub(super) fn acknowledge(model: &mut Model, id: &str, subject: &str, reason: &str) -> Vec<Effect> {
    let Some(finding) = model.picture.findings.iter().find(|f| f.id == id && f.subject == subject) else {
        model.notice("the finding is over; there is nothing to acknowledge");
        return Vec::new();
    };
    let acknowledgement = Acknowledgement {
        id: id.to_owned(),
        subject: subject.to_owned(),
        severity: finding.severity,
        since: finding.since,
        by: Clean::new(&model.settings.operator),
        at: model.now,
        reason: Clean::new(reason),
    };
    said(model, Said::Acknowledge(acknowledgement))
}

/// Declares a window over the selected site or server, or ends the one that is open.
pub(super) fn maintain_selected(model: &mut Model) -> Vec<Effect> {
    let Some(scope) = scope_in_hand(model) else {
        model.notice("select a site, a server or a pool first");
        return Vec::new();
    };
    let open = model.attention.windows.iter().any(|window| window.scope == scope && window.left(model.now).is_some());
    if open {
        return said(model, Said::End(scope));
    }
    model.dialogs.push(Dialog::Prompt(Box::new(Prompt::new(Purpose::Maintenance(scope), ""))));
    Vec::new()
}

fn scope_in_hand(model: &Model) -> Option<Scope> {
    match model.in_hand()? {
        Subject::Site(site) => Some(Scope::Site(site)),
        Subject::Server(host) | Subject::Pool(host) | Subject::Certificate { host, .. } => Some(Scope::Host(host)),
        Subject::Finding { subject, .. } => {
            let host = crate::domain::name::Fqdn::parse(&subject).ok()?;
            (model.server(&host).is_some() || model.pool(&host).is_some()).then_some(Scope::Host(host))
        }
        _ => None,
    }
}

/// What was typed about a window: how long, and why.
pub(super) fn declare(model: &mut Model, scope: &Scope, text: &str) -> Result<Vec<Effect>, String> {
    let (length, reason) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let length = humantime::parse_duration(length)
        .map_err(|_| "begin with how long it takes, such as 90m or 2h; then why".to_owned())?;
    if length > LONGEST || length.is_zero() {
        return Err("a window lasts at most 24h: longer work is declared anew".to_owned());
    }
    if reason.trim().is_empty() {
        return Err("say why, after how long it takes".to_owned());
    }
    let until = model.now.checked_add(length).map_err(|_| "that is too long".to_owned())?;
    let (by, reason) = (Clean::new(&model.settings.operator), Clean::new(reason.trim()));
    Ok(said(model, Said::Open(Window { scope: scope.clone(), from: model.now, until, by, reason })))
}

/// Shows it at once; the file is written by somebody else.
fn said(model: &mut Model, said: Said) -> Vec<Effect> {
    model.attention.hear(said.clone());
    model.resettle();
    vec![Effect::Say(said)]
}
