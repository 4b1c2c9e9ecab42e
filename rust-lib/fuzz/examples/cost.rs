//! The largest costs over a folder of inputs of `inspect`: how the constants in `runs.rs` were chosen.
//! `cargo run --release --example cost -- <folder>`

use wasm_share_fuzz::runs;

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_default();
    // Name, bytes, bytes at the same time for each byte, all bytes allocated for each, nanoseconds for each.
    let mut rows: Vec<(String, usize, usize, usize, u64)> = Vec::new();
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let Ok(data) = std::fs::read(entry.path()) else {
            continue;
        };
        let (length, costs) = runs::costs(&data);
        for (what, cost) in costs {
            let name = format!("{what} {}", entry.file_name().to_string_lossy());
            let each = |n: usize| n / length.max(1);
            rows.push((
                name,
                length,
                each(cost.peak),
                each(cost.total),
                cost.micros * 1000 / length.max(1) as u64,
            ));
        }
    }
    for (what, key) in [("peak", 0), ("total", 1), ("time", 2)] {
        // Small inputs say nothing about what grows.
        rows.retain(|row| row.1 > 4000);
        rows.sort_by_key(|row| std::cmp::Reverse([row.2 as u64, row.3 as u64, row.4][key]));
        for row in rows.iter().take(4) {
            println!("{what}: {row:?}");
        }
    }
}
