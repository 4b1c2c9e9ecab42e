//! `canary.c` in Rust, with the allocator of Rust's std.

use std::cell::RefCell;

const SLOTS: usize = 2048;

struct Held {
    blocks: Vec<Option<(Box<[u32]>, u32)>>,
    seed: u32,
    made: u32,
    broken: u32,
}

thread_local! {
    static HELD: RefCell<Held> = RefCell::new(Held {
        blocks: (0..SLOTS).map(|_| None).collect(),
        seed: 7,
        made: 0,
        broken: 0,
    });
}

impl Held {
    fn next(&mut self) -> u32 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 17;
        self.seed ^= self.seed << 5;
        self.seed
    }

    fn release(&mut self, slot: usize) {
        if let Some((block, tag)) = self.blocks[slot].take() {
            let right = |(at, word): (u32, &u32)| *word == tag ^ at;
            self.broken += (0..).zip(&*block).filter(|pair| !right(*pair)).count() as u32;
        }
    }
}

/// Replaces `rounds` of the held blocks by new ones of up to `words` words.
#[unsafe(no_mangle)]
pub extern "C" fn work(rounds: u32, words: u32) {
    HELD.with_borrow_mut(|held| {
        for _ in 0..rounds {
            let slot = held.next() as usize % SLOTS;
            held.release(slot);
            let size = 1 + held.next() % words;
            let tag = held.next();
            held.blocks[slot] = Some(((0..size).map(|at| tag ^ at).collect(), tag));
            held.made += 1;
        }
    })
}

/// How many words were not what they must be.
#[unsafe(no_mangle)]
pub extern "C" fn finish() -> u32 {
    HELD.with_borrow_mut(|held| {
        (0..SLOTS).for_each(|slot| held.release(slot));
        held.broken
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn made() -> u32 {
    HELD.with_borrow(|held| held.made)
}

#[unsafe(no_mangle)]
pub extern "C" fn pages() -> u32 {
    core::arch::wasm32::memory_size(0) as u32
}

/// A block whose first byte's address is returned; 0 if there is no memory.
#[unsafe(no_mangle)]
pub extern "C" fn block(bytes: u32) -> *mut u8 {
    let mut list: Vec<u8> = Vec::new();
    match list.try_reserve_exact(bytes as usize) {
        Ok(()) => list.leak().as_mut_ptr(),
        Err(_) => core::ptr::null_mut(),
    }
}
