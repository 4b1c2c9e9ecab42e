//! Records whose stored value is what it must be → sites.
//!
//! In: the section, its records as bytes, and a small key a symbol. Out: sites, and how many records were plain:
//! of the kinds that nearly all are, inside the section, in order, without overlap, with the expected value. The
//! first that is not is left to the caller.
//!
//! Which type, which symbol and how many bytes comes next cannot be predicted, so a wrongly predicted
//! branch a record would cost more than the proof itself: what must hold of a type is looked up in
//! [`RULES`], all of it is computed for each record, and one branch asks whether all of it held.

use crate::leb::{self, Cursor};
use crate::records::{self, Entry};
use crate::scan::{Cover, Writer};
use crate::site::{Class, Form, Site};

/// What the loop needs to know of a symbol.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Address or index.
    pub value: u32,
    /// [`Key::DATA`] for data that moves with the module's data, [`Key::OTHER_DATA`] for other data, else the
    /// number of its kind in Linking.md.
    pub what: u8,
}

impl Key {
    /// The kind of symbols whose values are addresses.
    pub const DATA: u8 = 1;
    /// Data that something else moves, or nothing.
    pub const OTHER_DATA: u8 = 254;

    /// A symbol that is not there.
    const NONE: Key = Key {
        value: 0,
        what: 253,
    };

    /// A symbol of this kind.
    pub fn new(value: u32, kind: u8, class: Class) -> Self {
        let what = match (kind, class) {
            (Self::DATA, Class::Data) => Self::DATA,
            (Self::DATA, _) => Self::OTHER_DATA,
            _ => kind,
        };
        Self { value, what }
    }
}

/// A section of code, or a custom one.
pub struct Section<'a> {
    /// The file up to the end of the section.
    pub bytes: &'a [u8],
    /// Where offsets start to count.
    pub base: usize,
    /// The symbols.
    pub keys: &'a [Key],
}

/// What the loop found.
pub struct Found<'a> {
    /// End of the last record that was accepted.
    pub free: usize,
    /// Sites that move.
    pub sites: &'a mut Vec<Site>,
    /// Operands of code that have a record; nothing of a custom section.
    pub cover: &'a mut Cover,
    /// Space for sites.
    pub block: &'a mut Block,
    /// Accepted records by type; at [`DROPPED`] those of debug information of what is not there.
    pub counts: &'a mut [u32; 32],
}

/// Sites of records that are looked at in one go.
pub struct Block([Site; BLOCK]);

impl Default for Block {
    fn default() -> Self {
        Self([Site::NONE; BLOCK])
    }
}

/// Records that are looked at in one go.
const BLOCK: usize = 64;

/// Where [`Found::counts`] has the records whose value is a tombstone.
pub const DROPPED: usize = 31;

/// What must hold of a record of one type. Masks are 0 or all ones, and read from memory, so that no compiler makes
/// a branch of them.
#[derive(Clone, Copy)]
struct Rule {
    /// What its symbol must be.
    what: u8,
    /// It stores the record's index, and has no symbol.
    index: u32,
    /// A bit of [`OPCODES`] that the byte before the operand must have.
    before: u8,
    /// The operand is behind an alignment.
    access: u8,
    /// 8 if the operand is signed.
    signed: u8,
    /// 1 if it stores an address, which moves.
    moves: u8,
    /// What it stores is not known: a place in a section.
    place: bool,
}

/// No symbol is that, so a record of such a type is never plain.
const NEVER: u8 = 255;

