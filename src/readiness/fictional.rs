//! Number ranges that regulators keep for film and print: a caller never reaches anybody there. Data only.

/// Beginning of the number in E.164 form, how many digits follow, and whose range it is.
type Range = (&'static str, usize, &'static str);

/// Ranges by regulator: Ofcom, BNetzA, ARCEP, ACMA. The one of North America has its own shape, see [`owner`].
const RANGES: &[Range] = &[
    ("+441134960", 3, "United Kingdom"),
    ("+441144960", 3, "United Kingdom"),
    ("+441154960", 3, "United Kingdom"),
    ("+441164960", 3, "United Kingdom"),
    ("+441174960", 3, "United Kingdom"),
    ("+441184960", 3, "United Kingdom"),
    ("+441214960", 3, "United Kingdom"),
    ("+441314960", 3, "United Kingdom"),
    ("+441414960", 3, "United Kingdom"),
    ("+441514960", 3, "United Kingdom"),
    ("+441614960", 3, "United Kingdom"),
    ("+441632960", 3, "United Kingdom"),
    ("+442079460", 3, "United Kingdom"),
    ("+442896496", 4, "United Kingdom"),
    ("+442920180", 3, "United Kingdom"),
    ("+447700900", 3, "United Kingdom"),
    ("+448081570", 3, "United Kingdom"),
    ("+449098790", 3, "United Kingdom"),
    ("+443069990", 3, "United Kingdom"),
    ("+493023125", 3, "Germany"),
    ("+496990009", 3, "Germany"),
    ("+494066969", 3, "Germany"),
    ("+492214710", 3, "Germany"),
    ("+498999998", 3, "Germany"),
    ("+3319900", 4, "France"),
    ("+3326191", 4, "France"),
    ("+3335301", 4, "France"),
    ("+3346571", 4, "France"),
    ("+3353649", 4, "France"),
    ("+3363998", 4, "France"),
    ("+6125550", 4, "Australia"),
    ("+6127010", 4, "Australia"),
    ("+6135550", 4, "Australia"),
    ("+6137010", 4, "Australia"),
    ("+6175550", 4, "Australia"),
    ("+6177010", 4, "Australia"),
    ("+6185550", 4, "Australia"),
    ("+6187010", 4, "Australia"),
];

/// Whose range for fiction a number in E.164 form belongs to.
pub(super) fn owner(e164: &str) -> Option<&'static str> {
    if is_north_american(e164) {
        return Some("North America, 555-0100 to 555-0199");
    }
    let within = |(start, rest, _): &&Range| e164.strip_prefix(start).is_some_and(|tail| tail.len() == *rest);
    RANGES.iter().find(within).map(|(_, _, owner)| *owner)
}

/// +1, any area code, 555-01xx (ATIS-0300115).
fn is_north_american(e164: &str) -> bool {
    let Some(national) = e164.strip_prefix("+1") else { return false };
    national.len() == 10 && national.get(3..8) == Some("55501")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_films_are_told_from_their_neighbours() {
        assert!(owner("+14255550100").is_some() && owner("+14255550199").is_some());
        assert!(owner("+14255550200").is_none() && owner("+14255551100").is_none());
        assert_eq!(owner("+442079460123"), Some("United Kingdom"));
        assert_eq!(owner("+33199001234"), Some("France"));
        assert!(owner("+442079470123").is_none() && owner("+33144001234").is_none());
    }
}
