//! What can be wrong with an input or a layout, as data.
//!
//! In: the place where a phase stopped. Out: a [`Problem`] with a stable code, a sentence that
//! quotes the value, the place in the file, and the remedy. Nothing here panics or prints; the
//! wording of a run belongs to the caller.

use crate::text::{Text, text};
use serde::Serialize;

/// Stable codes. The names in `snake_case` are public (`src/errors.ts` and `docs/errors.md` list
/// them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // docs/errors.md has a heading for each.
pub enum Code {
    NotWasm,
    Component,
    MalformedModule,
    NoRelocations,
    ObjectFile,
    StaleRelocations,
    IncompleteRelocations,
    UnsupportedRelocation,
    SharedMemory,
    Memory64,
    MultipleMemories,
    UnsupportedMemory,
    UnsupportedType,
    PassiveSegments,
    TableRenumbering,
    UnsupportedElementSegment,
    LinkerFunction,
    UnclassifiedGlobal,
    UnclassifiedSymbol,
    SideModule,
    MixedPositionIndependence,
    GuessedPointers,
    IgnoredPointers,
    StaleDebugInfo,
    SeparateTable,
    AllocatorOrder,
    DuplicateName,
    InvalidOption,
    MisalignedOffset,
    AddressOverflow,
    LayoutOverlap,
    MemoryLimit,
    TableLimit,
    HeapConflict,
    InternalError,
}

/// One thing that is wrong, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable code.
    pub code: Code,
    /// What was tried and what was found; one sentence without a full stop.
    pub message: Text,
    /// What to change.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub hint: Text,
    /// Name of the module.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub module: String,
    /// Name of the section.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub section: String,
    /// Offset in the module's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
}

impl Problem {
    /// A problem without a place.
    // Kept out of line: problems are made in a hundred places and seldom.
    #[cold]
    #[inline(never)]
    pub fn new(code: Code, message: Text) -> Box<Self> {
        Box::new(Self {
            code,
            message,
            hint: Text::default(),
            module: String::new(),
            section: String::new(),
            offset: None,
        })
    }

    /// Adds the remedy.
    #[cold]
    #[inline(never)]
    pub fn hint(mut self: Box<Self>, hint: Text) -> Box<Self> {
        self.hint = hint;
        self
    }

    /// Adds the place.
    #[cold]
    #[inline(never)]
    pub fn at(mut self: Box<Self>, section: &str, offset: usize) -> Box<Self> {
        self.section = section.into();
        self.offset = u32::try_from(offset).ok();
        self
    }

    /// Adds the module's name.
    #[cold]
    #[inline(never)]
    pub fn of(mut self: Box<Self>, module: &str) -> Box<Self> {
        self.module = module.into();
        self
    }
}

/// The result of a phase. Boxed, so that the good case stays in registers.
pub type Result<T> = core::result::Result<T, Box<Problem>>;

impl From<wasmparser::Error> for Box<Problem> {
    #[cold]
    #[inline(never)]
    fn from(error: wasmparser::Error) -> Self {
        let mut problem = Problem::new(
            Code::MalformedModule,
            match error.message() {
                "unexpected end" | "unexpected end-of-file" => {
                    text!("Cannot read the module: it ends, or a part of it does, where more is expected")
                }
                message => text!("Cannot read the module: {}", message),
            },
        )
        .hint(text!(
            "Check that the file is complete and was not changed after it was built"
        ));
        problem.offset = u32::try_from(error.offset()).ok();
        problem
    }
}
