//! All arithmetic on sizes: breakpoints, who gets how many rows, which columns fit. Nothing here can run out of its area.

use ratatui::layout::Rect;

use crate::app::Shape;
use crate::domain::topology::Topology;

/// The smallest terminal that is drawn on.
pub(super) const SMALLEST: (u16, u16) = (60, 15);
/// From this size on there are panels, cards and an inspect pane.
const WIDE: (u16, u16) = (110, 30);
/// From this size on each server has a line.
const COMPACT: (u16, u16) = (76, 20);
/// A card needs this many columns.
const CARD: u16 = 55;
/// Rows that a compact screen keeps for everything but sites.
const COMPACT_REST: usize = 11;

/// How the screen is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Only says how much room it needs.
    TooSmall,
    /// One line per site, and findings.
    Lines,
    /// One line per server, no boxes.
    Compact,
    /// Cards, panels, inspect pane.
    Wide,
}

/// The form for a size.
pub(super) fn form(area: Rect) -> Form {
    let fits = |(cols, rows): (u16, u16)| area.width >= cols && area.height >= rows;
    match () {
        () if fits(WIDE) => Form::Wide,
        () if fits(COMPACT) => Form::Compact,
        () if fits(SMALLEST) => Form::Lines,
        () => Form::TooSmall,
    }
}

/// What fits, for the core.
pub(super) fn shape(area: Rect, topology: &Topology) -> Shape {
    let page = usize::from(area.height / 2).max(1);
    match form(area) {
        Form::TooSmall | Form::Lines => Shape { cards: 0, side_by_side: false, page },
        Form::Compact => {
            let lines: usize = topology.sites.iter().map(|site| site.servers.len() + 1).sum();
            let fits = lines + topology.pools.len() + COMPACT_REST <= usize::from(area.height);
            Shape { cards: if fits { topology.sites.len() } else { 0 }, side_by_side: false, page }
        }
        Form::Wide => {
            let across = usize::from(area.width / CARD).max(1);
            let most = topology.sites.iter().map(|site| site.servers.len()).max().unwrap_or(0);
            let down = (usize::from(area.height) / 2) / card_height(most, 2);
            Shape { cards: across * down, side_by_side: across > 1, page }
        }
    }
}

/// Rows of a card: border, heading, servers, what else stands in it, border.
pub(super) fn card_height(servers: usize, others: usize) -> usize {
    servers + others + 3
}

/// Splits an area into a grid of cards, row by row; each card `height` rows high.
pub(super) fn grid(area: Rect, count: usize, height: usize) -> Vec<Rect> {
    let across = usize::from(area.width / CARD).clamp(1, count.max(1));
    let mut rest = area;
    let mut cards = Vec::with_capacity(count);
    while cards.len() < count && rest.height > 0 {
        let row = take_top(&mut rest, height);
        cards.extend(columns(row, across));
    }
    cards.truncate(count);
    cards
}

/// Splits an area into columns of equal width; the last ones get what is left over.
pub(super) fn columns(area: Rect, count: usize) -> Vec<Rect> {
    let mut rest = area;
    (0..count)
        .map(|done| {
            let width = usize::from(rest.width) / (count - done);
            take_left(&mut rest, width)
        })
        .collect()
}

/// Columns inside each card of a grid.
pub(super) fn card_columns(area: Rect, count: usize) -> usize {
    let across = usize::from(area.width / CARD).clamp(1, count.max(1));
    (usize::from(area.width) / across).saturating_sub(4)
}

/// Rows that a grid of cards takes.
pub(super) fn grid_height(area: Rect, count: usize, height: usize) -> usize {
    let across = usize::from(area.width / CARD).clamp(1, count.max(1));
    count.div_ceil(across) * height
}

fn least(side: u16, wanted: usize) -> u16 {
    u16::try_from(wanted).unwrap_or(u16::MAX).min(side)
}

/// Cuts rows off the top.
pub(super) fn take_top(area: &mut Rect, rows: usize) -> Rect {
    let rows = least(area.height, rows);
    let taken = Rect { height: rows, ..*area };
    (area.y, area.height) = (area.y.saturating_add(rows), area.height - rows);
    taken
}

/// Cuts rows off the bottom.
pub(super) fn take_bottom(area: &mut Rect, rows: usize) -> Rect {
    let rows = least(area.height, rows);
    area.height -= rows;
    Rect { y: area.y.saturating_add(area.height), height: rows, ..*area }
}

/// Cuts columns off the left.
pub(super) fn take_left(area: &mut Rect, columns: usize) -> Rect {
    let columns = least(area.width, columns);
    let taken = Rect { width: columns, ..*area };
    (area.x, area.width) = (area.x.saturating_add(columns), area.width - columns);
    taken
}

