//! What a run costs, in numbers that a busy machine does not change.
//!
//! In: a function. Out: its [`Cost`]: bytes of memory, counted by the allocator of the process, and the
//! time that its own thread was on a processor.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static TOTAL: AtomicUsize = AtomicUsize::new(0);

/// Counts bytes.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn add(bytes: usize) {
    let live = LIVE.fetch_add(bytes, Relaxed).wrapping_add(bytes);
    PEAK.fetch_max(live, Relaxed);
    TOTAL.fetch_add(bytes, Relaxed);
}

// SAFETY: every call goes on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: see above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: see above.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: see above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Only what is new counts as allocated, but a copy can exist twice for a moment.
        LIVE.fetch_sub(layout.size(), Relaxed);
        add(size);
        // SAFETY: see above.
        unsafe { System.realloc(at, layout, size) }
    }
}

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Most bytes that were allocated at the same time, beyond those before.
    pub peak: usize,
    /// Sum of all allocations in bytes.
    pub total: usize,
    /// Time on a processor in microseconds.
    pub micros: u64,
}

/// Runs a function and says what it cost. One thread at a time.
pub fn measure<T>(run: impl FnOnce() -> T) -> (T, Cost) {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    TOTAL.store(0, Relaxed);
    let start = processor_time();
    let value = run();
    let micros = processor_time() - start;
    let peak = PEAK.load(Relaxed).saturating_sub(before);
    (
        value,
        Cost {
            peak,
            total: TOTAL.load(Relaxed),
            micros,
        },
    )
}

#[cfg(unix)]
fn processor_time() -> u64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `now` is valid for writes, and the clock exists on every system that libFuzzer runs on.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.tv_sec as u64 * 1_000_000 + now.tv_nsec as u64 / 1000
}

#[cfg(not(unix))]
fn processor_time() -> u64 {
    0
}
