//! Calls a module called `store` by name, from Rust.
#![no_std]

use core::panic::PanicInfo;

#[path = "../../reading.rs"]
#[allow(dead_code)]
mod reading;
use reading::Reading;

// [import]
#[link(wasm_import_module = "store")]
unsafe extern "C" {
    fn reading_new(id: u32, name: *const u8, len: u32) -> *mut Reading;
    fn reading_free(r: *mut Reading);
}

#[unsafe(no_mangle)]
pub extern "C" fn visit_store(id: u32) -> f64 {
    let name = "Füße";
    let r = unsafe { reading_new(id, name.as_ptr(), name.len() as u32) };
    if r.is_null() {
        return -1.0;
    }
    let value = unsafe { (*r).value };
    unsafe { reading_free(r) }; // the owner's own function
    value
}
// [/import]

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
