//! Plays a recording in a model: on, back, to any moment. Knows no terminal and no clock.

use std::time::Duration;

use super::tape::{Bookmark, Moment, Recording, RecordingError};
use crate::app::{Event, Model, Shape, update};

/// Places to go back to are kept so far apart at least, and no more than this many.
const APART: Duration = Duration::from_secs(20);
const MARKS: u32 = 64;

/// A recording that is being played.
#[derive(Debug)]
pub struct Player {
    recording: Recording,
    model: Model,
    /// What happens next; `None` at the end.
    next: Option<Moment>,
    /// From the start to the moment that is shown.
    position: Duration,
    /// How much fits where it is played.
    shape: Shape,
    /// Places to go back to, in the order of the recording.
    marks: Vec<Mark>,
    /// Why nothing more can be read.
    damage: Option<String>,
}

#[derive(Debug)]
struct Mark {
    position: Duration,
    model: Model,
    next: Option<Moment>,
    place: Bookmark,
}

impl Player {
    /// Stands at the start.
    ///
    /// # Errors
    /// [`RecordingError`] when not even the first event can be read.
    pub fn new(mut recording: Recording) -> Result<Self, RecordingError> {
        let model = recording.model()?;
        let next = recording.next_moment()?;
        let (shape, place) = (model.shape, recording.bookmark());
        let start = Mark { position: Duration::ZERO, model: model.clone(), next: next.clone(), place };
        Ok(Self { recording, model, next, position: Duration::ZERO, shape, marks: vec![start], damage: None })
    }

    /// What is shown.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// From the start to the moment that is shown.
    #[must_use]
    pub fn position(&self) -> Duration {
        self.position
    }

    /// From the start to the end.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.recording.length()
    }

    /// Whether nothing more happens.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.next.is_none()
    }

    /// Why nothing more can be read, where the file is damaged from here on.
    #[must_use]
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// Tells how much fits. What the recorded terminal said of itself does not count here.
    pub fn fit(&mut self, shape: Shape) {
        self.shape = shape;
        let now = self.model.now;
        update(&mut self.model, Event::Resized(shape), now);
    }

    /// Goes to a moment, as far as there is one.
    ///
    /// # Errors
    /// When the file cannot be read any more.
    pub fn seek(&mut self, to: Duration) -> Result<(), RecordingError> {
        if to < self.position {
            let mark = self.marks.iter().rev().find(|mark| mark.position <= to).or(self.marks.first());
            let Some(mark) = mark else { return Ok(()) };
            self.recording.go_to(&mark.place)?;
            (self.model, self.next, self.position) = (mark.model.clone(), mark.next.clone(), mark.position);
            self.damage = None;
            self.fit(self.shape);
        }
        self.advance(to);
        Ok(())
    }

    fn advance(&mut self, to: Duration) {
        while let Some(at) = self.next.as_ref().map(|moment| self.since_start(moment)).filter(|at| *at <= to) {
            self.mark(at);
            let read = self.recording.next_moment();
            let next = read.unwrap_or_else(|error| {
                self.damage = Some(error.to_string());
                None
            });
            if let Some(Moment { at, event }) = std::mem::replace(&mut self.next, next)
                && !matches!(event, Event::Resized(_))
            {
                // What the core asked for was done then, and what came of it is recorded, too.
                update(&mut self.model, event, at);
            }
        }
        self.position = to.min(self.length());
    }

    /// Keeps this place, just before the event at `at`, when the last one is far enough away.
    fn mark(&mut self, at: Duration) {
        let apart = APART.max(self.length() / MARKS);
        if self.marks.last().is_none_or(|last| at >= last.position + apart) {
            let place = self.recording.bookmark();
            self.marks.push(Mark { position: at, model: self.model.clone(), next: self.next.clone(), place });
        }
    }

    fn since_start(&self, moment: &Moment) -> Duration {
        Duration::try_from(moment.at.duration_since(self.recording.header().started)).unwrap_or_default()
    }
}
