//! Parses lines of text into records that other modules read and change by pointer.
//!
//! The text stays where the caller wrote it: a record points into it. This module owns the text and
//! the records until the next `parse`.

use std::cell::RefCell;
use std::collections::HashMap;

/// One line of text. `stats` and `transform` declare the same layout.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Record {
    /// Points into the text.
    name: *const u8,
    name_len: u32,
    /// Index into the categories.
    category: u32,
    quantity: u32,
    price: f32,
    total: f32,
    /// The first bytes of the name in lower case, zero padded.
    code: [u8; 8],
}

/// A piece of text.
#[repr(C)]
pub struct Text {
    ptr: *const u8,
    len: u32,
}

type Weigher = extern "C" fn(&Record) -> f32;

/// Statics that point to text and to functions: all of these addresses move with the module.
static WEIGHERS: [(&str, Weigher); 3] =
    [("quantity", by_quantity), ("price", by_price), ("total", by_total)];
static COLUMNS: [&str; 4] = ["name", "category", "quantity", "price"];

extern "C" fn by_quantity(record: &Record) -> f32 {
    record.quantity as f32
}

extern "C" fn by_price(record: &Record) -> f32 {
    record.price
}

extern "C" fn by_total(record: &Record) -> f32 {
    record.total
}

#[derive(Default)]
struct Store {
    records: Vec<Record>,
    categories: Vec<String>,
    ids: HashMap<String, u32>,
    /// The last text that was made for a caller.
    text: String,
}

thread_local! {
    static STORE: RefCell<Store> = RefCell::default();
}

/// Room for `len` bytes of text.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: usize) -> *mut u8 {
    Box::leak(vec![0u8; len].into_boxed_slice()).as_mut_ptr()
}

/// Gives back what `alloc(len)` returned.
///
/// # Safety
/// `ptr` and `len` belong together, and nothing uses the text any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dealloc(ptr: *mut u8, len: usize) {
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(ptr, len)) });
}

/// Parses `name,category,quantity,price` lines. Returns how many records there are, or −1 with the
/// reason in `last_text`.
///
/// # Safety
/// `ptr` and `len` describe text that stays where it is while the records are used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn parse(ptr: *const u8, len: usize) -> i32 {
    let bytes = unsafe { std::slice::from_raw_parts(ptr, len) };
    STORE.with_borrow_mut(|store| {
        store.records.clear();
        match std::str::from_utf8(bytes)
            .map_err(|error| format!("Cannot parse text: {error}"))
            .and_then(|text| store.read(text))
        {
            Ok(()) => store.records.len() as i32,
            Err(reason) => {
                store.text = reason;
                -1
            }
        }
    })
}

impl Store {
    fn read(&mut self, text: &str) -> Result<(), String> {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let fields: Vec<&str> = line.split(',').map(str::trim).collect();
            let [name, category, quantity, price] = fields[..] else {
                let missing = COLUMNS.get(fields.len()).unwrap_or(&"end of line");
                return Err(format!("Cannot parse line {}: expected {missing}", number + 1));
            };
            let bad = |column: usize, value: &str| {
                format!("Cannot parse line {}: bad {} \"{value}\"", number + 1, COLUMNS[column])
            };
            let quantity: u32 = quantity.parse().map_err(|_| bad(2, quantity))?;
            let price: f32 = price.parse().map_err(|_| bad(3, price))?;
            let mut code = [0; 8];
            for (to, from) in code.iter_mut().zip(name.bytes()) {
                *to = from.to_ascii_lowercase();
            }
            let category = self.category(category);
            self.records.push(Record {
                name: name.as_ptr(),
                name_len: name.len() as u32,
                category,
                quantity,
                price,
                total: quantity as f32 * price,
                code,
            });
        }
        Ok(())
    }

    fn category(&mut self, name: &str) -> u32 {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = self.categories.len() as u32;
        self.categories.push(name.to_owned());
        self.ids.insert(name.to_owned(), id);
        id
    }
}

/// The records of the last `parse`.
#[unsafe(no_mangle)]
pub extern "C" fn records() -> *mut Record {
    STORE.with_borrow_mut(|store| store.records.as_mut_ptr())
}

#[unsafe(no_mangle)]
pub extern "C" fn category_count() -> u32 {
    STORE.with_borrow(|store| store.categories.len() as u32)
}

/// The name of a category, through `last_text`.
#[unsafe(no_mangle)]
pub extern "C" fn category_name(id: u32) -> *const Text {
    STORE.with_borrow_mut(|store| {
        store.text = store.categories.get(id as usize).cloned().unwrap_or_default();
    });
    last_text()
}

/// A function that weighs a record, for anyone who can call through the shared table: `quantity`,
/// `price`, `total`, in this order. Null if there is no such function.
#[unsafe(no_mangle)]
pub extern "C" fn weigher(which: u32) -> Option<Weigher> {
    WEIGHERS.get(which as usize).map(|(_, function)| *function)
}

/// What `weigher(which)` weighs by, through `last_text`.
#[unsafe(no_mangle)]
pub extern "C" fn weigher_name(which: u32) -> *const Text {
    STORE.with_borrow_mut(|store| {
        store.text = WEIGHERS.get(which as usize).map_or("none", |(name, _)| name).to_string();
    });
    last_text()
}

/// One record as a line for people, whoever wrote or changed it.
///
/// # Safety
/// `record` points to a record with a valid name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn describe(record: &Record) -> *const Text {
    let name = unsafe { std::slice::from_raw_parts(record.name, record.name_len as usize) };
    STORE.with_borrow_mut(|store| {
        let unknown = String::from("?");
        let category = store.categories.get(record.category as usize).unwrap_or(&unknown);
        store.text = format!(
            "{} ({category}): {} x {:.2} = {:.2}",
            String::from_utf8_lossy(name),
            record.quantity,
            record.price,
            record.total,
        );
    });
    last_text()
}

/// The text that the last call made. Valid until the next call.
#[unsafe(no_mangle)]
pub extern "C" fn last_text() -> *const Text {
    static mut TEXT: Text = Text { ptr: std::ptr::null(), len: 0 };
    STORE.with_borrow(|store| unsafe {
        TEXT = Text { ptr: store.text.as_ptr(), len: store.text.len() as u32 };
    });
    &raw const TEXT
}
