//! "Did you mean": the nearest of the words that would have been right.

/// No name is longer, and the distance of long texts is slow to compute.
const LONGEST: usize = 253;

/// The known word that a written one most likely stands for.
pub(super) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let written = written.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&written, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= (word.chars().count().max(written.chars().count()) / 3).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Advice for a word that is not among the known ones.
pub(super) fn advice<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(word) = nearest(written, known.iter().copied()) {
        return Some(format!("did you mean `{word}`?"));
    }
    match known.len() {
        0 => None,
        1..=12 => Some(format!("known here: {}", known.join(", "))),
        more => Some(format!("known here: {}, and {} more", known[..12].join(", "), more - 12)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_does_not() {
        let known = ["interval", "timeout", "um1.tukwila.contoso.com", "um2.tukwila.contoso.com"];
        assert_eq!(nearest("intreval", known), Some("interval"));
        assert_eq!(nearest("Timeout", known), Some("timeout"));
        assert_eq!(nearest("um1.tukwilla.contoso.com", known), Some("um1.tukwila.contoso.com"));
        assert_eq!(nearest("colour", known), None);
    }
}
