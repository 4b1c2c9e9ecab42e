//! The part of SQLite's C API that is used here: exports of the module `sqlite`.

use std::ffi::{c_char, c_int, c_void};

/// A database connection. SQLite's own: only its address is used.
#[repr(C)]
pub struct Db {
    _private: [u8; 0],
}

/// A prepared statement, likewise.
#[repr(C)]
pub struct Statement {
    _private: [u8; 0],
}

pub const OK: c_int = 0;
pub const FULL: c_int = 13;
pub const DONE: c_int = 101;

/// Called by `sqlite3_exec` for each row with what it was given, the number of columns, and for each
/// column its value as text (null for NULL) and its name. Not 0 ends the query (`SQLITE_ABORT`).
pub type RowCallback =
    extern "C" fn(*mut c_void, c_int, *const *const c_char, *const *const c_char) -> c_int;

/// Called when SQLite does not need a bound text any more. `None` (`SQLITE_STATIC`): nothing to do.
pub type Destructor = Option<extern "C" fn(*mut c_void)>;

#[link(wasm_import_module = "sqlite")]
unsafe extern "C" {
    pub fn sqlite3_open(name: *const c_char, db: *mut *mut Db) -> c_int;
    pub fn sqlite3_close(db: *mut Db) -> c_int;
    pub fn sqlite3_errmsg(db: *mut Db) -> *const c_char;
    pub fn sqlite3_exec(
        db: *mut Db,
        sql: *const c_char,
        callback: Option<RowCallback>,
        context: *mut c_void,
        error: *mut *mut c_char,
    ) -> c_int;
    pub fn sqlite3_free(block: *mut c_void);
    pub fn sqlite3_prepare_v2(
        db: *mut Db,
        sql: *const c_char,
        length: c_int,
        statement: *mut *mut Statement,
        tail: *mut *const c_char,
    ) -> c_int;
    pub fn sqlite3_bind_int(statement: *mut Statement, index: c_int, value: c_int) -> c_int;
    pub fn sqlite3_bind_text(
        statement: *mut Statement,
        index: c_int,
        text: *const c_char,
        length: c_int,
        destructor: Destructor,
    ) -> c_int;
    pub fn sqlite3_step(statement: *mut Statement) -> c_int;
    pub fn sqlite3_reset(statement: *mut Statement) -> c_int;
    pub fn sqlite3_finalize(statement: *mut Statement) -> c_int;
}
