/// Compiled into both modules, once each: two types.
#[allow(dead_code)]
pub struct Copied(pub u32);
