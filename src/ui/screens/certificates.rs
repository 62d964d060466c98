//! The Certificates screen: one line for each service that presents one, against the names that they have to cover.

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use crate::app::{Model, Pane, Subject};
use crate::domain::judge::ServiceView;
use crate::domain::name::Fqdn;
use crate::domain::server::Service;
use crate::ui::columns::{choose, spare};
use crate::ui::layout::{Form, take_left, take_top};
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::width;
use crate::ui::words::presented::{self, Fault, Presented, Shown};

use super::{detail, list};

/// With more names than that they are counted.
const MOST_NAMES: usize = 24;
/// Columns of the bar, and how many days it stands for.
const BAR: usize = 8;
const BAR_DAYS: i64 = 365;
/// Columns of the verdict of a side that does not trust: the sign, a blank, the reason.
const REASON: usize = 13;
/// Columns of notes that are worth their place.
const NOTES: usize = 20;

/// Draws the screen into its body.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form) {
    let items = model.items(Pane::Certificates);
    let (place, detail) = list::split(area, form, items.len() + 3, false);
    let shown: Vec<Presented<'_>> = items.iter().filter_map(|subject| of(model, subject)).collect();
    let inner = list::panel(model, pen, place, form, "Certificates", &note(model, &shown), Pane::Certificates);
    if items.is_empty() {
        list::nothing(model, pen, inner, "No server and no pool is declared in the topology file.");
    }
    let mut rest = inner;
    let columns = Columns::new(model, &items, &shown, usize::from(inner.width));
    heading(model, pen, take_top(&mut rest, 1), &columns);
    list::some(model, pen, rest, Pane::Certificates, &items, |pen, line, subject, selected| {
        if let Subject::Certificate { host, service } = subject
            && let Some(view) = model.service(host, *service)
        {
            draw_line(model, pen, line, &columns, (host, view), selected);
        }
    });
    if detail.area() > 0 {
        detail::panel(model, pen, detail);
    }
}

/// How many there are, and how many of them are not as they should be.
fn note(model: &Model, shown: &[Presented<'_>]) -> String {
    let (mut unfit, mut warned) = (0, 0);
    for one in shown {
        match one.faults(model).first().map(|fault| fault.role) {
            Some(Role::Down) => unfit += 1,
            Some(_) => warned += 1,
            None => {}
        }
    }
    let told = [(shown.len(), "presented"), (unfit, "not fit"), (warned, "to be seen to")];
    let told = told.iter().enumerate().filter(|(at, (count, _))| *at == 0 || *count > 0);
    told.map(|(_, (count, words))| format!("{count} {words}")).collect::<Vec<_>>().join(", ")
}

/// What a line of the list is about, where a certificate was presented.
fn of<'a>(model: &'a Model, subject: &'a Subject) -> Option<Presented<'a>> {
    let Subject::Certificate { host, service } = subject else { return None };
    presented_by(model, host, model.service(host, *service)?)
}

fn presented_by<'a>(model: &'a Model, host: &'a Fqdn, service: &'a ServiceView) -> Option<Presented<'a>> {
    let view = service.certificate.as_deref()?;
    Some(Presented { host, service, view, by_pool: model.server(host).is_none() })
}

/// Widths of the columns; zero: the column is not there.
struct Columns<'a> {
    host: usize,
    service: usize,
    bar: usize,
    days: usize,
    lync: usize,
    exchange: usize,
    /// The names, each with its width; empty where they are counted instead.
    names: Vec<(&'a Fqdn, usize)>,
    covers: usize,
    notes: usize,
}

