// what: Rust without std: core alone, with a panic handler and an allocator of its own
// build: |
// build s: -C opt-level=s -C lto=fat |
// build pic: -C relocation-model=pic |
// build atomics: -C target-feature=+atomics,+bulk-memory |
// build o0: -C opt-level=0 |
// run: total 5 = 30
// run: words = 1404706322
// run: taken 100 = 200
// run: taken 200 = 400
// run: heap = 1
#![no_std]
extern crate alloc;
use alloc::{boxed::Box, string::String, vec::Vec};
use core::alloc::{GlobalAlloc, Layout};
use core::sync::atomic::{AtomicU32, Ordering};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
unsafe extern "C" {
    static __heap_base: u8;
    static __heap_end: u8;
}
/// Hands out what lies between the linker's two symbols, and nothing is given back.
struct Bump(AtomicU32);
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut at = self.0.load(Ordering::Relaxed);
        if at == 0 {
            at = &raw const __heap_base as u32;
        }
        let at = (at + layout.align() as u32 - 1) & !(layout.align() as u32 - 1);
        if at + layout.size() as u32 > &raw const __heap_end as u32 {
            return core::ptr::null_mut();
        }
        self.0.store(at + layout.size() as u32, Ordering::Relaxed);
        at as *mut u8
    }
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
#[global_allocator]
static BUMP: Bump = Bump(AtomicU32::new(0));
static WORDS: [&str; 3] = ["alpha", "beta", "gamma"];

#[unsafe(no_mangle)]
pub extern "C" fn total(n: u32) -> u32 {
    (0..n).map(|i| i * i).collect::<Vec<_>>().iter().sum()
}
#[unsafe(no_mangle)]
pub extern "C" fn words() -> u32 {
    let mut text = String::new();
    for word in core::hint::black_box(&WORDS) {
        text.push_str(word);
    }
    text.bytes().fold(1, |state, byte| (state ^ byte as u32).wrapping_mul(0x01000193))
}
#[unsafe(no_mangle)]
pub extern "C" fn taken(x: u32) -> u32 {
    let boxed: Box<dyn Fn(u32) -> u32> = Box::new(move |y| x + y);
    boxed(x)
}
#[unsafe(no_mangle)]
pub extern "C" fn heap() -> u32 {
    (BUMP.0.load(Ordering::Relaxed) > &raw const __heap_base as u32) as u32
}
