//! Which functions give a block of memory back, as far as their names say.

use crate::allocation::{Entry, is_delete};
use crate::passes::allocator::PREFIX;

/// What a function does with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It frees its first parameter and returns nothing.
    Free,
    /// It moves the block that is its first parameter, and returns where to.
    Resize,
}

/// Names that [`Entry`] does not have: they are not needed to replace an allocator.
const FREE: [&str; 4] = ["cfree", "free_sized", "free_aligned_sized", "mi_free"];
const RESIZE: [&str; 3] = ["reallocarray", "emmalloc_aligned_realloc", "mi_realloc"];

/// Where a function gets the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the first parameter.
    First,
    /// So many parameters come after it. What comes before is the allocator itself, if the compiler left it.
    Before(usize),
}

/// What a function of this name does, whatever its type, and where it gets the block.
pub fn known(name: &str) -> Option<(Role, Place)> {
    role(name)
        .map(|role| (role, Place::First))
        .or_else(|| dlmalloc(name))
}

/// What a function of this name does with its first parameter, whatever its type.
pub fn role(name: &str) -> Option<Role> {
    // What a module gives that allocates for others.
    let name = name.strip_prefix(PREFIX).unwrap_or(name);
    match Entry::of(name) {
        Some((Entry::Free | Entry::RustDealloc, _)) => Some(Role::Free),
        Some((Entry::Realloc | Entry::RustRealloc, _)) => Some(Role::Resize),
        Some(_) => None,
        None if FREE.contains(&name) || is_delete(name) => Some(Role::Free),
        None if RESIZE.contains(&name) => Some(Role::Resize),
        None => None,
    }
}

/// `free` and `realloc` of `dlmalloc::dlmalloc::Dlmalloc`, the allocator of Rust's std: with LTO the functions above
/// are copied into their callers, and these two, which are large, are left.
fn dlmalloc(name: &str) -> Option<(Role, Place)> {
    let is = |method: &str| {
        let mangled = format!("E{}{method}", method.len());
        let end = |rest: &str| rest.is_empty() || rest.starts_with("Cs");
        match name.strip_prefix("_R") {
            Some(path) if path.contains("8dlmalloc8dlmalloc") && path.contains("8Dlmalloc") => path
                .rsplit_once(&mangled)
                .is_some_and(|(_, rest)| end(rest)),
            Some(_) => false,
            None => {
                let legacy = format!(
                    "_ZN8dlmalloc8dlmalloc17Dlmalloc$LT$A$GT${}{method}17h",
                    method.len()
                );
                name.starts_with(&legacy)
                    || name.contains("dlmalloc::dlmalloc::Dlmalloc<")
                        && name.ends_with(&format!(">::{method}"))
            }
        }
    };
    if is("free") {
        return Some((Role::Free, Place::Before(0)));
    }
    is("realloc").then_some((Role::Resize, Place::Before(1)))
}
