//! The orders of a shop: kept in SQLite, exported as CSV, compressed with zlib.
//!
//! SQLite and zlib are used as from any Rust program: declarations in `sqlite` and `zlib`, and
//! pointers. What SQLite allocates, SQLite frees; what is allocated here, is freed here.

mod sqlite;
mod zlib;

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

/// What the host is given: one address leads to everything. Valid until the next call.
#[repr(C)]
pub struct Report {
    /// 0, or what went wrong: a code of SQLite, or one of zlib (negative).
    status: c_int,
    /// How many rows were written or added.
    rows: u32,
    /// The rows as CSV, or the reason if the status is not 0.
    text: *const u8,
    /// In bytes.
    text_len: usize,
    /// The text as zlib packed it; nothing if the status is not 0.
    packed: *const u8,
    /// In bytes.
    packed_len: usize,
}

pub struct Shop {
    db: *mut sqlite::Db,
    /// How many orders there are.
    orders: u32,
    csv: Csv,
    packed: Vec<u8>,
    /// The last one.
    report: Report,
}

const SCHEMA: &CStr = c"
    create table product(id integer primary key, name text not null, price real not null);
    create table orders(
        id integer primary key,
        day text not null,
        customer text not null,
        product integer not null references product,
        quantity integer not null
    );
    create index by_customer on orders(customer);
    insert into product(name, price) values
        ('Bolt, M8 × 40', 0.25), ('Hammer', 18.5), ('Saw', 22.75), ('Nail, 60 mm', 0.02),
        ('Lamp', 14.2), ('Cable, 5 m', 1.9), ('Drill', 89.99), ('Monitor, 24\"', 139.0),
        ('Paint, \"Sky Blue\"', 11.35), ('Brush', 3.6), ('Ladder', 64.0), ('Glue', 2.45);
";

const INSERT: &CStr = c"
    insert into orders(day, customer, product, quantity)
    values (date('2025-01-01', ?1 || ' days'), ?2, ?3, ?4)
";

const PRODUCTS: u32 = 12;

static CUSTOMERS: [&str; 8] = [
    "Ada Lovelace",
    "Bohumil Hrabal",
    "Jürgen Müller",
    "María José Núñez",
    "Nguyễn Thị Mai",
    "Søren Kierkegaard",
    "Žofie Nováková",
    "O'Brien, Flann",
];

/// Opens a database in memory and makes its tables. Null if SQLite cannot.
#[unsafe(no_mangle)]
pub extern "C" fn shop_open() -> Option<Box<Shop>> {
    let mut db = ptr::null_mut();
    let mut status = unsafe { sqlite::sqlite3_open(c":memory:".as_ptr(), &mut db) };
    if status == sqlite::OK {
        let (callback, context, error) = (None, ptr::null_mut(), ptr::null_mut());
        status = unsafe { sqlite::sqlite3_exec(db, SCHEMA.as_ptr(), callback, context, error) };
    }
    if status != sqlite::OK {
        // Also one that could not be opened has to be closed.
        unsafe { sqlite::sqlite3_close(db) };
        return None;
    }
    let report = Report {
        status,
        rows: 0,
        text: ptr::null(),
        text_len: 0,
        packed: ptr::null(),
        packed_len: 0,
    };
    Some(Box::new(Shop {
        db,
        orders: 0,
        csv: Csv::default(),
        packed: Vec::new(),
        report,
    }))
}

/// Adds orders: always the same ones in the same order.
#[unsafe(no_mangle)]
pub extern "C" fn shop_add(shop: &mut Shop, count: u32) -> &Report {
    let added = shop.add(count);
    shop.csv.start(0);
    shop.packed.clear();
    shop.finish(added.map(|()| count))
}

/// Runs SQL, and gives the rows as CSV, packed as well. With `most` other than 0 the query ends with
/// `SQLITE_ABORT` where it would have more rows.
///
/// # Safety
/// `sql` ends with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn shop_select(shop: &mut Shop, sql: *const c_char, most: u32) -> &Report {
    shop.csv.start(most);
    let context = (&raw mut shop.csv).cast();
    let mut error = ptr::null_mut();
    // SQLite calls back for each row: the address of a Rust function means the same there.
    let status =
        unsafe { sqlite::sqlite3_exec(shop.db, sql, Some(write_row), context, &mut error) };
    let rows = shop.csv.rows;
    let result = match status {
        sqlite::OK => zlib::compress(&shop.csv.text, &mut shop.packed).map_err(zlib_failure),
        _ => Err((status, text_of(error))),
    };
    // SQLite allocated the message, so SQLite frees it.
    unsafe { sqlite::sqlite3_free(error.cast()) };
    shop.finish(result.map(|()| rows))
}

/// Closes the database. Returns 0, or SQLite's code.
#[unsafe(no_mangle)]
pub extern "C" fn shop_close(shop: Box<Shop>) -> c_int {
    unsafe { sqlite::sqlite3_close(shop.db) }
}

/// A code, and what SQLite or zlib says about it.
type Failure = (c_int, String);

fn zlib_failure(code: c_int) -> Failure {
    // A text in zlib's static data: nobody frees it.
    (code, text_of(unsafe { zlib::zError(code) }))
}

