//! What the method of the original costs at least: a module read by walrus and written again, nothing
//! changed. For the native program beside it, and, built for WebAssembly, for JavaScript.

use std::cell::RefCell;

/// Parses and emits.
///
/// # Errors
/// What walrus says of a module that it cannot read.
pub fn round_trip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    // As the original configures it: names kept, nothing validated twice.
    let mut config = walrus::ModuleConfig::new();
    config.generate_name_section(true);
    let mut module = config.parse(bytes).map_err(|error| format!("{error:#}"))?;
    Ok(module.emit_wasm())
}

thread_local! {
    /// What goes in, then what comes out.
    static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes room for a module of `len` bytes. Gives its address.
#[unsafe(no_mangle)]
pub extern "C" fn room(len: usize) -> *mut u8 {
    BYTES.with_borrow_mut(|bytes| {
        *bytes = vec![0; len];
        bytes.as_mut_ptr()
    })
}

/// The round trip of what was written into the room. Gives the length of the result; traps if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> usize {
    BYTES.with_borrow_mut(|bytes| {
        *bytes = round_trip(bytes).expect("the module is valid");
        bytes.len()
    })
}

/// Address of the result.
#[unsafe(no_mangle)]
pub extern "C" fn result() -> *const u8 {
    BYTES.with_borrow(|bytes| bytes.as_ptr())
}