impl<'a> Columns<'a> {
    fn new(model: &'a Model, items: &[Subject], all: &[Presented<'a>], columns: usize) -> Self {
        let short = |name: &Fqdn| width(model.names.of(name.as_str()));
        let host = items.iter().filter_map(Subject::host).map(short).max().unwrap_or(0).clamp(6, 20);
        let wide = |is_refused: fn(&Presented<'_>) -> bool| if all.iter().any(is_refused) { REASON } else { 4 };
        let lync = wide(|one| one.view.lync.is_some_and(|verdict| !verdict.ok));
        let exchange = wide(|one| one.view.exchange.is_some_and(|verdict| !verdict.ok)).max(8);
        let (servers, pools) = required(model, all);
        let block = |names: &[&Fqdn]| names.iter().map(|name| name_width(model, name) + 1).sum::<usize>();
        let wanted = |servers: usize, pools: usize, covers| {
            let blocks = [(servers.saturating_sub(1), 4), (pools.saturating_sub(1), 7)];
            [
                (host, 0),
                (6, 3),
                (BAR, 8),
                (5, 1),
                (lync, 2),
                (exchange, 2),
                blocks[0],
                blocks[1],
                (covers, 5),
                (NOTES, 9),
            ]
        };
        // The marker is drawn already; the sign of the line and a blank come first.
        let room = columns.saturating_sub(2);
        let as_names = choose(room, wanted(block(&servers), block(&pools), 0));
        let widths = if as_names[6] > 0 { as_names } else { choose(room, wanted(0, 0, 7)) };
        let left = spare(room, &widths);
        let [host, service, bar, days, lync, exchange, of_servers, of_pools, covers, notes] = widths;
        let shown = |columns: usize, names: Vec<&'a Fqdn>| if columns > 0 { names } else { Vec::new() };
        let names = [shown(of_servers, servers), shown(of_pools, pools)].concat();
        let names = names.into_iter().map(|name| (name, name_width(model, name))).collect();
        let notes = if notes > 0 { notes + left } else { 0 };
        Self { host, service, bar, days, lync, exchange, names, covers, notes }
    }
}

fn name_width(model: &Model, name: &Fqdn) -> usize {
    width(model.names.of(name.as_str())).clamp(3, 12)
}

/// Every name that some certificate has to cover, those of servers apart from those of pools; none where there are too many for
/// columns.
fn required<'a>(model: &Model, all: &[Presented<'a>]) -> (Vec<&'a Fqdn>, Vec<&'a Fqdn>) {
    let mut names = BTreeSet::new();
    for one in all {
        names.extend(one.view.covers.keys());
        if names.len() > MOST_NAMES {
            return (Vec::new(), Vec::new());
        }
    }
    let (mut servers, pools): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| model.server(name).is_some());
    servers.sort_by_key(|name| model.standing_of(name));
    (servers, pools)
}

fn heading(model: &Model, pen: &mut Pen<'_>, area: Rect, columns: &Columns<'_>) {
    let mut line = area;
    Pen::gap(&mut line, 2);
    pen.cell(&mut line, columns.host, "server", Role::Dim);
    pen.cell(&mut line, columns.service, "", Role::Dim);
    pen.number(&mut line, columns.bar, "1 year", Role::Dim);
    pen.number(&mut line, columns.days, "ends", Role::Dim);
    pen.cell(&mut line, columns.lync, "Lync", Role::Dim);
    pen.cell(&mut line, columns.exchange, "Exchange", Role::Dim);
    for (name, columns) in &columns.names {
        pen.cell(&mut line, *columns, model.names.of(name.as_str()), Role::Dim);
    }
    pen.number(&mut line, columns.covers, "covers", Role::Dim);
    pen.cell(&mut line, columns.notes, "", Role::Dim);
}

fn draw_line(
    model: &Model,
    pen: &mut Pen<'_>,
    area: Rect,
    columns: &Columns<'_>,
    (host, service): (&Fqdn, &ServiceView),
    selected: bool,
) {
    let mut line = area;
    let glyphs = pen.glyphs();
    let shown = presented_by(model, host, service);
    let faults = shown.map(|one| one.faults(model)).unwrap_or_default();
    let (glyph, role) = match shown {
        Some(_) => {
            let mark = presented::mark(&faults, glyphs);
            (mark.glyph, mark.role)
        }
        None => (glyphs.unknown, Role::Dim),
    };
    pen.left(&mut line, glyph, role);
    let role = if selected { Role::Selected } else { Role::Strong };
    pen.cell(&mut line, columns.host, model.names.of(host.as_str()), role);
    pen.cell(&mut line, columns.service, who(model, host, service), Role::Dim);
    match shown {
        Some(one) => facts(model, pen, line, columns, &one, &faults),
        None => absent(pen, line, columns, service),
    }
}

/// Which service it is, in six columns.
pub(super) fn who(model: &Model, host: &Fqdn, service: &ServiceView) -> &'static str {
    match service.service {
        _ if model.server(host).is_none() => "pool",
        Service::CallRouter => "router",
        Service::Um => "um",
    }
}

