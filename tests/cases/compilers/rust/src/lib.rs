//! Rust with std.

use std::ffi::{CStr, CString, c_char};

static TABLE: [&CStr; 2] = [c"first of Rust", c"second of Rust"];

#[unsafe(no_mangle)]
pub extern "C" fn text(n: usize) -> *const c_char {
    TABLE[n % 2].as_ptr()
}

/// # Safety
/// `text` points to text that ends with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn length(text: *const c_char) -> usize {
    unsafe { CStr::from_ptr(text) }.count_bytes()
}

/// A copy for the caller, who gives it back to [`free_copy`].
///
/// # Safety
/// `text` points to text that ends with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn copy(text: *const c_char) -> *mut c_char {
    CString::from(unsafe { CStr::from_ptr(text) }).into_raw()
}

/// # Safety
/// `text` is from [`copy`], and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free_copy(text: *mut c_char) {
    drop(unsafe { CString::from_raw(text) });
}
