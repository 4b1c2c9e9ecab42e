//! What must hold for every move, whatever the linker says: a move by 0 changes no byte of memory, and
//! two moves after each other are one by their sum.
//!
//! A module without any record in data is refused if plain numbers in its data look like addresses; that
//! depends on where it lies, so a module can be moved once and then not again. Such a second move is
//! made with `assumeNoDataPointers`, as its hint says, and counted.
//!
//! In: a module. Out: how many compositions were compared, or what differs first.

use crate::compare;
use crate::program::Stop;
use wasm_share_relocator::error::{Code, Problem};
use wasm_share_relocator::inspect::{Inspected, Options, inspect};
use wasm_share_relocator::job::{ModuleOptions, relocate};

/// What was compared.
#[derive(Default)]
pub struct Composed {
    pub checked: u32,
    /// Those whose second move needs `assumeNoDataPointers`.
    pub assumed: u32,
}

/// Compares compositions of moves.
pub fn compose(bytes: &[u8], found: &Inspected, valid: bool) -> Result<Composed, Stop> {
    let step = i64::from(found.alignment);
    let up = |least: i64| (least + step - 1) / step * step;
    // Few bits, many bits, a whole page, far away (the sign bit of an address), and back.
    let pairs = [
        (step, step),
        (up(0x12_3450), -up(0x1_2340)),
        (up(0x1_0000), -up(0x1_0000)),
        (up(0x7fff_0000), up(0x1000)),
        (up(0x20_0000), up(0x0fff_fff0) - up(0x20_0000)),
    ];
    let home = moved("by 0", bytes, 0, true)?;
    compare::same_memory(&home, bytes).map_err(|what| format!("moved by 0: {what}"))?;
    let mut composed = Composed::default();
    for (first, second) in pairs {
        if !fits(found, first) || !fits(found, first + second) {
            continue;
        }
        let what = format!("moved by {first}, then by {second}");
        let once = moved(&what, bytes, first, true)?;
        let assume = !found.records.has_data && looks_like_addresses(&once);
        composed.assumed += u32::from(assume);
        for keep in [true, false] {
            let twice = moved_assuming(&what, &once, second, keep, assume)?;
            let sum = moved(&what, bytes, first + second, keep)?;
            if let Some(at) = differ(&twice, &sum) {
                return Err(Stop::Failed(format!(
                    "{what}: the file differs at {at:#x} from one move by {}",
                    first + second
                )));
            }
            if valid {
                compare::validate(&twice).map_err(|error| format!("{what}: {error}"))?;
            }
        }
        composed.checked += 1;
    }
    Ok(composed)
}

/// Whether a move keeps everything below 4 GiB.
fn fits(found: &Inspected, offset: i64) -> bool {
    let heap = [found.heap.base, found.heap.end];
    let spans = [found.stack, found.data].into_iter().flatten();
    spans
        .map(|span| span.end)
        .chain(heap)
        .all(|end| end as i64 + offset < 1 << 32)
}

fn differ(one: &[u8], two: &[u8]) -> Option<usize> {
    let first = one.iter().zip(two).position(|(a, b)| a != b);
    first.or((one.len() != two.len()).then_some(one.len().min(two.len())))
}

/// Whether a module is refused for words in data that look like addresses.
fn looks_like_addresses(bytes: &[u8]) -> bool {
    inspect(bytes, &Options::default()).is_ok_and(|found| {
        let mut codes = found.problems.iter().map(|problem| problem.code);
        codes.any(|code| code == Code::IncompleteRelocations)
    })
}

fn moved(what: &str, bytes: &[u8], offset: i64, keep: bool) -> Result<Vec<u8>, Stop> {
    moved_assuming(what, bytes, offset, keep, false)
}

fn moved_assuming(
    what: &str,
    bytes: &[u8],
    offset: i64,
    keep: bool,
    assume: bool,
) -> Result<Vec<u8>, Stop> {
    let mut options = ModuleOptions {
        keep_relocations: keep,
        ..ModuleOptions::default()
    };
    options.inspect.assume_no_data_pointers = assume;
    match relocate("m", bytes.to_vec(), options, offset, None) {
        Ok((bytes, _, _)) => Ok(bytes),
        Err(problems) => Err(Stop::Failed(format!("{what}: {}", first(&problems)))),
    }
}

fn first(problems: &[Problem]) -> String {
    problems.first().map_or_else(String::new, |p| {
        format!("{}: {}", crate::program::code(p), p.message)
    })
}
