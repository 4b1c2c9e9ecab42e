//! Modules made by chance, of which every site is known.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    wasm_share_fuzz::known::run(data);
});
