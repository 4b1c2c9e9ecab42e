//! Types of what a module imports, exports and defines.
//!
//! In: a reader. Out: small values. The encodings are those of the core specification 3.0, section 5.3.
//! (`wasmparser`'s own types can do much more, and cost 4 KB of core.)

use crate::error::{Code, Problem, Result};
use crate::text::text;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use wasmparser::BinaryReader;

/// A value type: its first byte, and the heap type of a long reference type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueType {
    code: u8,
    heap: i64,
}

/// A function type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// What it takes.
    pub params: Vec<ValueType>,
    /// What it gives.
    pub results: Vec<ValueType>,
}

/// The size of a memory in pages, or of a table in slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// At the start.
    pub initial: u64,
    /// At most.
    pub maximum: Option<u64>,
    /// Shared between threads.
    pub shared: bool,
    /// Addressed with 64 bits.
    pub wide: bool,
    /// Logarithm of the size of a page of memory, where it is said.
    pub page: Option<u32>,
}

/// The type of a global.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalType {
    /// What it holds.
    pub value: ValueType,
    /// It can be set.
    pub mutable: bool,
}

/// What is imported.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Extern {
    Function(u32),
    Table(ValueType, Limits),
    Memory(Limits),
    Global(GlobalType),
    Tag(u32),
}

/// What kind of thing an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ExternKind {
    Function,
    Table,
    Memory,
    Global,
    Tag,
}

impl ValueType {
    /// `i32`.
    pub const I32: ValueType = ValueType::short(0x7f);
    /// `funcref`.
    pub const FUNCREF: ValueType = ValueType::short(0x70);

    const fn short(code: u8) -> Self {
        Self { code, heap: 0 }
    }

    /// Reads one.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn read(r: &mut BinaryReader<'_>) -> Result<Self> {
        let at = r.original_position() as usize;
        let code = r.read_u8()?;
        match code {
            // Numbers and vectors; short reference types.
            0x7b..=0x7f | 0x69..=0x74 => Ok(Self::short(code)),
            0x63 | 0x64 => {
                let heap = r.read_var_s33()?;
                // (ref null func) and (ref null extern) have a short form.
                match (code, heap) {
                    (0x63, -0x17..=-0xc) => Ok(Self::short((heap + 0x80) as u8)),
                    _ => Ok(Self { code, heap }),
                }
            }
            _ => Err(unknown(text!("value type {:#x}", code), at)),
        }
    }
}

impl Serialize for ValueType {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        if self.heap == 0 && self.code > 0x64 {
            return serializer.serialize_u8(self.code);
        }
        let mut list = serializer.serialize_seq(Some(2))?;
        list.serialize_element(&self.code)?;
        list.serialize_element(&self.heap)?;
        list.end()
    }
}

impl Signature {
    /// Reads one, form byte included.
    ///
    /// # Errors
    /// `malformed_module`; `unsupported_type` for what is not a function: no linker writes any.
    pub fn read(r: &mut BinaryReader<'_>) -> Result<Self> {
        let at = r.original_position() as usize;
        let form = r.read_u8()?;
        if form != 0x60 {
            return Err(Problem::new(
                Code::UnsupportedType,
                text!(
                    "Cannot read the types: one of them is not a plain function type ({:#x})",
                    form
                ),
            )
            .hint(text!(
                "Build without garbage-collected types (struct, array, recursive groups)"
            ))
            .at("type", at));
        }
        Ok(Self {
            params: list(r)?,
            results: list(r)?,
        })
    }
}

fn list(r: &mut BinaryReader<'_>) -> Result<Vec<ValueType>> {
    let mut list = Vec::new();
    for _ in 0..r.read_var_u32()? {
        list.push(ValueType::read(r)?);
    }
    Ok(list)
}

