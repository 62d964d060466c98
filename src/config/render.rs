//! Problems as text with a caret, in the manner of rustc. Gets lines that are already masked and cleaned.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::problem::{Problem, Problems};

/// All problems, and how many they are.
pub(super) fn text(problems: &Problems, colours: bool) -> String {
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    let count = match problems.len() {
        0 => "no problem".to_owned(),
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    let mut parts: Vec<String> = problems.iter().map(|problem| one(problem, &renderer)).collect();
    parts.push(count);
    parts.join("\n\n")
}

fn one(problem: &Problem, renderer: &Renderer) -> String {
    let title = Level::ERROR.primary_title(problem.message.as_str());
    let title = if problem.kind == super::Kind::Syntax { title.id("syntax") } else { title };
    let (group, file) = (Group::with_title(title), problem.file.as_str());
    let mut group = match &problem.excerpt {
        Some(excerpt) => {
            let mark = AnnotationKind::Primary.span(excerpt.span.clone());
            let line = Snippet::source(excerpt.text.as_str()).path(file).line_start(problem.line);
            group.element(line.annotation(mark))
        }
        None => group.element(Origin::path(file).line(problem.line).char_column(problem.column)),
    };
    if let Some(also) = &problem.also {
        group = match &also.excerpt {
            Some(excerpt) => {
                let mark = AnnotationKind::Context.span(excerpt.span.clone()).label(also.message.as_str());
                let line = Snippet::source(excerpt.text.as_str()).path(also.file.as_str()).line_start(also.line);
                group.element(line.annotation(mark))
            }
            None => group.element(Origin::path(also.file.as_str()).line(also.line).char_column(also.column)),
        };
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}
