//! What is shown: words, and facets such as `state:down site:dublin`. All of them have to match; `-` before one turns it round.

use std::fmt;

/// A facet's name, and what it looks at.
pub const FACETS: &[(&str, &str)] = &[
    (
        "state",
        "health, service state, or the state of a run: up, down, degraded, unknown, disabled, draining, moved, halted",
    ),
    ("site", "the name of a site"),
    ("plan", "the name of a dial plan that it belongs to"),
    ("severity", "of a finding or a guideline: critical, warning, info; ok, fail"),
    ("kind", "server, pool, site, name, dns, finding, run, check, or the id of a finding"),
];

/// What the lines that are shown have to match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    /// Index into [`FACETS`]; a plain word looks at everything.
    facet: Option<usize>,
    word: String,
    not: bool,
}

/// What a line says of itself, facet by facet, in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// Everything that is read on the line.
    pub text: String,
    /// Values of each facet, in the order of [`FACETS`].
    pub facets: [Vec<String>; 5],
}

impl Traits {
    /// Adds a value to a facet.
    pub fn add(&mut self, facet: &str, value: impl AsRef<str>) {
        if let Some(at) = FACETS.iter().position(|row| row.0 == facet) {
            self.facets[at].push(value.as_ref().to_lowercase());
        }
    }

    /// Adds words that are read on the line.
    pub fn say(&mut self, words: impl AsRef<str>) {
        self.text.push(' ');
        self.text.push_str(&words.as_ref().to_lowercase());
    }
}

impl Filter {
    /// Reads a filter. Every text is one: a facet that does not exist is a word.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let terms = text.split_whitespace().filter_map(term).collect();
        Self { text: text.trim().to_owned(), terms }
    }

    /// Whether everything is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a line is shown.
    #[must_use]
    pub fn matches(&self, traits: &Traits) -> bool {
        self.terms.iter().all(|term| term.not != term.finds(traits))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Term {
    fn finds(&self, traits: &Traits) -> bool {
        match self.facet {
            None => {
                traits.text.contains(&self.word)
                    || traits.facets.iter().flatten().any(|value| value.contains(&self.word))
            }
            Some(at) => traits.facets[at].iter().any(|value| value.starts_with(&self.word)),
        }
    }
}

fn term(word: &str) -> Option<Term> {
    let (not, word) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
    let lower = word.to_lowercase();
    let facet = lower.split_once(':').and_then(|(name, value)| {
        let at = FACETS.iter().position(|row| row.0 == name)?;
        Some((at, value.to_owned()))
    });
    let term = match facet {
        Some((at, value)) => Term { facet: Some(at), word: value, not },
        None => Term { facet: None, word: lower, not },
    };
    // What is still being typed hides nothing.
    (!term.word.is_empty()).then_some(term)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn um4() -> Traits {
        let mut traits = Traits::default();
        traits.say("um4.dublin.contoso.com 200 OK");
        traits.add("state", "Down");
        traits.add("site", "Dublin");
        traits.add("kind", "server");
        traits
    }

    #[test]
    fn words_and_facets_all_have_to_match() {
        for yes in
            ["", "um4", "UM4 dublin", "state:down", "state:do site:dublin", "-site:tukwila", "state:", "-", "down"]
        {
            assert!(Filter::parse(yes).matches(&um4()), "{yes}");
        }
        for no in ["um5", "state:up", "state:down site:tukwila", "-um4", "-state:down", "nothing:down"] {
            assert!(!Filter::parse(no).matches(&um4()), "{no}");
        }
    }
}
