//! The dial-plan matrix: which servers are members, which take calls, where the plan goes when its site fails.

use ratatui::layout::Rect;

use crate::app::{Model, Pane, Subject};
use crate::domain::judge::{DialPlanView, MemberView};
use crate::domain::name::Fqdn;
use crate::domain::topology::FailoverMethod;
use crate::ui::layout::{Form, take_left, take_right, take_top};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::{Pen, Title};
use crate::ui::text::width;
use crate::ui::words;

use super::{detail, detail_plan};

/// The widest matrix; with more servers than that, members are counted.
const MOST_COLUMNS: usize = 60;

/// The Dial plans screen: the matrix, and everything about the selected plan.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form) {
    let (place, detail) = super::list::split(area, form, rows(model), false);
    if form == Form::Wide {
        panel(model, pen, place);
        return wide_detail(model, pen, detail);
    }
    section(model, pen, place);
    if detail.area() > 0 {
        super::detail::panel(model, pen, detail);
    }
}

/// The selected plan's members, and beside them where it goes and what its numbers are.
fn wide_detail(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let Some(Subject::Plan(name)) = model.chosen.get(&Pane::Plans) else {
        return super::detail::panel(model, pen, area);
    };
    let Some(plan) = model.dial_plan(name) else { return super::detail::panel(model, pen, area) };
    let mut rest = area;
    let columns = usize::from(area.width) * 2 / 5;
    let right = take_right(&mut rest, columns);
    let title = format!("{name}, members");
    let left = pen.panel(rest, &Title::plain(&title));
    let lines = detail_plan::members(model, plan, pen.glyphs(), usize::from(left.width));
    detail::put_without_labels(pen, left, &lines);
    let right = pen.panel(right, &Title::plain("Calls and numbers"));
    let room = detail::room(right);
    let mut lines = detail_plan::summary(model, plan, pen.glyphs(), room);
    lines.extend(detail_plan::numbers(model, name, room));
    lines.extend(detail::findings_of(model, name.as_str(), pen.glyphs(), room));
    detail::put(model, pen, right, &lines, 0);
}

/// Rows that the panel wants.
pub(super) fn rows(model: &Model) -> usize {
    model.items(Pane::Plans).len().max(1) + 3
}

/// The matrix in a panel.
pub(super) fn panel(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let focus = model.pane() == Pane::Plans;
    let inner = pen.panel(area, &Title { focus, ..Title::plain("Dial plans") });
    let mut rest = Rect { x: inner.x.saturating_sub(1), width: inner.width.saturating_add(1), ..inner };
    let columns = Columns::new(model, rest.width, false);
    let line = take_top(&mut rest, 1);
    heading(model, pen, line, &columns);
    list(model, pen, rest, &columns);
}

/// The matrix as a section; its heading carries the columns.
pub(super) fn section(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut rest = area;
    let columns = Columns::new(model, rest.width, true);
    let line = take_top(&mut rest, 1);
    let role = if model.pane() == Pane::Plans { Role::Focus } else { Role::Strong };
    let mut title = line;
    Pen::gap(&mut title, 1);
    pen.left(&mut title, "Dial plans", role);
    heading(model, pen, line, &columns);
    list(model, pen, rest, &columns);
}

/// Servers by site, and the widths that everything gets.
struct Columns<'a> {
    name: usize,
    /// Empty when members are counted instead.
    sites: Vec<Vec<(&'a Fqdn, usize)>>,
    method: usize,
}

impl<'a> Columns<'a> {
    fn new(model: &'a Model, room: u16, tight: bool) -> Self {
        let longest = model.picture.dial_plans.iter().map(|plan| width(plan.name.as_str())).max().unwrap_or(0);
        let name = longest.clamp(10, if tight { 24 } else { 40 });
        let shown = |fqdn: &'a Fqdn| (fqdn, width(model.names.of(fqdn.as_str())).clamp(3, 12));
        let site = |site: &'a crate::domain::judge::SiteView| site.servers.iter().map(|s| shown(&s.fqdn)).collect();
        let sites: Vec<Vec<_>> =
            model.picture.sites.iter().map(site).filter(|site: &Vec<_>| !site.is_empty()).collect();
        let wanted: usize = sites.iter().map(|site| site.iter().map(|(_, width)| width + 1).sum::<usize>() + 2).sum();
        let room = usize::from(room).saturating_sub(name + 30).min(MOST_COLUMNS.max(usize::from(room) / 2));
        Self { name, sites: if wanted <= room { sites } else { Vec::new() }, method: 16 }
    }

