//! The relocation types of Linking.md and LLVM's `WasmRelocs.def`, 0 to 26.
//!
//! In: a type number. Out: whether an addend follows; its name where there are names
//! (`src/core/words.ts` has the same list).

/// Number of types.
pub const COUNT: u8 = 27;

/// Names in `WasmRelocs.def`, without `R_WASM_`.
#[cfg(not(target_arch = "wasm32"))]
pub const NAMES: [&str; COUNT as usize] = [
    "FUNCTION_INDEX_LEB",
    "TABLE_INDEX_SLEB",
    "TABLE_INDEX_I32",
    "MEMORY_ADDR_LEB",
    "MEMORY_ADDR_SLEB",
    "MEMORY_ADDR_I32",
    "TYPE_INDEX_LEB",
    "GLOBAL_INDEX_LEB",
    "FUNCTION_OFFSET_I32",
    "SECTION_OFFSET_I32",
    "TAG_INDEX_LEB",
    "MEMORY_ADDR_REL_SLEB",
    "TABLE_INDEX_REL_SLEB",
    "GLOBAL_INDEX_I32",
    "MEMORY_ADDR_LEB64",
    "MEMORY_ADDR_SLEB64",
    "MEMORY_ADDR_I64",
    "MEMORY_ADDR_REL_SLEB64",
    "TABLE_INDEX_SLEB64",
    "TABLE_INDEX_I64",
    "TABLE_NUMBER_LEB",
    "MEMORY_ADDR_TLS_SLEB",
    "FUNCTION_OFFSET_I64",
    "MEMORY_ADDR_LOCREL_I32",
    "TABLE_INDEX_REL_SLEB64",
    "MEMORY_ADDR_TLS_SLEB64",
    "FUNCTION_INDEX_I32",
];

#[allow(missing_docs)]
pub const FUNCTION_INDEX_LEB: u8 = 0;
#[allow(missing_docs)]
pub const TABLE_INDEX_SLEB: u8 = 1;
#[allow(missing_docs)]
pub const TABLE_INDEX_I32: u8 = 2;
#[allow(missing_docs)]
pub const MEMORY_ADDR_LEB: u8 = 3;
#[allow(missing_docs)]
pub const MEMORY_ADDR_SLEB: u8 = 4;
#[allow(missing_docs)]
pub const MEMORY_ADDR_I32: u8 = 5;
#[allow(missing_docs)]
pub const TYPE_INDEX_LEB: u8 = 6;
#[allow(missing_docs)]
pub const GLOBAL_INDEX_LEB: u8 = 7;
#[allow(missing_docs)]
pub const FUNCTION_OFFSET_I32: u8 = 8;
#[allow(missing_docs)]
pub const SECTION_OFFSET_I32: u8 = 9;
#[allow(missing_docs)]
pub const TAG_INDEX_LEB: u8 = 10;
#[allow(missing_docs)]
pub const MEMORY_ADDR_REL_SLEB: u8 = 11;
#[allow(missing_docs)]
pub const TABLE_INDEX_REL_SLEB: u8 = 12;
#[allow(missing_docs)]
pub const GLOBAL_INDEX_I32: u8 = 13;
#[allow(missing_docs)]
pub const TABLE_NUMBER_LEB: u8 = 20;
#[allow(missing_docs)]
pub const MEMORY_ADDR_TLS_SLEB: u8 = 21;
#[allow(missing_docs)]
pub const MEMORY_ADDR_LOCREL_I32: u8 = 23;
#[allow(missing_docs)]
pub const FUNCTION_INDEX_I32: u8 = 26;

/// Whether an addend follows the index.
pub const fn has_addend(ty: u8) -> bool {
    wasm_share_kernels::records::WITH_ADDEND >> ty & 1 != 0
}

/// Name of a type for people.
#[cfg(not(target_arch = "wasm32"))]
pub fn name(ty: u8) -> &'static str {
    NAMES.get(ty as usize).copied().unwrap_or("unknown")
}
