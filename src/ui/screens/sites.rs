//! The Sites screen: is anything wrong, where, since when.

use ratatui::layout::Rect;

use crate::app::{Model, Pane};
use crate::ui::layout::{self, Form, card_height, columns, grid, take_bottom, take_left, take_top};
use crate::ui::look::Role;
use crate::ui::pen::{Pen, Title};

use super::{cards, detail, detail_site, events, findings, network, plans, site_lines, site_notes};

/// Rows of an inspect pane that is worth its place, and of one that says everything.
const LEAST_DETAIL: usize = 8;
const MOST_DETAIL: usize = 24;

/// So few sites each say in a line of their own whether they could be failed over, where there are no cards.
const FEW_SITES: usize = 3;

/// Rows that everything but the card keeps on a site's own page.
const REST_OF_PAGE: usize = 14;

/// Draws the screen into its body.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form) {
    match form {
        Form::Wide => wide(model, pen, area),
        Form::Compact => compact(model, pen, area),
        Form::Lines | Form::TooSmall => lines(model, pen, area),
    }
}

fn wide(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut rest = area;
    let most = usize::from(rest.height) / 2;
    if model.as_cards() {
        let columns = layout::card_columns(rest, model.picture.sites.len());
        let rows = |site| model.items_of(site).len() + cards::rows_below(model, site, pen, columns);
        let tallest = model.picture.sites.iter().map(rows).max().unwrap_or(0);
        let height = card_height(tallest, 0);
        let wanted = layout::grid_height(rest, model.picture.sites.len(), height);
        let places = grid(take_top(&mut rest, wanted.min(most)), model.picture.sites.len(), height.min(most));
        for (site, place) in model.picture.sites.iter().zip(places) {
            cards::card(model, pen, place, site);
        }
    } else if let Some(site) = model.opened_site() {
        let columns = layout::card_columns(rest, 1);
        let rows = model.items_of(site).len() + cards::rows_below(model, site, pen, columns);
        let height = card_height(rows, 0).min(usize::from(rest.height).saturating_sub(REST_OF_PAGE).max(most));
        cards::card(model, pen, take_top(&mut rest, height), site);
    } else {
        let height = (model.picture.sites.len() + 3).min(most);
        site_lines::panel(model, pen, take_top(&mut rest, height));
    }
    network::line(model, pen, take_top(&mut rest, 1));
    let height = plans::rows(model).min(usize::from(rest.height) / 3);
    plans::panel(model, pen, take_top(&mut rest, height));
    let halves = columns(rest, 2);
    if let [left, right] = halves.as_slice() {
        attention(model, pen, *left);
        detail::panel(model, pen, *right);
    }
}

/// Findings, and under them, where there is room, what changed lately; on a site's own page what stands around it.
fn attention(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut rest = area;
    let around = model.page_of().and_then(|site| model.topology.site(&site.name));
    let wanted = model.items(Pane::Findings).len().max(1) + 2;
    let least = if around.is_some() { 4 } else { 5 };
    let height = if wanted + least <= usize::from(rest.height) { wanted } else { usize::from(rest.height) };
    let place = take_top(&mut rest, height);
    let title = Title { focus: model.pane() == Pane::Findings, ..Title::plain("Needs attention") };
    let note = findings::note(model);
    let inner = pen.panel(place, &Title { note: &note, ..title });
    let inner = Rect { x: inner.x.saturating_sub(1), width: inner.width.saturating_add(1), ..inner };
    findings::list(model, pen, inner);
    match around {
        _ if usize::from(rest.height) < least => {}
        Some(declared) => {
            let title = format!("Around {}", declared.name);
            let inner = pen.panel(rest, &Title::plain(&title));
            let lines = detail_site::around(model, declared, pen.glyphs(), detail::room(inner));
            detail::put(model, pen, inner, &lines, 0);
        }
        None => {
            let inner = pen.panel(rest, &Title::plain("Lately"));
            events::list(model, pen, inner, 0);
        }
    }
}

fn compact(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut rest = area;
    if model.as_cards() {
        cards::section_heading(model, pen, &mut rest);
        for site in &model.picture.sites {
            cards::section(model, pen, &mut rest, site);
        }
    } else {
        site_part(model, pen, &mut rest, plans::rows(model).min(5));
    }
    let wanted = plans::rows(model).saturating_sub(2).min(usize::from(rest.height) / 3);
    let place = take_top(&mut rest, wanted);
    plans::section(model, pen, place);
    network::line(model, pen, take_top(&mut rest, 1));
    let spare = usize::from(rest.height).saturating_sub(model.items(Pane::Findings).len().max(1) + 2);
    let detail = take_bottom(&mut rest, if spare >= LEAST_DETAIL { spare.min(MOST_DETAIL) } else { 0 });
    findings::section(model, pen, rest);
    if detail.height > 0 {
        detail::panel(model, pen, detail);
    }
}

/// The site that was opened, or a line for each; findings keep what they need, up to a part, and `others` their rows.
fn site_part(model: &Model, pen: &mut Pen<'_>, rest: &mut Rect, others: usize) {
    let rows = usize::from(rest.height);
    let others = model.items(Pane::Findings).len().clamp(1, 7) + 1 + others;
    let most = rows.saturating_sub(others).max(rows / 3);
    if let Some(site) = model.opened_site() {
        let mut place = take_top(rest, (model.items_of(site).len() + 2).min(most));
        cards::section_heading(model, pen, &mut place);
        cards::section(model, pen, &mut place, site);
    } else {
        let place = take_top(rest, (model.picture.sites.len() + 1).min(most));
        site_lines::draw(model, pen, place);
    }
}

fn lines(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut rest = area;
    site_part(model, pen, &mut rest, 0);
    if model.picture.sites.len() <= FEW_SITES {
        site_notes::lines(model, pen, &mut rest);
    }
    // Dial plans only where they take no room from findings.
    let plans = plans::rows(model).saturating_sub(2);
    let plans = if usize::from(rest.height) > model.items(Pane::Findings).len().max(1) + plans { plans } else { 0 };
    let place = take_bottom(&mut rest, plans);
    findings::section(model, pen, rest);
    if plans > 0 {
        plans::section(model, pen, place);
    }
}

/// A ruled heading of a section; gives what is left of the area.
pub(super) fn ruled(pen: &mut Pen<'_>, area: Rect, name: &str, note: &str, focus: bool) -> Rect {
    let mut rest = area;
    let mut line = take_top(&mut rest, 1);
    take_left(&mut line, 1);
    pen.left(&mut line, name, if focus { Role::Focus } else { Role::Strong });
    pen.left(&mut line, " ", Role::Text);
    if !note.is_empty() {
        pen.right(&mut line, " ", Role::Text);
        pen.right(&mut line, note, Role::Dim);
        pen.right(&mut line, " ", Role::Text);
    }
    pen.rule(line, if focus { Role::Focus } else { Role::Border });
    rest
}