/// Cuts columns off the right.
pub(super) fn take_right(area: &mut Rect, columns: usize) -> Rect {
    let columns = least(area.width, columns);
    area.width -= columns;
    Rect { x: area.x.saturating_add(area.width), width: columns, ..*area }
}

/// The inside of a panel: without the border, and with a column of air at each side.
pub(super) fn inside(area: Rect) -> Rect {
    let mut inner = area;
    take_top(&mut inner, 1);
    take_bottom(&mut inner, 1);
    take_left(&mut inner, 2);
    take_right(&mut inner, 2);
    inner
}

/// A dialog in the middle, at most so large.
pub(super) fn centred(area: Rect, columns: usize, rows: usize) -> Rect {
    let (columns, rows) = (least(area.width, columns), least(area.height, rows));
    let x = area.x.saturating_add((area.width - columns) / 2);
    let y = area.y.saturating_add((area.height - rows) / 2);
    Rect { x, y, width: columns, height: rows }
}

/// The lines of a list that are shown: the first one, so that the selected one is among `rows` lines.
pub(super) fn window(selected: usize, total: usize, rows: usize) -> usize {
    if total <= rows || rows == 0 {
        return 0;
    }
    selected.saturating_sub(rows / 2).min(total - rows)
}

/// Widths of a server line's columns; zero: the column is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ServerColumns {
    /// Short name.
    pub(super) name: usize,
    /// SIP answer in words.
    pub(super) sip: usize,
    /// Round-trip time.
    pub(super) latency: usize,
    /// Its history.
    pub(super) spark: usize,
    /// Where the name points.
    pub(super) place: usize,
    /// Service state.
    pub(super) state: usize,
    /// Days until the certificate ends.
    pub(super) certificate: usize,
    /// Names covered.
    pub(super) san: usize,
}

/// Chooses columns for a width: the most telling first, then more room for words and history.
pub(super) fn server_columns(width: u16, name: usize, san: usize, places: bool, states: bool) -> ServerColumns {
    // Marker, glyph and a blank come first.
    let room = usize::from(width).saturating_sub(3);
    let name = name.clamp(3, 20).min(room);
    let mut left = room.saturating_sub(name);
    let sip = take(&mut left, 12, true);
    let latency = take(&mut left, 6, true);
    let certificate = take(&mut left, 5, true);
    let place = take(&mut left, 7, places);
    let state = take(&mut left, 8, states);
    let san = take(&mut left, san.clamp(3, 7), true);
    let spark = take(&mut left, 6, true);
    let state = if state == 0 && left > 24 { take(&mut left, 8, true) } else { state };
    // History first up to what tells something, then whole sentences, then more history.
    let longer = if spark > 0 { left.min(9) } else { 0 };
    let wider = if sip > 0 { (left - longer).min(14) } else { 0 };
    let longest = if spark > 0 { (left - longer - wider).min(30) } else { 0 };
    ServerColumns { name, sip: sip + wider, latency, spark: spark + longer + longest, place, state, certificate, san }
}

/// Takes a column and the blank before it, where it is wanted and fits.
fn take(left: &mut usize, columns: usize, wanted: bool) -> usize {
    if !wanted || *left <= columns {
        return 0;
    }
    *left -= columns + 1;
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_never_take_more_than_there_is() {
        for width in 0..300 {
            for name in [0, 3, 12, 60] {
                for (places, states) in [(true, false), (false, true), (true, true)] {
                    let c = server_columns(width, name, name % 9, places, states);
                    let used: usize = [c.sip, c.latency, c.spark, c.place, c.state, c.certificate, c.san]
                        .iter()
                        .filter(|width| **width > 0)
                        .map(|width| width + 1)
                        .sum();
                    assert!(3 + c.name + used <= usize::from(width).max(3), "{width} {name} {c:?}");
                }
            }
        }
    }

    #[test]
    fn the_selected_line_is_always_in_the_window() {
        for total in 0..40 {
            for rows in 1..12 {
                for selected in 0..total {
                    let top = window(selected, total, rows);
                    assert!((top..top + rows).contains(&selected), "{selected} of {total} in {rows}");
                    assert!(top == 0 || top + rows <= total);
                }
            }
        }
    }

    #[test]
    fn pieces_stay_inside_and_add_up() {
        let area = Rect::new(3, 2, 50, 20);
        let mut rest = area;
        let top = take_top(&mut rest, 7);
        let bottom = take_bottom(&mut rest, 90);
        assert_eq!((top.height, bottom.height, rest.height), (7, 13, 0));
        assert_eq!(columns(area, 3).iter().map(|column| column.width).sum::<u16>(), 50);
        assert_eq!(inside(Rect::new(0, 0, 1, 1)).area(), 0);
    }
}
