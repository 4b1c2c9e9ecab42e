//! What the programs share: bytes to work on, and a hash.

/// Words in an order that repeats, but not soon.
pub fn fill(size: usize) -> Vec<u8> {
    const WORDS: [&str; 8] = [
        "linear ",
        "memory ",
        "of ",
        "many ",
        "modules ",
        "moves ",
        "2026-11-28 ",
        "a@b.org\n",
    ];
    let mut state = 12345u32;
    let mut bytes = Vec::with_capacity(size + 16);
    while bytes.len() < size {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        bytes.extend_from_slice(WORDS[(state >> 16) as usize % WORDS.len()].as_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// FNV-1a.
pub fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(2166136261, |value, &byte| {
        (value ^ u32::from(byte)).wrapping_mul(16777619)
    })
}
