//! Ours: five bodies in their own gravity, floating point alone.
use wasm_share_bench_programs::hash;

#[derive(Clone, Copy)]
struct Body {
    at: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

static START: [Body; 5] = [
    Body {
        at: [0.0, 0.0, 0.0],
        speed: [0.0, 0.0, 0.0],
        mass: 39.5,
    },
    Body {
        at: [4.84, -1.16, -0.1],
        speed: [0.6, 2.81, -0.02],
        mass: 0.037,
    },
    Body {
        at: [8.34, 4.12, -0.4],
        speed: [-1.01, 1.81, 0.008],
        mass: 0.011,
    },
    Body {
        at: [12.89, -15.11, -0.22],
        speed: [1.08, 0.86, -0.01],
        mass: 0.0017,
    },
    Body {
        at: [15.37, -25.9, 0.18],
        speed: [0.97, 0.59, -0.034],
        mass: 0.002,
    },
];

#[unsafe(no_mangle)]
pub extern "C" fn run(n: u32) -> u32 {
    let mut bodies = START;
    for _ in 0..n {
        for first in 0..bodies.len() {
            for second in first + 1..bodies.len() {
                let (a, b) = (bodies[first], bodies[second]);
                let apart: [f64; 3] = std::array::from_fn(|axis| a.at[axis] - b.at[axis]);
                let square: f64 = apart.iter().map(|each| each * each).sum();
                let pull = 0.01 / (square * square.sqrt());
                for axis in 0..3 {
                    bodies[first].speed[axis] -= apart[axis] * b.mass * pull;
                    bodies[second].speed[axis] += apart[axis] * a.mass * pull;
                }
            }
        }
        for body in &mut bodies {
            for axis in 0..3 {
                body.at[axis] += 0.01 * body.speed[axis];
            }
        }
    }
    bodies
        .iter()
        .flat_map(|body| body.at)
        .fold(0, |value, each| value ^ hash(&each.to_le_bytes()))
}
