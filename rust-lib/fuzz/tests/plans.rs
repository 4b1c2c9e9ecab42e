//! Several modules together: every way to keep an allocator from what is not its own comes up. (Runs
//! without a fuzzer: `cargo test` in this folder.)

mod noise;

use noise::noise;
use wasm_share_fuzz::{runs, tried};

/// At least so often each must come up.
const FLOOR: u64 = 10;

/// Every number of modules that is planned, every way, every reason to refuse a plan.
const CASES: &str = "
heap: All as it is
heap: All reserved
heap: All staged
heap: All view
heap: None as it is
heap: None reserved
heap: Piece as it is
heap: Piece reserved
modules: 0
modules: 1
modules: 2
modules: 3
modules: 4
refused: AddressOverflow
refused: HeapConflict
refused: InvalidOption
~ refused: LayoutOverlap
~ refused: MalformedModule
refused: MemoryLimit
refused: MisalignedOffset
";

#[test]
fn every_way_to_share_a_memory_comes_up() {
    for seed in 1..=10_000 {
        runs::combine(&noise(seed, 100 + seed as usize % 4000));
    }
    tried::must_be(CASES, FLOOR);
}