/// By type. Words are plain in custom sections only, everything else in code only.
const RULES: [Rule; 32] = {
    const RULE: Rule = Rule {
        what: NEVER,
        index: 0,
        before: 0,
        access: 0,
        signed: 0,
        moves: 0,
        place: false,
    };
    const fn index(what: u8, before: u8) -> Rule {
        Rule {
            what,
            before,
            ..RULE
        }
    }
    const fn address(before: u8, access: u8, signed: u8) -> Rule {
        Rule {
            what: Key::DATA,
            before,
            access,
            signed,
            moves: 1,
            ..RULE
        }
    }
    const PLACE: Rule = Rule {
        before: WORD,
        place: true,
        ..RULE
    };
    let mut rules = [RULE; 32];
    // FUNCTION_INDEX_LEB, GLOBAL_INDEX_LEB, TABLE_NUMBER_LEB, TYPE_INDEX_LEB
    rules[0] = index(0, CALL);
    rules[7] = index(2, GLOBAL);
    rules[20] = index(5, ANY);
    rules[6] = Rule {
        index: u32::MAX,
        before: ANY,
        ..RULE
    };
    // MEMORY_ADDR_LEB, _SLEB, _REL_SLEB, _I32
    rules[3] = address(ALIGN, 1, 0);
    rules[4] = address(CONST, 0, 8);
    rules[11] = address(CONST, 0, 8);
    rules[5] = address(WORD, 0, 0);
    // FUNCTION_OFFSET_I32, SECTION_OFFSET_I32
    rules[8] = PLACE;
    rules[9] = PLACE;
    rules
};

/// A type that nobody knows, or of a 64-bit memory, is never plain.
const _: () = {
    let mut ty = 0;
    while ty < 32 {
        let rule = &RULES[ty];
        let never = rule.what == NEVER && rule.index == 0 && !rule.place;
        assert!(never || records::KNOWN >> ty & 1 != 0);
        ty += 1;
    }
};

/// `call`, `return_call`, `ref.func`.
const CALL: u8 = 1;
/// `global.get`, `global.set`.
const GLOBAL: u8 = 2;
/// `i32.const`.
const CONST: u8 = 4;
/// The alignment of a load or store.
const ALIGN: u8 = 8;
/// Any.
const ANY: u8 = 16;
/// No instruction has it: it is a word in a custom section.
const WORD: u8 = 32;

/// What a byte before an operand can be.
const OPCODES: [u8; 256] = {
    let mut opcodes = [ANY; 256];
    let mut byte = 0;
    while byte < 0x20 {
        opcodes[byte] |= ALIGN;
        byte += 1;
    }
    opcodes[0x10] |= CALL;
    opcodes[0x12] |= CALL;
    opcodes[0xd2] |= CALL;
    opcodes[0x23] |= GLOBAL;
    opcodes[0x24] |= GLOBAL;
    opcodes[0x41] |= CONST;
    opcodes
};

/// What is to be noted of a plain record.
struct Plain {
    /// Where [`Found::counts`] has it.
    count: usize,
    /// 1 if it moves.
    moves: usize,
    /// Its site, if it moves.
    site: Site,
}

