//! One way to sort, so that the core carries one sort.
//!
//! In: items and a 32-bit key each. Out: the items by key; equal keys keep their order.

/// Sorts by a key.
pub fn by_key<T: Clone>(items: &mut Vec<T>, key: impl Fn(&T) -> u32) {
    let mut order: Vec<u64> = items
        .iter()
        .zip(0u64..)
        .map(|(item, at)| (key(item) as u64) << 32 | at)
        .collect();
    // `is_sorted` is four times the size.
    if order.windows(2).all(|pair| pair[0] < pair[1]) {
        return;
    }
    order.sort_unstable();
    *items = order
        .iter()
        .map(|key| items[*key as u32 as usize].clone())
        .collect();
}

#[cfg(test)]
mod tests {
    #[test]
    fn equal_keys_keep_their_order() {
        let mut items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd'), (1, 'e')];
        super::by_key(&mut items, |i| i.0);
        assert_eq!(items, [(0, 'd'), (1, 'b'), (1, 'e'), (2, 'a'), (2, 'c')]);
    }
}
