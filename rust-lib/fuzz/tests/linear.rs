//! Modules that are all of one thing: what they cost says which constants in `runs.rs` are honest, and
//! whether two lists are compared each with each. (`cargo test --release --test linear -- --nocapture`)

use wasm_encoder::Encode;
use wasm_share_fuzz::{runs, subject::CHOICES};

fn section(id: u8, count: usize, item: &[u8], out: &mut Vec<u8>) {
    let mut body = Vec::new();
    (count as u32).encode(&mut body);
    for _ in 0..count {
        body.extend_from_slice(item);
    }
    out.push(id);
    body.as_slice().encode(out);
}

fn custom(name: &str, content: &[u8], out: &mut Vec<u8>) {
    let mut body = Vec::new();
    name.encode(&mut body);
    body.extend_from_slice(content);
    out.push(0);
    body.as_slice().encode(out);
}

/// A function type with many parameters.
fn wide_type(params: usize, out: &mut Vec<u8>) {
    let mut item = vec![0x60];
    (params as u32).encode(&mut item);
    item.extend(vec![0x7f; params]);
    item.push(0);
    section(1, 1, &item, out);
}

/// A symbol table of equal symbols.
fn linking(count: usize, symbol: &[u8], out: &mut Vec<u8>) {
    let mut table = Vec::new();
    (count as u32).encode(&mut table);
    for _ in 0..count {
        table.extend_from_slice(symbol);
    }
    let mut content = vec![2, 8];
    table.as_slice().encode(&mut content);
    custom("linking", &content, out);
}

/// Families of modules: name, and a module of about so many bytes.
fn families(size: usize) -> Vec<(&'static str, Vec<u8>)> {
    let head = b"\0asm\x01\0\0\0".to_vec();
    let memory = |out: &mut Vec<u8>| {
        section(5, 1, &[0, 1], out);
    };
    let export = |out: &mut Vec<u8>| section(7, 1, &[1, b'm', 2, 0], out);
    let mut list = Vec::new();
    let mut add = |name, make: &dyn Fn(&mut Vec<u8>)| {
        let mut out = head.clone();
        make(&mut out);
        list.push((name, out));
    };
    add("empty custom sections", &|out| {
        (0..size / 3).for_each(|_| out.extend([0, 1, 0]));
    });
    add("imports", &|out| section(2, size / 4, &[0, 0, 0, 0], out));
    add("types", &|out| section(1, size / 3, &[0x60, 0, 0], out));
    add("tables", &|out| section(4, size / 3, &[0x70, 0, 0], out));
    add("memories", &|out| section(5, size / 2, &[0, 1], out));
    add("globals", &|out| {
        section(6, size / 5, &[0x7f, 0, 0x41, 0, 0x0b], out)
    });
    add("element segments", &|out| {
        section(9, size / 3, &[3, 0, 0], out)
    });
    add("data segments", &|out| {
        memory(out);
        section(11, size / 5, &[0, 0x41, 0, 0x0b, 0], out);
    });
    add("exports", &|out| section(7, size / 3, &[0, 0, 0], out));
    add("exports of a wide type", &|out| {
        wide_type(1000, out);
        section(3, 1, &[0], out);
        section(7, size / 6, &[0, 0, 0], out);
        section(10, 1, &[2, 0, 0x0b], out);
    });
    add("imports of a wide type", &|out| {
        wide_type(1000, out);
        section(2, size / 8, &[0, 0, 0, 0], out);
    });
    add("symbols", &|out| {
        memory(out);
        export(out);
        linking(size / 3, &[3, 0, 0], out);
    });
    add("tables and table symbols", &|out| {
        let count = size / 12;
        section(4, count, &[0x70, 0, 0], out);
        memory(out);
        export(out);
        // Every table is one of the user's own.
        let mut table = Vec::new();
        (count as u32).encode(&mut table);
        for at in 0..count {
            table.extend([5, 0]);
            (at as u32).encode(&mut table);
            "x".encode(&mut table);
        }
        let mut content = vec![2, 8];
        table.as_slice().encode(&mut content);
        custom("linking", &content, out);
    });
    add("element segments and table symbols", &|out| {
        section(4, 3, &[0x70, 0, 0], out);
        memory(out);
        export(out);
        section(9, size / 10, &[2, 0, 0x41, 0, 0x0b, 0, 0], out);
        linking(size / 10, &[5, 0, 0, 1, b'x'], out);
    });
    add("globals and data symbols", &|out| {
        memory(out);
        section(6, size / 20, &[0x7f, 0, 0x41, 0, 0x0b], out);
        let mut exports = Vec::new();
        ((size / 20) as u32).encode(&mut exports);
        for at in 0..size / 20 {
            exports.extend([1, b'a', 3]);
            (at as u32).encode(&mut exports);
        }
        out.push(7);
        exports.as_slice().encode(out);
        linking(size / 12, &[1, 0x10, 1, b'b'], out);
    });
    add("bases and their uses", &|out| {
        section(1, 1, &[0x60, 0, 0], out);
        section(3, 1, &[0], out);
        memory(out);
        let count = size / 40;
        section(6, count, &[0x7f, 0, 0x41, 0, 0x0b], out);
        let mut body = vec![0];
        for _ in 0..size / 4 {
            body.push(0x23);
            (count as u32 - 1).encode(&mut body);
            body.push(0x1a);
        }
        body.push(0x0b);
        let mut code = vec![1];
        body.as_slice().encode(&mut code);
        out.push(10);
        code.as_slice().encode(out);
        let mut names = Vec::new();
        (count as u32 + 1).encode(&mut names);
        for at in 0..count {
            (at as u32).encode(&mut names);
            "__memory_base".encode(&mut names);
        }
        0u32.encode(&mut names);
        "GOT.data.internal.x".encode(&mut names);
        let mut content = vec![7];
        names.as_slice().encode(&mut content);
        custom("name", &content, out);
    });
    add("sections of records", &|out| {
        memory(out);
        export(out);
        linking(0, &[], out);
        for at in 0..size / 16 {
            let mut content = Vec::new();
            (at as u32 + 3).encode(&mut content);
            content.push(0);
            custom("reloc.x", &content, out);
        }
    });
    list
}

#[test]
fn nothing_costs_more_than_its_size() {
    let mut failed = Vec::new();
    for size in [20_000, 200_000] {
        for (name, module) in families(size) {
            let (mut input, length) = (module.clone(), module.len());
            input.extend([0; CHOICES]);
            for (what, cost) in runs::costs(&input).1 {
                let each = |n: u64| n / length as u64;
                println!(
                    "{length:6} {name:36} {what:18} peak {:5} total {:6} nanos {:6}",
                    each(cost.peak as u64),
                    each(cost.total as u64),
                    each(cost.micros * 1000)
                );
            }
            if std::panic::catch_unwind(|| runs::inspect(&input)).is_err() {
                failed.push(format!("{name} {length}"));
            }
        }
    }
    assert_eq!(failed, [] as [String; 0]);
}
