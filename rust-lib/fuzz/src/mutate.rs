//! Changes of a module that keep its frame whole.
//!
//! In: `module ‖ choices` and a number. Out: the same with one part changed. Bytes changed anywhere break
//! the size of a section most of the time, and then nothing behind the skeleton reader is reached. So the
//! file is taken apart (sections; function bodies, data segments, subsections, records inside them), one
//! part is changed, and all sizes are written anew.

use crate::build::has_addend;
use crate::dice::Dice;
use crate::subject::CHOICES;
use wasm_encoder::Encode;
use wasmparser::BinaryReader;

/// A piece of a file.
enum Node {
    /// Bytes as they are.
    Raw(Vec<u8>),
    /// Pieces behind their size.
    Sized(Vec<Node>),
    /// Pieces behind their number.
    Counted(Vec<Node>),
    /// Pieces without anything.
    All(Vec<Node>),
}

impl Node {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Node::Raw(bytes) => out.extend_from_slice(bytes),
            Node::All(list) => list.iter().for_each(|node| node.write(out)),
            Node::Counted(list) => {
                (list.len() as u32).encode(out);
                list.iter().for_each(|node| node.write(out));
            }
            Node::Sized(list) => {
                let mut body = Vec::new();
                list.iter().for_each(|node| node.write(&mut body));
                body.as_slice().encode(out);
            }
        }
    }

    fn list(&mut self) -> Option<&mut Vec<Node>> {
        match self {
            Node::Raw(_) => None,
            Node::Sized(list) | Node::Counted(list) | Node::All(list) => Some(list),
        }
    }
}

type Read<T> = wasmparser::Result<T>;

