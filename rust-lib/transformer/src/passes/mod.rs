//! One file a pass. A pass checks everything before it changes anything.

pub mod init_memory;
pub mod memory_view;
pub mod stack_guard;
