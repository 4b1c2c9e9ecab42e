//! Code, instruction by instruction.
//!
//! In: the code of all twins. Out: an [`Edit`] for each operand that follows a move. What is equal byte for byte
//! is the same instruction and is decoded once.

use std::ops::Range;

use wasm_share_relocator::wasm::{id, reader};
use wasmparser::{BinaryReader, FunctionBody, Operator, OperatorsReader};

use super::distance::{Distances, Follows, Unknown};
use super::names::Names;
use super::shape::{HINT, Slots, mismatch};
use super::uses::{Use, Window};
use super::{Report, Twin};
use crate::draft::{Edit, Piece};
use crate::error::{Problem, Result, Said};
use crate::operand::{Operand, show};

/// What to do where one twin is not enough.
pub const FAR: &str = "Give a second twin that is far away, at 0x7ffe0000, where nearly all bits of an address \
                       are others: twin: [near, far]";

/// So many differences are said; more do not help.
const MOST: usize = 8;

/// What the comparison of the code found.
#[derive(Default)]
pub struct Compared {
    /// Operands that follow, in file order.
    pub edits: Vec<Edit>,
    /// The lowest address.
    pub lowest: Option<u64>,
    /// How each global is used.
    pub uses: Vec<Use>,
}

struct Comparison<'a> {
    base: &'a Twin<'a>,
    others: &'a [Twin<'a>],
    distances: &'a Distances,
    slots: &'a Slots,
    found: Compared,
    instructions: u32,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    addresses: u32,
    slots: u32,
    pages: u32,
    negated: u32,
}