fn raw(
    r: &mut BinaryReader<'_>,
    read: impl FnOnce(&mut BinaryReader<'_>) -> Read<()>,
) -> Read<Node> {
    let mut ahead = r.clone();
    read(&mut ahead)?;
    let length = ahead.current_position() - r.current_position();
    Ok(Node::Raw(r.read_bytes(length)?.to_vec()))
}

fn rest(r: &mut BinaryReader<'_>) -> Read<Node> {
    let length = r.bytes_remaining();
    Ok(Node::Raw(r.read_bytes(length)?.to_vec()))
}

/// A list of so many items.
fn counted(
    r: &mut BinaryReader<'_>,
    item: impl Fn(&mut BinaryReader<'_>) -> Read<Node>,
) -> Read<Node> {
    let count = r.read_var_u32()?;
    let list = (0..count).map(|_| item(r)).collect::<Read<Vec<Node>>>()?;
    Ok(Node::All(vec![Node::Counted(list), rest(r)?]))
}

fn sized(r: &mut BinaryReader<'_>) -> Read<Node> {
    let bytes = r.read_reader()?;
    Ok(Node::Sized(vec![rest(&mut bytes.clone())?]))
}

fn record(r: &mut BinaryReader<'_>) -> Read<Node> {
    raw(r, |r| {
        let ty = r.read_u8()?;
        r.read_var_u32()?;
        r.read_var_u32()?;
        if has_addend(ty) {
            r.read_var_i32()?;
        }
        Ok(())
    })
}

fn symbol(r: &mut BinaryReader<'_>) -> Read<Node> {
    raw(r, |r| {
        let kind = r.read_u8()?;
        let flags = r.read_var_u32()?;
        match kind {
            1 => {
                r.skip_string()?;
                if flags & 0x10 == 0 {
                    for _ in 0..3 {
                        r.read_var_u32()?;
                    }
                }
            }
            3 => drop(r.read_var_u32()?),
            _ => {
                r.read_var_u32()?;
                if flags & 0x10 == 0 || flags & 0x40 != 0 {
                    r.skip_string()?;
                }
            }
        }
        Ok(())
    })
}

fn expression(r: &mut BinaryReader<'_>) -> Read<()> {
    // Short ones only: what is longer is left to the caller as raw bytes.
    match r.read_u8()? {
        0x41 => drop(r.read_var_i32()?),
        0x23 | 0xd2 => drop(r.read_var_u32()?),
        _ => drop(r.read_var_i64()?),
    }
    r.read_u8().map(drop)
}

/// The pieces of a section; raw bytes if it is not understood.
fn section(id: u8, body: &mut BinaryReader<'_>) -> Read<Node> {
    match id {
        0 => {
            let name = body.clone().read_string()?;
            let head = raw(body, |r| r.skip_string())?;
            let tail = match name {
                "linking" | "name" => {
                    let version = if name == "name" { 0 } else { 1 };
                    let mut list = vec![Node::Raw(body.read_bytes(version)?.to_vec())];
                    while !body.eof() {
                        let kind = body.read_u8()?;
                        let mut sub = body.read_reader()?;
                        let inner = match (name, kind) {
                            ("linking", 8) => counted(&mut sub, symbol)?,
                            _ => rest(&mut sub)?,
                        };
                        list.push(Node::All(vec![
                            Node::Raw(vec![kind]),
                            Node::Sized(vec![inner]),
                        ]));
                    }
                    Node::All(list)
                }
                name if name.starts_with("reloc.") => {
                    let target = raw(body, |r| r.read_var_u32().map(drop))?;
                    Node::All(vec![target, counted(body, record)?])
                }
                _ => rest(body)?,
            };
            Ok(Node::All(vec![head, tail]))
        }
        6 => counted(body, |r| {
            raw(r, |r| {
                r.read_bytes(2)?;
                expression(r)
            })
        }),
        7 => counted(body, |r| {
            raw(r, |r| {
                r.skip_string()?;
                r.read_u8()?;
                r.read_var_u32().map(drop)
            })
        }),
        10 => counted(body, sized),
        11 => counted(body, |r| {
            let head = raw(r, |r| {
                r.read_u8()?;
                expression(r)
            })?;
            Ok(Node::All(vec![head, sized(r)?]))
        }),
        _ => rest(body),
    }
}

fn parse(bytes: &[u8]) -> Read<Node> {
    let mut r = BinaryReader::new(bytes, 0);
    let mut list = vec![Node::Raw(r.read_bytes(8)?.to_vec())];
    while !r.eof() {
        let id = r.read_u8()?;
        let body = r.read_reader()?;
        let node = section(id, &mut body.clone()).or_else(|_| rest(&mut body.clone()))?;
        list.push(Node::All(vec![
            Node::Raw(vec![id]),
            Node::Sized(vec![node]),
        ]));
    }
    Ok(Node::All(list))
}

/// Changes a piece; goes down to some piece by chance.
fn change(node: &mut Node, dice: &mut Dice<'_>, noise: &mut dyn FnMut(&mut Vec<u8>)) {
    let Some(list) = node.list() else {
        if let Node::Raw(bytes) = node {
            noise(bytes);
        }
        return;
    };
    if list.is_empty() {
        return;
    }
    let at = dice.below(list.len());
    match dice.below(16) {
        0 if list.len() > 1 => drop(list.remove(at)),
        1 => {
            let to = dice.below(list.len());
            list.swap(at, to);
        }
        // Again, once or many times: what takes quadratic time shows so.
        2 | 3 => {
            let mut bytes = Vec::new();
            list[at].write(&mut bytes);
            let times = if dice.one_in(4) {
                1 << dice.below(10)
            } else {
                1
            };
            let times = times.min(1 + 40_000 / bytes.len().max(1));
            for _ in 0..times {
                list.insert(at, Node::Raw(bytes.clone()));
            }
        }
        _ => change(&mut list[at], dice, noise),
    }
}

/// The mutator of libFuzzer for inputs that hold a module.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let split = size.saturating_sub(CHOICES);
    let anywhere = !data[..size].starts_with(b"\0asm") || seed.is_multiple_of(8);
    let Some(mut node) = parse(&data[..split]).ok().filter(|_| !anywhere) else {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    };
    let choices = data[split..size].to_vec();
    let mut state = seed as u64 | 1 << 40;
    let noise: Vec<u8> = (0..64)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 16) as u8
        })
        .collect();
    let mut dice = Dice(&noise);
    let mut room = max_size.saturating_sub(size);
    if dice.one_in(6) {
        let mut tail = choices.clone();
        tail.resize(CHOICES, 0);
        libfuzzer_sys::fuzzer_mutate(&mut tail, CHOICES, CHOICES);
        data[split..size].copy_from_slice(&tail[..choices.len()]);
        return size;
    }
    for _ in 0..1 + dice.below(3) {
        change(&mut node, &mut dice, &mut |bytes| {
            let length = bytes.len();
            let more = room.min(length / 4 + 16);
            // libFuzzer asserts that there is room for something.
            if length + more == 0 {
                return;
            }
            bytes.resize(length + more, 0);
            let length = libfuzzer_sys::fuzzer_mutate(bytes, length, length + more);
            bytes.truncate(length);
            room = room.saturating_sub(more);
        });
    }
    let mut out = Vec::new();
    node.write(&mut out);
    out.extend_from_slice(&choices);
    if out.len() > max_size {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    data[..out.len()].copy_from_slice(&out);
    out.len()
}
