//! Bytes → a gzip file, with `miniz_oxide`. The bytes are read where they are, whoever wrote them; the
//! checksum of the file is that of a C module in the same memory.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use wasm_bindgen::prelude::*;

// [import]
#[link(wasm_import_module = "checksum")]
unsafe extern "C" {
    fn crc32(bytes: *const u8, len: usize) -> u32;
}
// [/import]

/// The magic number, method 8, no flags, no time, an unknown system (RFC 1952, section 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A gzip file. It belongs to this module: its bytes are valid until `free` is called.
#[wasm_bindgen]
pub struct Packed {
    bytes: Vec<u8>,
}

#[wasm_bindgen]
impl Packed {
    /// Packs the `len` bytes at `ptr`, which stay their owner's.
    #[allow(clippy::not_unsafe_ptr_arg_deref, reason = "JavaScript has no unsafe functions")]
    #[wasm_bindgen(constructor)]
    pub fn new(ptr: *const u8, len: usize) -> Packed {
        let input = unsafe { std::slice::from_raw_parts(ptr, len) };
        let mut bytes = HEADER.to_vec();
        bytes.extend(compress_to_vec(input, 9));
        bytes.extend(unsafe { crc32(ptr, len) }.to_le_bytes());
        bytes.extend((len as u32).to_le_bytes());
        Packed { bytes }
    }

    /// Where the bytes are, in the memory of all modules.
    #[wasm_bindgen(getter)]
    pub fn ptr(&self) -> *const u8 {
        self.bytes.as_ptr()
    }

    /// How many bytes there are.
    #[wasm_bindgen(getter)]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// Unpacks a gzip file.
///
/// # Errors
/// If it is none, or is damaged, or holds more than `limit` bytes.
#[wasm_bindgen]
pub fn unpack(file: &[u8], limit: usize) -> Result<Vec<u8>, JsError> {
    let body = file.strip_prefix(&HEADER).and_then(|rest| rest.split_last_chunk::<8>());
    let (body, trailer) = body.ok_or_else(|| JsError::new("This is no gzip file of ours"))?;
    let bytes = decompress_to_vec_with_limit(body, limit)
        .map_err(|error| JsError::new(&format!("The file is damaged: {error}")))?;
    if unsafe { crc32(bytes.as_ptr(), bytes.len()) }.to_le_bytes() != trailer[..4] {
        return Err(JsError::new("The checksum is another one"));
    }
    Ok(bytes)
}
