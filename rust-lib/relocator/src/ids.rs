//! A type for every index and address space, so that none is taken for another.

use serde::Serialize;

macro_rules! newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index into a slice.
            pub const fn ix(self) -> usize {
                self.0 as usize
            }
        }
    };
}

newtype!(
    /// A byte address in linear memory.
    Addr
);
newtype!(
    /// An index into the module's sections, custom ones included.
    SectionIndex
);
newtype!(
    /// An index into the symbol table of the `linking` section.
    SymbolIndex
);
newtype!(
    /// An index into the globals, imports first.
    GlobalIndex
);

impl Addr {
    /// The next multiple of `align` (a power of two), as a wide number that cannot overflow.
    pub const fn align_up(self, align: u32) -> u64 {
        (self.0 as u64 + align as u64 - 1) & !(align as u64 - 1)
    }
}
