// what: Rust: a panic's message and location, kept by a hook before the trap
// build: |
// build s: -C opt-level=s |
// build debug: -C opt-level=0 -C debuginfo=1 |
// build pic: -C relocation-model=pic -C opt-level=s |
// run: prepare = 1
// run: fail 0 = trap
// run: message = -1281320049
// run: fail 9 = trap
// run: message = -169804824
use std::sync::Mutex;
static MESSAGE: Mutex<String> = Mutex::new(String::new());
static VALUES: [u32; 4] = [1, 2, 3, 4];

#[unsafe(no_mangle)]
pub fn prepare() -> u32 {
    std::panic::set_hook(Box::new(|info| {
        *MESSAGE.lock().unwrap() = info.to_string();
    }));
    1
}
#[unsafe(no_mangle)]
pub fn message() -> u32 {
    MESSAGE.lock().unwrap().bytes().fold(1, |state, byte| (state ^ byte as u32).wrapping_mul(0x01000193))
}
#[unsafe(no_mangle)]
pub fn fail(at: u32) -> u32 {
    if at == 0 {
        let nothing: Option<u32> = std::hint::black_box(None);
        return nothing.expect("there is nothing");
    }
    VALUES[at as usize]
}