/// Accepts at most `count` records as long as they are plain; how many. The cursor is then behind them. `prove` is
/// given a record, where its operand of `WIDTH` bytes starts, and whether it overlaps the one before.
#[inline(always)]
fn accept<const WIDTH: usize>(
    section: &Section<'_>,
    cursor: &mut Cursor<'_>,
    count: u32,
    found: &mut Found<'_>,
    prove: impl Fn(&Entry, usize, bool, &mut Writer<'_>) -> Option<Plain>,
) -> u32 {
    let mut left = count;
    let records = cursor.bytes();
    let mut next = cursor.position();
    let mut free = found.free;
    let mut cover = found.cover.writer();
    let counts = &mut *found.counts;
    let sites = &mut found.block.0;
    loop {
        let mut moving = 0;
        let block = left.min(BLOCK as u32);
        let mut plain = 0;
        while plain < block {
            let Some((entry, end)) = records::near(records, next) else {
                break;
            };
            let at = section.base.wrapping_add(entry.offset as usize);
            let Some(proved) = prove(&entry, at, at < free, &mut cover) else {
                break;
            };
            free = at + WIDTH;
            counts[proved.count & 31] += 1;
            sites[moving & (BLOCK - 1)] = proved.site;
            moving += proved.moves;
            plain += 1;
            next = end;
        }
        found.sites.extend_from_slice(&sites[..moving]);
        left -= plain;
        if plain < BLOCK as u32 {
            break;
        }
    }
    found.free = free;
    cursor.go_to(next);
    count - left
}

/// Accepts at most `count` records of code as long as they are plain; how many. The cursor is then behind them.
#[inline(never)]
pub fn code(
    section: &Section<'_>,
    cursor: &mut Cursor<'_>,
    count: u32,
    found: &mut Found<'_>,
) -> u32 {
    accept::<5>(
        section,
        cursor,
        count,
        found,
        |entry, at, overlap, cover| {
            // Four bytes before the operand, and its five.
            let window = section.bytes.get(at.checked_sub(4)?..)?;
            let [fourth, third, second, first, low @ .., last] = *window.first_chunk::<9>()?;
            let word = u32::from_le_bytes(low);
            let rule = &RULES[entry.ty as usize & 31];
            let key = section.keys.get(entry.index as usize);
            let key = key.copied().unwrap_or(Key::NONE);

            let stored = leb::low28(word) | u32::from(last) << 28;
            let expected = entry.index & rule.index
                | key.value.wrapping_add(entry.addend as u32) & !rule.index;
            // The bits of the last byte that are not part of the value repeat the sign, or are 0.
            let unpadded = !word & 0x8080_8080
                | u32::from(last & 0x80 | last.wrapping_add(rule.signed) & 0x70);
            let opcode = !OPCODES[first as usize] & rule.before
                | !(is_access(fourth, third, second) as u8) & rule.access;
            let symbol = u32::from(key.what ^ rule.what) & !rule.index;
            let wrong =
                unpadded | u32::from(opcode) | symbol | (stored ^ expected) | u32::from(overlap);
            if wrong != 0 {
                return None;
            }
            cover.add(at);
            Some(Plain {
                count: usize::from(entry.ty),
                moves: usize::from(rule.moves),
                site: Site::code(at as u32, rule.signed != 0),
            })
        },
    )
}

/// Accepts at most `count` records of a custom section as long as they are plain; how many. The cursor is then behind them.
#[inline(never)]
pub fn custom(
    section: &Section<'_>,
    cursor: &mut Cursor<'_>,
    count: u32,
    found: &mut Found<'_>,
) -> u32 {
    accept::<4>(section, cursor, count, found, |entry, at, overlap, _| {
        let stored = u32::from_le_bytes(*section.bytes.get(at..)?.first_chunk()?);
        let key = section.keys.get(entry.index as usize)?;
        let rule = &RULES[entry.ty as usize & 31];
        let tombstone = stored >= 0xffff_fffe;
        let is_address = (rule.moves != 0) & (key.what == rule.what);
        let moves = is_address & (stored == key.value.wrapping_add(entry.addend as u32));
        let known = rule.place | moves | is_address & tombstone;
        if !((rule.before == WORD) & known & !overlap) {
            return None;
        }
        let dropped = tombstone & !moves;
        Some(Plain {
            count: usize::from(entry.ty) | (DROPPED * usize::from(dropped)),
            moves: usize::from(moves),
            site: Site::new(at as u32, Form::Word, Class::Data),
        })
    })
}

/// Whether a site in code can be an operand: `before` ends where it starts.
pub fn can_be_operand(before: &[u8], ty: u8, form: Form) -> bool {
    let [.., fourth, third, second, first] = *before else {
        return false;
    };
    let opcodes = OPCODES[first as usize];
    match ty {
        _ if form == Form::Word => false,
        // TABLE_INDEX_SLEB, TABLE_INDEX_REL_SLEB
        1 | 12 => opcodes & CONST != 0,
        _ => {
            let rule = &RULES[ty as usize & 31];
            !opcodes & rule.before == 0 && (rule.access == 0 || is_access(fourth, third, second))
        }
    }
}

/// A load or store: opcode and alignment; SIMD and atomic ones have a prefix and one or two bytes of opcode.
#[inline]
fn is_access(fourth: u8, third: u8, second: u8) -> bool {
    (second.wrapping_sub(0x28) < 0x17) | (third.wrapping_sub(0xfd) < 2) | (fourth == 0xfd)
}
