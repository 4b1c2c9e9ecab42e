//! What the data segments of a module write into its memory.
//!
//! In: active segments. Out: the bytes of any range, zeros where nothing is written. Compilers cut the same
//! memory into segments in different ways, so images are compared, not segments.

use core::ops::Range;

use wasm_share_relocator::wasm::Module;

use crate::error::{Result, Said};

/// Ranges of addresses that may hold something, sorted and apart from each other.
pub type Ranges = Vec<Range<u64>>;

/// The initial memory of a module.
pub struct Image<'a> {
    /// Address and bytes of each segment: by address, or in the order in which they are written if some
    /// overlap.
    parts: Vec<(u64, &'a [u8])>,
    overlap: bool,
}

impl<'a> Image<'a> {
    /// Reads the segments; `None` as address of one means that it is not a constant.
    ///
    /// # Errors
    /// `passive_segments`, `malformed_module`.
    pub fn read(
        bytes: &'a [u8],
        module: &Module,
        address: impl Fn(usize) -> Option<u32>,
    ) -> Result<Self> {
        let mut parts = Vec::with_capacity(module.segments.len());
        for (at, segment) in module.segments.iter().enumerate() {
            if segment.passive {
                return Err(Said::new(
                    "passive_segments",
                    "Cannot move the module: it has passive data segments, and where memory.init puts them is \
                     unknown",
                    "Build without shared memory, threads and hand-written passive segments",
                )
                .at("data", segment.entry.start)
                .into());
            }
            let Some(address) = address(at) else {
                return Err(Said::new(
                    "malformed_module",
                    "Cannot move the module: the offset of a data segment is not a constant",
                    "Use the output of the compiler as it is",
                )
                .at("data", segment.entry.start)
                .into());
            };
            parts.push((address.into(), &bytes[segment.bytes.clone()]));
        }
        let mut sorted = parts.clone();
        sorted.retain(|part| !part.1.is_empty());
        sorted.sort_by_key(|part| part.0);
        let end = |part: &(u64, &[u8])| part.0 + part.1.len() as u64;
        let overlap = sorted.windows(2).any(|pair| end(&pair[0]) > pair[1].0);
        Ok(Self {
            parts: if overlap { parts } else { sorted },
            overlap,
        })
    }

    /// The lowest address that is written.
    pub fn start(&self) -> Option<u64> {
        self.written().map(|range| range.start).min()
    }

    fn written(&self) -> impl Iterator<Item = Range<u64>> {
        let parts = self.parts.iter().filter(|part| !part.1.is_empty());
        parts.map(|(address, bytes)| *address..*address + bytes.len() as u64)
    }

    /// The ranges that are written, moved down by `delta` and made wider by `margin` at both ends.
    pub fn ranges(&self, delta: u64, margin: u64) -> Ranges {
        let around = |range: Range<u64>| {
            let down = |address: u64| address.wrapping_sub(delta) & 0xffff_ffff;
            let start = down(range.start);
            start.saturating_sub(margin)..start + (range.end - range.start) + margin
        };
        self.written().map(around).collect()
    }

    /// The bytes of a range.
    pub fn bytes(&self, range: Range<u64>) -> Vec<u8> {
        let mut out = vec![0; (range.end - range.start) as usize];
        let first = match self.overlap {
            true => 0,
            false => self
                .parts
                .partition_point(|(address, bytes)| address + bytes.len() as u64 <= range.start),
        };
        for (address, bytes) in &self.parts[first..] {
            let end = address + bytes.len() as u64;
            if *address >= range.end && !self.overlap {
                break;
            }
            let (from, to) = (range.start.max(*address), range.end.min(end));
            if from < to {
                let part = &bytes[(from - address) as usize..(to - address) as usize];
                out[(from - range.start) as usize..(to - range.start) as usize]
                    .copy_from_slice(part);
            }
        }
        out
    }
}

/// Sorts ranges and joins those that touch.
pub fn join(mut ranges: Ranges) -> Ranges {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut out: Ranges = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}
