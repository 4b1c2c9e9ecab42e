//! Nothing: building it builds the library of every Rust program here.