    fn members(&self) -> usize {
        if self.sites.is_empty() { 7 } else { 0 }
    }
}

fn heading(model: &Model, pen: &mut Pen<'_>, area: Rect, columns: &Columns<'_>) {
    let mut line = area;
    Pen::gap(&mut line, 1);
    take_left(&mut line, columns.name + 2);
    for (at, site) in columns.sites.iter().enumerate() {
        divide(pen, &mut line, at);
        for (fqdn, columns) in site {
            pen.cell(&mut line, *columns, model.names.of(fqdn.as_str()), Role::Dim);
        }
    }
    pen.number(&mut line, columns.members(), "members", Role::Dim);
    pen.number(&mut line, 11, "in service", Role::Dim);
    Pen::gap(&mut line, 2);
    pen.cell(&mut line, columns.method, "fails over by", Role::Dim);
    pen.cell(&mut line, 8, "to", Role::Dim);
}

fn divide(pen: &mut Pen<'_>, line: &mut Rect, at: usize) {
    if at > 0 {
        pen.cell(line, 1, pen.glyphs().vertical, Role::Border);
    }
}

fn list(model: &Model, pen: &mut Pen<'_>, area: Rect, columns: &Columns<'_>) {
    let rest = area;
    if model.picture.dial_plans.is_empty() {
        return pen.put(rest, "  No dial plan is declared in the topology file.", Role::Dim);
    }
    if model.items(Pane::Plans).is_empty() {
        return super::list::nothing(model, pen, rest, "No dial plan has to do with this site.");
    }
    super::list::lines(model, pen, rest, Pane::Plans, |pen, line, subject, selected| {
        if let Subject::Plan(name) = subject
            && let Some(plan) = model.dial_plan(name)
        {
            plan_line(model, pen, line, columns, plan, selected);
        }
    });
}

fn plan_line(model: &Model, pen: &mut Pen<'_>, area: Rect, columns: &Columns<'_>, plan: &DialPlanView, selected: bool) {
    let mut line = area;
    let name = take_left(&mut line, columns.name + 1);
    pen.put(name, plan.name.as_str(), if selected { Role::Selected } else { Role::Strong });
    take_left(&mut line, 1);
    for (at, site) in columns.sites.iter().enumerate() {
        divide(pen, &mut line, at);
        for (fqdn, columns) in site {
            let member_view = plan.members.iter().find(|member| member.fqdn == **fqdn);
            let (glyph, role) = member(model, member_view, pen.glyphs());
            pen.cell(&mut line, *columns, &format!("{:1$}{glyph}", "", (columns - 1) / 2), role);
        }
    }
    pen.number(&mut line, columns.members(), &plan.members.len().to_string(), Role::Text);
    let role = match plan.in_service {
        0 => Role::Down,
        1 => Role::Warn,
        _ => Role::Text,
    };
    let sign = match plan.in_service {
        0 => format!("{} none", pen.glyphs().down),
        1 => format!("{} 1", pen.glyphs().warn),
        many => many.to_string(),
    };
    pen.number(&mut line, 11, &sign, role);
    Pen::gap(&mut line, 2);
    pen.cell(&mut line, columns.method, method(plan), Role::Text);
    match &plan.to {
        Some(site) => pen.cell(&mut line, usize::MAX, site.as_str(), Role::Text),
        None => pen.cell(&mut line, usize::MAX, "nowhere: no standby is a member", Role::Warn),
    }
}

fn method(plan: &DialPlanView) -> &'static str {
    match plan.method {
        FailoverMethod::Dns => "DNS",
        FailoverMethod::EnableDisable => "enable/disable",
    }
}

/// The sign of a member: takes calls, is one, should be one and is not, is one and should not.
pub(super) fn member(model: &Model, member: Option<&MemberView>, glyphs: &Glyphs) -> (&'static str, Role) {
    match member {
        None => (glyphs.none, Role::Dim),
        Some(member) if member.declared != member.reported.unwrap_or(member.declared) => (glyphs.warn, Role::Warn),
        Some(member) if member.in_service => (glyphs.up, Role::Up),
        Some(member) => match model.server(&member.fqdn).map(|server| words::server(model, server, glyphs)) {
            // Out of service although nothing is wrong with it: its state says why.
            Some(mark) if mark.glyph != glyphs.up => (mark.glyph, mark.role),
            _ => (glyphs.off, Role::Off),
        },
    }
}