/// Compares all functions. Problems are added, a few at most.
pub fn compare(
    base: &Twin<'_>,
    others: &[Twin<'_>],
    distances: &Distances,
    slots: &Slots,
    report: &mut Report,
    problems: &mut Vec<Problem>,
) -> Compared {
    let mut comparison = Comparison {
        base,
        others,
        distances,
        slots,
        found: Compared::default(),
        instructions: 0,
        counts: Counts::default(),
    };
    let before = problems.len();
    if let Err(problem) = comparison.functions(problems) {
        problems.push(problem);
    }
    let differences = problems.len() - before;
    if differences > MOST {
        problems.truncate(before + MOST);
        let more = differences - MOST;
        problems.push(mismatch(format!("{more} more functions differ"), "code", 0));
    }
    report.instructions = comparison.instructions;
    report.code = comparison.counts.addresses;
    report.slots += comparison.counts.slots;
    report.pages = comparison.counts.pages;
    report.negated = comparison.counts.negated;
    comparison.found
}

impl Comparison<'_> {
    fn functions(&mut self, problems: &mut Vec<Problem>) -> Result<()> {
        let bodies = bodies(self.base)?;
        let mut others = Vec::with_capacity(self.others.len());
        for other in self.others {
            let list = self::bodies(other)?;
            if list.len() != bodies.len() {
                let what = format!(
                    "it has {} functions, and the module has {}",
                    list.len(),
                    bodies.len()
                );
                return Err(mismatch(what, "code", 0));
            }
            others.push(list);
        }
        let mut ranges = Vec::with_capacity(others.len());
        for (at, body) in bodies.iter().enumerate() {
            ranges.clear();
            ranges.extend(others.iter().map(|list| list[at].clone()));
            let edits = self.found.edits.len();
            if let Err(problem) = self.function(body, &mut ranges) {
                self.found.edits.truncate(edits);
                let index = self.base.module.imported_functions + at as u32;
                problems.push(self.named(problem, index));
            }
        }
        Ok(())
    }

    /// The same problem, with the function that it is in.
    fn named(&self, problem: Problem, index: u32) -> Problem {
        match problem {
            Problem::Own(mut said) => {
                let names = Names::read(self.base.bytes, &self.base.module);
                said.message = format!("{} in {}", said.message, names.function(index));
                Problem::Own(said)
            }
            read => read,
        }
    }

    fn function(&mut self, body: &Range<usize>, others: &mut [Range<usize>]) -> Result<()> {
        let ops = FunctionBody::new(reader(self.base.bytes, body)).get_operators_reader()?;
        let locals = body.start..ops.original_position() as usize;
        for (other, twin) in others.iter_mut().zip(self.others) {
            let length = locals.len();
            if other.len() < length
                || twin.bytes[other.start..other.start + length] != self.base.bytes[locals.clone()]
            {
                return Err(mismatch("the locals differ", "code", body.start));
            }
            other.start += length;
        }
        let mut ops = ops;
        let mut window = Window::default();
        while !ops.eof() {
            let start = ops.original_position() as usize;
            let op = ops.read()?;
            let end = ops.original_position() as usize;
            self.instructions += 1;
            if matches!(op, Operator::MemoryInit { .. } | Operator::DataDrop { .. }) {
                return Err(Said::new(
                    "passive_segments",
                    format!("Cannot move the module: it uses {}", show(&op)),
                    "Build without shared memory, threads and hand-written passive segments",
                )
                .at("code", start)
                .into());
            }
            window.see(&op, &mut self.found.uses);
            let bytes = &self.base.bytes[start..end];
            let mut equal = true;
            for (other, twin) in others.iter_mut().zip(self.others) {
                let here = twin.bytes[other.start..other.end].get(..bytes.len());
                equal &= here == Some(bytes);
            }
            if equal {
                others
                    .iter_mut()
                    .for_each(|other| other.start += bytes.len());
            } else if self.differs(&op, start..end, others)? {
                ops.read()?;
            }
        }
        match others.iter().any(|other| !other.is_empty()) {
            true => Err(mismatch("a function ends later", "code", body.start)),
            false => Ok(()),
        }
    }

    /// An instruction that is not the same in all twins. Returns whether the next one belonged to it.
    fn differs(
        &mut self,
        op: &Operator<'_>,
        at: Range<usize>,
        others: &mut [Range<usize>],
    ) -> Result<bool> {
        let mut values = Vec::with_capacity(others.len());
        let mut shown = Vec::with_capacity(others.len());
        let operand = Operand::of(op);
        for (other, twin) in others.iter_mut().zip(self.others) {
            let body = BinaryReader::new(&twin.bytes[other.clone()], other.start as u64);
            let mut ops = OperatorsReader::new(body);
            let read = ops.read();
            let end = ops.original_position() as usize;
            let Ok(there) = read else {
                return Err(unexplained(op, &["something else".into()], at.start));
            };
            shown.push(show(&there));
            let theirs = Operand::of(&there).filter(|_| {
                std::mem::discriminant(&there) == std::mem::discriminant(op)
                    && self.same_but_operand(op, &at, twin.bytes, &(other.start..end), &there)
            });
            let Some(theirs) = theirs else {
                return Err(unexplained(op, &shown, at.start));
            };
            values.push(theirs.value());
            other.start = end;
        }
        let Some(operand) = operand else {
            return Err(unexplained(op, &shown, at.start));
        };
        let bits = match operand {
            Operand::I64(_) => 64,
            _ => 32,
        };
        let follows = match self.distances.explain(operand.value(), &values, bits) {
            Ok(follows @ (Follows::Address | Follows::Slot | Follows::Stays))
                if operand.value() <= u32::MAX.into() =>
            {
                follows
            }
            Ok(_) if self.halves(operand, &at, &values) => return Ok(false),
            _ if self.sum(operand, &at, &values, others) => return Ok(true),
            Ok(follows) => follows,
            Err(_) if self.halves(operand, &at, &values) => return Ok(false),
            Err(Unknown::Unexplained) => return Err(unexplained(op, &shown, at.start)),
            Err(Unknown::Unconfirmed) => {
                return Err(Said::new(
                    "twin_unconfirmed",
                    format!(
                        "Cannot tell how \"{}\" follows a move: the twin has \"{}\" there, which can be a number of \
                         pages or a part of an address",
                        show(op),
                        shown.join("\" and \"")
                    ),
                    FAR,
                )
                .at("code", at.start)
                .into());
            }
        };
        self.edit(op, operand, follows, at, &shown)?;
        Ok(false)
    }

    /// An address that is added or subtracted. Optimisers do the other with the other sign where that is shorter,
    /// which depends on the number.
    fn sum(
        &mut self,
        operand: Operand,
        at: &Range<usize>,
        values: &[u64],
        others: &mut [Range<usize>],
    ) -> bool {
        const ADD: u8 = 0x6a;
        const SUB: u8 = 0x6b;
        let Operand::I32(value) = operand else {
            return false;
        };
        let added = |value: u32, bytes: &[u8], at: usize| match bytes.get(at) {
            Some(&ADD) => Some(value),
            Some(&SUB) => Some(value.wrapping_neg()),
            _ => None,
        };
        let Some(value) = added(value, self.base.bytes, at.end) else {
            return false;
        };
        let pairs = values.iter().zip(others.iter().zip(self.others));
        let sums: Option<Vec<u64>> = pairs
            .map(|(value, (other, twin))| {
                added(*value as u32, twin.bytes, other.start).map(u64::from)
            })
            .collect();
        let Some(sums) = sums else { return false };
        let negated = |value: &u64| u64::from((*value as u32).wrapping_neg());
        let differences: Vec<u64> = sums.iter().map(negated).collect();
        let is_address = |value: u32, others: &[u64]| {
            self.distances.explain(value.into(), others, 32) == Ok(Follows::Address)
        };
        let (address, op) = if is_address(value, &sums) {
            (value, ADD)
        } else if is_address(value.wrapping_neg(), &differences) {
            (value.wrapping_neg(), SUB)
        } else {
            return false;
        };
        others.iter_mut().for_each(|other| other.start += 1);
        self.address(address);
        self.counts.addresses += 1;
        let pieces = vec![Piece::Address(address), Piece::Bytes(vec![op])];
        self.found.edits.push(Edit {
            range: at.start + 1..at.end + 1,
            pieces,
        });
        true
    }

    /// Two words in one constant, as of two stores that were made one: each half is an address, or stays.
    fn halves(&mut self, operand: Operand, at: &Range<usize>, values: &[u64]) -> bool {
        let Operand::I64(value) = operand else {
            return false;
        };
        let half = |shift: u32| {
            let part = |value: &u64| u64::from((*value >> shift) as u32);
            let others: Vec<u64> = values.iter().map(part).collect();
            match self.distances.explain(part(&value), &others, 32) {
                Ok(follows @ (Follows::Address | Follows::Stays)) => {
                    Some(follows == Follows::Address)
                }
                _ => None,
            }
        };
        let (Some(low), Some(high)) = (half(0), half(32)) else {
            return false;
        };
        let mut pieces = Vec::new();
        let mut push = |is_address: bool, half: u32| match is_address {
            // i32.const, i64.extend_i32_u
            true => {
                pieces.push(Piece::Bytes(vec![0x41]));
                pieces.push(Piece::Address(half));
                pieces.push(Piece::Bytes(vec![0xad]));
            }
            false => {
                let mut bytes = vec![0x42];
                wasm_encoder::Encode::encode(&i64::from(half), &mut bytes);
                pieces.push(Piece::Bytes(bytes));
            }
        };
        push(low, value as u32);
        push(high, (value >> 32) as u32);
        // i64.const 32, i64.shl, i64.or
        pieces.push(Piece::Bytes(vec![0x42, 32, 0x86, 0x84]));
        for (is_address, half) in [(low, value), (high, value >> 32)] {
            if is_address {
                self.address(half as u32);
                self.counts.addresses += 1;
            }
        }
        self.found.edits.push(Edit {
            range: at.clone(),
            pieces,
        });
        true
    }

    fn address(&mut self, address: u32) {
        let address = u64::from(address);
        self.found.lowest = Some(self.found.lowest.map_or(address, |low| low.min(address)));
    }

    /// Whether two instructions of a kind are equal but for the operand.
    fn same_but_operand(
        &self,
        op: &Operator<'_>,
        at: &Range<usize>,
        bytes: &[u8],
        there: &Range<usize>,
        other: &Operator<'_>,
    ) -> bool {
        let around = |op: &Operator<'_>, bytes: &[u8], at: &Range<usize>| {
            let place = Operand::of(op)?.place(bytes, at.start, at.end)?;
            Some([
                bytes[at.start..place.start].to_vec(),
                bytes[place.end..at.end].to_vec(),
            ])
        };
        let mine = around(op, self.base.bytes, at);
        mine.is_some() && mine == around(other, bytes, there)
    }

    fn edit(
        &mut self,
        op: &Operator<'_>,
        operand: Operand,
        follows: Follows,
        at: Range<usize>,
        shown: &[String],
    ) -> Result<()> {
        let no = || unexplained(op, shown, at.start);
        let value = u32::try_from(operand.value()).map_err(|_| no())?;
        let place = operand
            .place(self.base.bytes, at.start, at.end)
            .ok_or_else(no)?;
        let slot = |slots: &Slots| {
            slots
                .function(value)
                .map(|function| Piece::Slot(value, function))
        };
        let bytes = |bytes: &[u8]| Piece::Bytes(bytes.to_vec());
        // An i64 is made of an i32.
        let wide = matches!(operand, Operand::I64(_));
        let mut pieces = Vec::new();
        match (follows, operand) {
            // Two encodings of one number.
            (Follows::Stays, _) => return Ok(()),
            (Follows::Address, Operand::Offset(_)) => pieces.push(Piece::Offset(value)),
            (_, Operand::Offset(_)) => return Err(no()),
            (Follows::Address, _) => pieces.push(Piece::Address(value)),
            (Follows::Slot, _) => pieces.push(slot(self.slots).ok_or_else(no)?),
            (Follows::Page, _) => {
                let address = value.checked_mul(1 << 16).ok_or_else(no)?;
                // i32.const 16, i32.shr_u
                pieces.extend([Piece::Address(address), bytes(&[0x41, 16, 0x76])]);
            }
            (Follows::Negated, Operand::I64(_)) => return Err(no()),
            (Follows::Negated, _) => {
                // i32.const 0, i32.const address, i32.sub
                let address = Piece::Address(value.wrapping_neg());
                pieces.extend([bytes(&[0x00, 0x41]), address, bytes(&[0x6b])]);
            }
        }
        let mut range = place;
        if wide {
            range = at;
            pieces.insert(0, bytes(&[0x41]));
            // i64.extend_i32_u
            pieces.push(bytes(&[0xad]));
        }
        for piece in &pieces {
            match piece {
                Piece::Address(address) | Piece::Offset(address) => self.address(*address),
                Piece::Bytes(_) | Piece::Slot(..) | Piece::TableBase(_) => {}
            }
        }
        match follows {
            Follows::Page => self.counts.pages += 1,
            Follows::Negated => self.counts.negated += 1,
            Follows::Slot => self.counts.slots += 1,
            _ => self.counts.addresses += 1,
        }
        self.found.edits.push(Edit { range, pieces });
        Ok(())
    }
}

fn unexplained(op: &Operator<'_>, shown: &[String], at: usize) -> Problem {
    let message = format!(
        "The twin is not the same program at another base: it has \"{}\" where the module has \"{}\"",
        shown.join("\" and \""),
        show(op)
    );
    Said::new("twin_mismatch", message, HINT)
        .at("code", at)
        .into()
}

/// Where the bodies of functions lie.
fn bodies(twin: &Twin<'_>) -> Result<Vec<Range<usize>>> {
    let Some((_, section)) = twin.module.section(id::CODE) else {
        return Ok(Vec::new());
    };
    let mut r = reader(twin.bytes, &section.body);
    let count = r.read_var_u32()?;
    let mut list = Vec::new();
    for _ in 0..count {
        let range = r.read_reader()?.range();
        list.push(range.start as usize..range.end as usize);
    }
    Ok(list)
}
