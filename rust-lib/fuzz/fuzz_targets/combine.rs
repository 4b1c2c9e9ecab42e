//! Several modules in one plan, with any options.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    wasm_share_fuzz::runs::combine(data);
});
