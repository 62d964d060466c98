//! Confirm: the phrase of the plan is typed. Enter alone never confirms.

use ratatui::layout::Rect;

use super::labelled;
use super::rows::{Row, draw as draw_rows, fact};
use crate::app::Model;
use crate::app::guide::Guide;
use crate::domain::topology::Environment;
use crate::failover::outlook;
use crate::failover::plan::Mode;
use crate::ui::layout::take_top;
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::wrap;
use crate::ui::words;

/// Rows of the phrase and its field.
const FIELD: usize = 4;

pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, guide: &Guide) {
    let Some(plan) = guide.plan() else { return };
    let mut rest = area;
    let columns = usize::from(area.width);
    let mut rows = Vec::new();
    let real = model.topology.console.environment == Environment::Production;
    if real {
        rows.push(Row::text("This is PRODUCTION. Real callers are moved.", Role::Production));
        rows.push(Row::gap());
    }
    rows.extend(super::review::changes(model, plan, &|_| None));
    rows.push(Row::gap());
    let facts = [
        ("Mode", outlook::mode(plan)),
        ("Callers", outlook::callers(plan)),
        ("Takes", outlook::takes(plan)),
        ("Undo", outlook::undo(plan)),
    ];
    for (label, text) in facts {
        rows.extend(fact(label, 8, &words::told(&model.names.shorten(&text)), Role::Text, columns));
    }
    if let Some(reason) = &plan.reason {
        rows.extend(fact("Incident", 8, reason, Role::Text, columns));
    }
    let overridden: Vec<_> = plan.rules.iter().filter(|rule| rule.given.is_some()).collect();
    for rule in overridden {
        let text =
            format!("{} ({}) is passed over: {}", rule.id, rule.subject, rule.given.as_deref().unwrap_or_default());
        let text = words::told(&model.names.shorten(&text));
        rows.extend(wrap(&text, columns).into_iter().map(|line| Row::text(line, Role::Warn)));
    }
    if plan.mode == Mode::Emergency {
        rows.push(Row::text("EMERGENCY: rules are graded for a site that is dead, or dying.", Role::Down));
    }
    if let Some(minutes) = guide.choices.commit_confirm {
        rows.push(Row::text(
            format!("It turns back after {minutes} min unless somebody says that calls arrive."),
            Role::Warn,
        ));
    }
    // Whatever there is to read, the phrase and its field stay in sight.
    let most = usize::from(rest.height).saturating_sub(FIELD);
    draw_rows(pen, take_top(&mut rest, rows.len().min(most)), &rows, None, guide.top);
    let mut field = take_top(&mut rest, FIELD);
    let good = left(model, plan.expires);
    let asked = [
        Row::gap(),
        Row::text("Type the site that is left, a dash, and four characters of the plan's hash:", Role::Text),
        Row::text(format!("    {}", plan.confirm()), Role::Strong).note(good, Role::Dim),
    ];
    draw_rows(pen, take_top(&mut field, asked.len()), &asked, None, 0);
    labelled(pen, &mut field, "phrase: ", 8);
    if guide.sent {
        pen.put(field, guide.phrase.value(), Role::Dim);
    } else {
        crate::ui::screens::typing::line(pen, field, &guide.phrase);
    }
}

/// How long the plan may still be confirmed.
pub(super) fn left(model: &Model, expires: jiff::Timestamp) -> String {
    match expires.as_second() - model.now.as_second() {
        seconds if seconds <= 0 => "older than 10 minutes".to_owned(),
        seconds if seconds < 60 => "good for less than a minute".to_owned(),
        seconds => format!("good for {} min", seconds / 60),
    }
}
