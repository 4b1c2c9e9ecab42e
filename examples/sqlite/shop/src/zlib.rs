//! The part of zlib's C API that is used here: exports of the module `zlib`.

use std::ffi::{c_char, c_int, c_ulong};

pub const OK: c_int = 0;

#[link(wasm_import_module = "zlib")]
unsafe extern "C" {
    fn compressBound(length: c_ulong) -> c_ulong;
    fn compress2(
        packed: *mut u8,
        packed_length: *mut c_ulong,
        bytes: *const u8,
        length: c_ulong,
        level: c_int,
    ) -> c_int;
    pub fn zError(code: c_int) -> *const c_char;
}

/// Compresses `bytes` into `packed`: zlib reads the one and writes the other where they are.
pub fn compress(bytes: &[u8], packed: &mut Vec<u8>) -> Result<(), c_int> {
    let length = bytes.len() as c_ulong;
    unsafe {
        let mut packed_length = compressBound(length);
        packed.resize(packed_length as usize, 0);
        match compress2(
            packed.as_mut_ptr(),
            &mut packed_length,
            bytes.as_ptr(),
            length,
            6,
        ) {
            OK => packed.truncate(packed_length as usize),
            code => return Err(code),
        }
    }
    Ok(())
}
