//! What stands where on the screen, for the mouse: the drawing side tells what was clicked, never a row number.

use serde::{Deserialize, Serialize};

use super::action::Id;
use super::page::{Page, Pane};
use super::subject::Subject;

/// Something that can be clicked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hit {
    /// A tab.
    Page(Page),
    /// A line of a list.
    Subject(Pane, Subject),
    /// A key of the key bar.
    Action(Id),
    /// A choice of the open dialog, by its number.
    Choice(usize),
}
