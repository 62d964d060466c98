//! The way in: draws a model into a writer, and writes only what changed.

use std::io::{self, Write};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::hit::Hit;
use crate::app::{Model, Shape};
use crate::domain::topology::Topology;

use super::encode::Encoder;
use super::look::{Look, Role};
use super::pen::Pen;
use super::{layout, screens};

/// A terminal's screen: remembers what is shown there.
pub struct Screen<W: Write> {
    out: W,
    look: Look,
    shown: Buffer,
    next: Buffer,
    encoder: Encoder,
    bytes: Vec<u8>,
    /// What stands where, in the order in which it was drawn.
    hits: Vec<(Rect, Hit)>,
    /// What stands in the last row in place of the console's own.
    banner: Option<String>,
    /// The terminal shows something that is not known: draw everything.
    stale: bool,
}

impl<W: Write> Screen<W> {
    /// A screen of so many columns and rows; nothing is written yet.
    pub fn new(out: W, look: Look, columns: u16, rows: u16) -> Self {
        let area = Rect::new(0, 0, columns, rows);
        Self {
            out,
            look,
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            encoder: Encoder::default(),
            bytes: Vec::new(),
            hits: Vec::new(),
            banner: None,
            stale: true,
        }
    }

    /// Takes another size; everything is drawn anew.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.next.resize(Rect::new(0, 0, columns, rows));
        self.forget();
    }

    /// What the terminal shows is not known any more; the next frame draws everything.
    pub fn forget(&mut self) {
        self.stale = true;
    }

    /// Puts a line into the last row of every frame, or takes it away.
    pub fn set_banner(&mut self, banner: Option<String>) {
        self.banner = banner;
    }

    /// What fits on this screen.
    pub fn shape(&self, topology: &Topology) -> Shape {
        layout::shape(self.next.area, topology)
    }

    /// Draws the model: one write, or none when the screen shows it already. Gives the number of bytes.
    ///
    /// # Errors
    /// What the writer says; the next frame then draws everything.
    pub fn draw(&mut self, model: &Model) -> io::Result<usize> {
        let area = self.next.area;
        self.next.content.fill(self.look.blank());
        let mut pen = Pen::new(&mut self.next, &self.look);
        screens::draw(model, &mut pen, area);
        if let Some(banner) = &self.banner {
            let row = layout::take_bottom(&mut area.clone(), 1);
            pen.clear(row);
            pen.put(row, banner, Role::Practice);
        }
        let (hits, cursor) = pen.into_marks();
        self.hits = hits;
        self.bytes.clear();
        if self.stale {
            self.encoder.clear(&mut self.bytes);
            self.shown = Buffer::empty(self.next.area);
        }
        self.encoder.frame(&self.shown, &self.next, cursor, &mut self.bytes);
        if !self.bytes.is_empty() {
            self.stale = true;
            self.out.write_all(&self.bytes)?;
            self.out.flush()?;
        }
        self.stale = false;
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(self.bytes.len())
    }

    /// What stands at a column and row of what is shown.
    #[must_use]
    pub fn hit(&self, column: u16, row: u16) -> Option<&Hit> {
        let at = ratatui::layout::Position::new(column, row);
        self.hits.iter().rev().find(|(area, _)| area.contains(at)).map(|(_, hit)| hit)
    }

    /// The writer.
    pub fn writer(&mut self) -> &mut W {
        &mut self.out
    }

    /// What is shown, as lines of text without trailing blanks; for tests and for the summary after the end.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines(|_, _| {})
    }

    /// What is shown, each line followed by its runs of style; for tests.
    #[must_use]
    pub fn styled(&self) -> String {
        self.lines(|cells, out| {
            let mut runs: Vec<(usize, usize, String)> = Vec::new();
            for (x, cell) in cells.iter().enumerate() {
                let style = format!("{}/{} {:?}", cell.fg, cell.bg, cell.modifier);
                match runs.last_mut() {
                    Some((_, to, last)) if *last == style => *to = x,
                    _ => runs.push((x, x, style)),
                }
            }
            for (from, to, style) in runs.into_iter().filter(|run| run.2 != "Reset/Reset NONE") {
                out.push_str("\n    ");
                out.push_str(&[from.to_string(), "-".into(), to.to_string(), " ".into(), style].concat());
            }
        })
    }

    fn lines(&self, after: impl Fn(&[ratatui::buffer::Cell], &mut String)) -> String {
        let columns = usize::from(self.shown.area.width).max(1);
        let mut lines = Vec::new();
        for cells in self.shown.content().chunks(columns) {
            let mut line = String::new();
            let mut skip = 0_usize;
            for cell in cells {
                if skip == 0 {
                    line.push_str(cell.symbol());
                }
                skip = super::text::width(cell.symbol()).max(skip).saturating_sub(1);
            }
            line.truncate(line.trim_end().len());
            after(cells, &mut line);
            lines.push(line);
        }
        lines.join("\n")
    }
}