fn facts(model: &Model, pen: &mut Pen<'_>, area: Rect, columns: &Columns<'_>, one: &Presented<'_>, faults: &[Fault]) {
    let mut line = area;
    let (days, role) = presented::left(model, one.view);
    bar(model, pen, &mut line, columns.bar, one, role);
    pen.number(&mut line, columns.days, &days, role);
    for (verdict, width, decides) in
        [(one.view.lync, columns.lync, !one.by_pool), (one.view.exchange, columns.exchange, one.by_pool)]
    {
        let (glyph, role, why) = presented::trust(verdict, decides, pen.glyphs());
        pen.cell(&mut line, width, format!("{glyph} {why}").trim_end(), role);
    }
    for (name, width) in &columns.names {
        let (glyph, role) = match one.view.covers.get(*name) {
            None => (pen.glyphs().none, Role::Dim),
            Some(true) => (pen.glyphs().yes, Role::Up),
            Some(false) => (pen.glyphs().no, Role::Down),
        };
        pen.cell(&mut line, *width, &format!("{:1$}{glyph}", "", (width - 1) / 2), role);
    }
    let (covers, role) = presented::coverage(one.view);
    pen.number(&mut line, columns.covers, &covers, role);
    let (words, role) = notes(model, columns, one, faults);
    Pen::gap(&mut line, usize::from(columns.notes > 0));
    pen.cell(&mut line, columns.notes, &words, role);
}

/// What is left of a year, as a bar.
fn bar(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, columns: usize, one: &Presented<'_>, role: Role) {
    if columns == 0 {
        return;
    }
    take_left(line, 1);
    let mut place = take_left(line, columns);
    let ends = presented::end(one.view).map_or(0, |end| (end.as_second() - model.now.as_second()).div_euclid(86_400));
    let cells = i64::try_from(columns).unwrap_or_default();
    // Whatever is left at all is seen.
    let full = if ends < 0 { 0 } else { (ends * cells / BAR_DAYS).clamp(1, cells) };
    let full = usize::try_from(full).unwrap_or_default();
    let [left, gone] = pen.glyphs().bar;
    let role = if role == Role::Text { Role::Up } else { role };
    pen.left(&mut place, &left.repeat(full), role);
    pen.left(&mut place, &gone.repeat(columns - full), Role::Border);
}

/// What the columns do not show: what is wrong, or else key and signature.
fn notes(model: &Model, columns: &Columns<'_>, one: &Presented<'_>, faults: &[Fault]) -> (String, Role) {
    let told = faults.iter().filter(|fault| match fault.shown {
        Shown::Days => false,
        Shown::Trust => columns.lync == 0,
        Shown::Names => columns.names.is_empty(),
        Shown::Nowhere => true,
    });
    let told: Vec<&Fault> = told.collect();
    if let Some(first) = told.first() {
        let all: Vec<&str> = told.iter().map(|fault| fault.words.as_str()).collect();
        return (all.join(", "), first.role);
    }
    if let Some(other) = differs_from_router(model, one) {
        return (other.to_owned(), Role::Warn);
    }
    match &one.view.facts {
        Ok(facts) => (format!("{}, {}", facts.key, facts.signature), Role::Dim),
        Err(_) => (String::new(), Role::Dim),
    }
}

/// A server that was renewed by half presents two certificates.
pub(super) fn differs_from_router(model: &Model, one: &Presented<'_>) -> Option<&'static str> {
    let server = model.server(one.host)?;
    let router = server.services.iter().find(|service| service.service == Service::CallRouter)?;
    let hash =
        |view: &crate::domain::judge::CertificateView| view.facts.as_ref().ok().map(|facts| facts.sha256.clone());
    let (own, other) = (hash(one.view), router.certificate.as_deref().and_then(hash));
    (one.service.service == Service::Um && own.is_some() && other.is_some() && own != other)
        .then_some("not the one of its call router")
}

/// Nothing was presented, and why.
fn absent(pen: &mut Pen<'_>, area: Rect, columns: &Columns<'_>, service: &ServiceView) {
    let mut line = area;
    pen.cell(&mut line, columns.bar, "", Role::Dim);
    pen.number(&mut line, columns.days, pen.glyphs().dash, Role::Dim);
    Pen::gap(&mut line, 1);
    pen.put(line, why_absent(service), Role::Dim);
}

/// Why a service shows no certificate.
pub(super) fn why_absent(service: &ServiceView) -> &'static str {
    if service.transport.is_tls() { "none was seen yet" } else { "not over TLS: it presents none" }
}
