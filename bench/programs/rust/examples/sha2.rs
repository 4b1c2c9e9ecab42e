//! By others: SHA-256 and SHA-512 of RustCrypto.
use sha2::{Digest, Sha256, Sha512};
use wasm_share_bench_programs::{fill, hash};

#[unsafe(no_mangle)]
pub extern "C" fn run(n: u32) -> u32 {
    let mut bytes = fill(200_000);
    for _ in 0..n {
        let short = Sha256::digest(&bytes);
        let long = Sha512::digest(&bytes);
        bytes[..32].copy_from_slice(&short);
        bytes[32..96].copy_from_slice(&long);
    }
    hash(&bytes)
}
