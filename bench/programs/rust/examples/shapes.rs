//! Ours: trait objects, whose tables of functions lie in data.
use std::collections::BTreeMap;

trait Shape {
    fn area(&self) -> u32;
    fn name(&self) -> &'static str;
    fn grow(&mut self, by: u32);
}

struct Square(u32);
struct Rectangle(u32, u32);
struct Stairs(Vec<u32>);

impl Shape for Square {
    fn area(&self) -> u32 {
        self.0.wrapping_mul(self.0)
    }
    fn name(&self) -> &'static str {
        "square"
    }
    fn grow(&mut self, by: u32) {
        self.0 = self.0 % 1000 + by;
    }
}

impl Shape for Rectangle {
    fn area(&self) -> u32 {
        self.0.wrapping_mul(self.1)
    }
    fn name(&self) -> &'static str {
        "rectangle"
    }
    fn grow(&mut self, by: u32) {
        self.0 = (self.0 + by) % 777;
        std::mem::swap(&mut self.0, &mut self.1);
    }
}

impl Shape for Stairs {
    fn area(&self) -> u32 {
        self.0
            .iter()
            .fold(0, |sum, each| sum.wrapping_mul(3).wrapping_add(*each))
    }
    fn name(&self) -> &'static str {
        "stairs"
    }
    fn grow(&mut self, by: u32) {
        self.0.push(by);
        if self.0.len() > 20 {
            self.0.drain(..10);
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn run(n: u32) -> u32 {
    let mut shapes: Vec<Box<dyn Shape>> = (0..300)
        .map(|at| -> Box<dyn Shape> {
            match at * 7 % 3 {
                0 => Box::new(Square(at)),
                1 => Box::new(Rectangle(at, at + 3)),
                _ => Box::new(Stairs(vec![at; at as usize % 9])),
            }
        })
        .collect();
    let mut sums = BTreeMap::new();
    for round in 0..n {
        for shape in &mut shapes {
            shape.grow(round % 13);
            let sum: &mut u32 = sums.entry(shape.name()).or_default();
            *sum = sum.wrapping_mul(31).wrapping_add(shape.area());
        }
    }
    sums.values().fold(0, |value, sum| value ^ sum)
}