impl Limits {
    /// Reads those of a memory, or of a table.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn read(r: &mut BinaryReader<'_>, memory: bool) -> Result<Self> {
        let at = r.original_position() as usize;
        let flags = r.read_u8()?;
        if flags & !if memory { 0xf } else { 7 } != 0 {
            return Err(unknown(text!("kind of limits {:#x}", flags), at));
        }
        let wide = flags & 4 != 0;
        let mut number = || -> Result<u64> {
            Ok(match wide {
                true => r.read_var_u64()?,
                false => r.read_var_u32()?.into(),
            })
        };
        Ok(Self {
            initial: number()?,
            maximum: if flags & 1 != 0 {
                Some(number()?)
            } else {
                None
            },
            shared: flags & 2 != 0,
            wide,
            page: match flags & 8 {
                0 => None,
                _ => Some(r.read_var_u32()?),
            },
        })
    }
}

impl GlobalType {
    /// Reads one.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn read(r: &mut BinaryReader<'_>) -> Result<Self> {
        let value = ValueType::read(r)?;
        let at = r.original_position() as usize;
        match r.read_u8()? {
            flags @ (0 | 1) => Ok(Self {
                value,
                mutable: flags == 1,
            }),
            flags => Err(unknown(text!("kind of global {:#x}", flags), at)),
        }
    }
}

impl Extern {
    /// Reads the type of an import.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn read(r: &mut BinaryReader<'_>) -> Result<Self> {
        let at = r.original_position() as usize;
        Ok(match r.read_u8()? {
            0 => Extern::Function(r.read_var_u32()?),
            1 => Extern::Table(ValueType::read(r)?, Limits::read(r, false)?),
            2 => Extern::Memory(Limits::read(r, true)?),
            3 => Extern::Global(GlobalType::read(r)?),
            4 => Extern::Tag(tag(r)?),
            kind => return Err(unknown(text!("kind of import {:#x}", kind), at)),
        })
    }
}

/// Reads the type of a tag: the index of a function type.
///
/// # Errors
/// `malformed_module`.
pub fn tag(r: &mut BinaryReader<'_>) -> Result<u32> {
    let at = r.original_position() as usize;
    match r.read_u8()? {
        0 => Ok(r.read_var_u32()?),
        attribute => Err(unknown(text!("attribute of a tag {:#x}", attribute), at)),
    }
}

/// The kind as in the file, then the type: a list of numbers.
impl Serialize for Extern {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let limits = |list: &mut S::SerializeSeq, limits: &Limits| {
            list.serialize_element(&limits.initial)?;
            list.serialize_element(&limits.maximum)
        };
        match self {
            Extern::Function(ty) => {
                list.serialize_element(&0)?;
                list.serialize_element(ty)?;
            }
            Extern::Table(value, size) => {
                list.serialize_element(&1)?;
                list.serialize_element(value)?;
                limits(&mut list, size)?;
            }
            Extern::Memory(size) => {
                list.serialize_element(&2)?;
                limits(&mut list, size)?;
            }
            Extern::Global(ty) => {
                list.serialize_element(&3)?;
                list.serialize_element(&ty.value)?;
                list.serialize_element(&ty.mutable)?;
            }
            Extern::Tag(ty) => {
                list.serialize_element(&4)?;
                list.serialize_element(ty)?;
            }
        }
        list.end()
    }
}

impl ExternKind {
    /// Reads one.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn read(r: &mut BinaryReader<'_>) -> Result<Self> {
        let at = r.original_position() as usize;
        Ok(match r.read_u8()? {
            0 => ExternKind::Function,
            1 => ExternKind::Table,
            2 => ExternKind::Memory,
            3 => ExternKind::Global,
            4 => ExternKind::Tag,
            kind => return Err(unknown(text!("kind of export {:#x}", kind), at)),
        })
    }
}

fn unknown(what: crate::text::Text, at: usize) -> Box<Problem> {
    crate::wasm::malformed(text!("it holds an unknown {}", what), at)
}
