//! The relocator.
