//! Writes the modules that a target makes of an input, and says with which options it runs:
//! `cargo run --example module -- <target> <input> <folder>`.

use wasm_share_fuzz::dice::Dice;
use wasm_share_fuzz::{known, random, runs, subject};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, target, input, folder] = &args[..] else {
        panic!("usage: module <target> <input> <folder>");
    };
    let data = std::fs::read(input).unwrap();
    let modules = match target.as_str() {
        "known_sites" => {
            let made = random::make(&mut known::choices(&data).1);
            vec![(made.module.finish().bytes, Default::default())]
        }
        "combine" => runs::several(&mut Dice(&data)),
        _ => {
            let (bytes, mut dice) = subject::subject(&data);
            let options = subject::options(&mut dice);
            println!(
                "offset, if the target takes one: {}",
                subject::offset(&mut dice)
            );
            vec![(bytes, options)]
        }
    };
    for (at, (bytes, options)) in modules.iter().enumerate() {
        println!("m{at}.wasm: {} bytes, {options:?}", bytes.len());
        std::fs::write(format!("{folder}/m{at}.wasm"), bytes).unwrap();
    }
}
