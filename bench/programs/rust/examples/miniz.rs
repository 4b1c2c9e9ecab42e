//! By others: miniz_oxide packs and unpacks.
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec};
use wasm_share_bench_programs::{fill, hash};

#[unsafe(no_mangle)]
pub extern "C" fn run(n: u32) -> u32 {
    let mut from = fill(200_000);
    let mut value = 0u32;
    for at in 0..n as usize {
        let packed = compress_to_vec(&from, 6);
        let back = decompress_to_vec(&packed).expect("it was packed just now");
        value = value.wrapping_mul(31) ^ hash(&packed) ^ hash(&back);
        from[at] ^= 1;
    }
    value
}
