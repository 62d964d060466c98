//! Which columns of a list fit into a width: the most telling first. Columns that do not fit are not there at all.

/// Chooses columns: each is how wide it wants to be and its rank; those of the lowest rank come first, each with the blank before
/// it. Gives their widths in the order in which they are drawn; zero: the column is not there.
pub(super) fn choose<const N: usize>(room: usize, wanted: [(usize, u8); N]) -> [usize; N] {
    let mut order: Vec<usize> = (0..N).filter(|at| wanted[*at].0 > 0).collect();
    order.sort_by_key(|at| wanted[*at].1);
    let (mut left, mut widths) = (room, [0; N]);
    for at in order {
        let columns = wanted[at].0;
        if columns < left {
            widths[at] = columns;
            left -= columns + 1;
        }
    }
    widths
}

/// What chosen columns leave of the room.
pub(super) fn spare(room: usize, widths: &[usize]) -> usize {
    let used: usize = widths.iter().filter(|width| **width > 0).map(|width| width + 1).sum();
    room.saturating_sub(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_telling_columns_come_first_and_never_take_more_than_there_is() {
        let wanted = [(10, 0), (6, 2), (5, 1), (0, 0), (20, 3)];
        for room in 0..80 {
            let widths = choose(room, wanted);
            let used: usize = widths.iter().filter(|width| **width > 0).map(|width| width + 1).sum();
            assert!(used <= room, "{room} {widths:?}");
            assert_eq!(spare(room, &widths), room - used);
        }
        assert_eq!(choose(11, wanted), [10, 0, 0, 0, 0]);
        assert_eq!(choose(24, wanted), [10, 6, 5, 0, 0]);
        assert_eq!(choose(80, wanted), [10, 6, 5, 0, 20]);
    }
}