/// Copies a text that belongs to C.
fn text_of(text: *const c_char) -> String {
    if text.is_null() {
        return String::from("no reason given");
    }
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

impl Shop {
    fn add(&mut self, count: u32) -> Result<(), Failure> {
        let all = self.orders.checked_add(count);
        let all = all.ok_or((sqlite::FULL, String::from("too many orders")))?;
        self.run(c"begin")?;
        let mut insert = ptr::null_mut();
        let status = unsafe {
            sqlite::sqlite3_prepare_v2(self.db, INSERT.as_ptr(), -1, &mut insert, ptr::null_mut())
        };
        let mut added = self.check(status);
        for order in self.orders..all {
            added = added.and_then(|()| self.insert(insert, order));
        }
        unsafe { sqlite::sqlite3_finalize(insert) };
        let end = if added.is_ok() {
            c"commit"
        } else {
            c"rollback"
        };
        let ended = self.run(end);
        // The first reason counts: SQLite may have rolled back by itself.
        added.and(ended)?;
        self.orders = all;
        Ok(())
    }

    fn insert(&self, insert: *mut sqlite::Statement, order: u32) -> Result<(), Failure> {
        let mix = order.wrapping_mul(2_654_435_761);
        let customer = CUSTOMERS[(mix >> 8) as usize % CUSTOMERS.len()];
        let product = 1 + (mix >> 16) % PRODUCTS;
        let quantity = 1 + (mix >> 24) % 20;
        let (text, length) = (customer.as_ptr().cast(), customer.len() as c_int);
        let bound = unsafe {
            [
                sqlite::sqlite3_bind_int(insert, 1, (order % 365) as c_int),
                // No copy for SQLite (`SQLITE_STATIC`): it reads the text in our static data.
                sqlite::sqlite3_bind_text(insert, 2, text, length, None),
                sqlite::sqlite3_bind_int(insert, 3, product as c_int),
                sqlite::sqlite3_bind_int(insert, 4, quantity as c_int),
            ]
        };
        bound
            .into_iter()
            .try_for_each(|status| self.check(status))?;
        let status = unsafe { sqlite::sqlite3_step(insert) };
        if status != sqlite::DONE {
            self.check(status)?;
        }
        // Ready for the next one.
        self.check(unsafe { sqlite::sqlite3_reset(insert) })
    }

    fn run(&self, sql: &CStr) -> Result<(), Failure> {
        let (callback, context, error) = (None, ptr::null_mut(), ptr::null_mut());
        self.check(unsafe { sqlite::sqlite3_exec(self.db, sql.as_ptr(), callback, context, error) })
    }

    fn check(&self, status: c_int) -> Result<(), Failure> {
        match status {
            sqlite::OK => Ok(()),
            _ => Err((status, text_of(unsafe { sqlite::sqlite3_errmsg(self.db) }))),
        }
    }

    fn finish(&mut self, result: Result<u32, Failure>) -> &Report {
        let (status, rows) = match result {
            Ok(rows) => (0, rows),
            Err((code, reason)) => {
                self.csv.text = reason.into_bytes();
                (code, self.csv.rows)
            }
        };
        let packed: &[u8] = if status == 0 { &self.packed } else { &[] };
        self.report = Report {
            status,
            rows,
            text: self.csv.text.as_ptr(),
            text_len: self.csv.text.len(),
            packed: packed.as_ptr(),
            packed_len: packed.len(),
        };
        &self.report
    }
}

/// Rows as text: a line with the names, and a line for each row.
#[derive(Default)]
struct Csv {
    text: Vec<u8>,
    rows: u32,
    /// How many rows to take; 0 for all.
    most: u32,
}

impl Csv {
    fn start(&mut self, most: u32) {
        self.text.clear();
        self.rows = 0;
        self.most = most;
    }

    fn line(&mut self, fields: &[*const c_char]) {
        for (at, &field) in fields.iter().enumerate() {
            if at > 0 {
                self.text.push(b',');
            }
            // A null pointer is NULL: an empty field.
            if !field.is_null() {
                self.field(unsafe { CStr::from_ptr(field) }.to_bytes());
            }
        }
        self.text.push(b'\n');
    }

    fn field(&mut self, bytes: &[u8]) {
        if !bytes.iter().any(|byte| b",\"\n".contains(byte)) {
            return self.text.extend_from_slice(bytes);
        }
        self.text.push(b'"');
        for &byte in bytes {
            if byte == b'"' {
                self.text.push(b'"');
            }
            self.text.push(byte);
        }
        self.text.push(b'"');
    }
}

/// SQLite calls this for each row, with texts in its own memory, valid for the time of the call.
extern "C" fn write_row(
    context: *mut c_void,
    columns: c_int,
    values: *const *const c_char,
    names: *const *const c_char,
) -> c_int {
    let csv = unsafe { &mut *context.cast::<Csv>() };
    if csv.most > 0 && csv.rows == csv.most {
        return 1; // ends the query
    }
    let columns = columns as usize;
    if csv.rows == 0 {
        csv.line(unsafe { std::slice::from_raw_parts(names, columns) });
    }
    csv.line(unsafe { std::slice::from_raw_parts(values, columns) });
    csv.rows += 1;
    0
}
