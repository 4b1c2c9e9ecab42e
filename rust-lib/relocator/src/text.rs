//! Sentences for people, without their words.
//!
//! In: `text!("… {} …", value)`. Out: the number of the sentence and its values. In the core the number is
//! all that is left of the literal; `build.ts` collects the literals into `src/core/generated/messages.ts`,
//! where TypeScript puts them together again. Elsewhere a [`Text`] knows its literal and prints itself.
//!
//! Placeholders are `{}`, `{:#x}` (hexadecimal) and `{type}` (the name of a relocation type).

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

/// A literal with placeholders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Template {
    number: u32,
    #[cfg(not(target_arch = "wasm32"))]
    literal: &'static str,
}

impl Template {
    /// The template of a literal: its number is the FNV-1a hash of its bytes.
    pub const fn new(literal: &'static str) -> Self {
        let bytes = literal.as_bytes();
        let mut number = 0x811c_9dc5u32;
        let mut at = 0;
        while at < bytes.len() {
            number = (number ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        Self {
            number,
            #[cfg(not(target_arch = "wasm32"))]
            literal,
        }
    }
}

/// What stands in a placeholder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Arg {
    /// A number.
    Number(i64),
    /// A name, or what else the file says.
    Name(String),
    /// Another sentence.
    Text(Text),
}

/// A sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    template: Template,
    args: Vec<Arg>,
}

/// A sentence from a literal and the values of its placeholders.
macro_rules! text {
    ($template:literal $(, $arg:expr)* $(,)?) => {
        $crate::text::Text::new(const { $crate::text::Template::new($template) })$(.arg($arg))*
    };
}
pub(crate) use text;

impl Text {
    // Kept out of line: problems are made in a hundred places and seldom.
    /// A sentence without values.
    #[cold]
    #[inline(never)]
    pub fn new(template: Template) -> Self {
        Self {
            template,
            args: Vec::new(),
        }
    }

    /// Adds the value of the next placeholder.
    #[inline(never)]
    pub fn arg(mut self, arg: impl Into<Arg>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Whether there is no sentence at all.
    pub fn is_empty(&self) -> bool {
        self.template == Template::default()
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(1 + self.args.len()))?;
        list.serialize_element(&self.template.number)?;
        for arg in &self.args {
            list.serialize_element(arg)?;
        }
        list.end()
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl core::fmt::Display for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut args = self.args.iter();
        let mut rest = self.template.literal;
        while let Some((before, after)) = rest.split_once('{') {
            f.write_str(before)?;
            let (spec, after) = after.split_once('}').unwrap_or((after, ""));
            match (args.next(), spec) {
                (Some(Arg::Number(number)), ":#x") => write!(f, "{number:#x}")?,
                (Some(Arg::Number(number)), "type") => {
                    f.write_str(crate::inspect::types::name(*number as u8))?
                }
                (Some(Arg::Number(number)), _) => write!(f, "{number}")?,
                (Some(Arg::Name(name)), _) => f.write_str(name)?,
                (Some(Arg::Text(text)), _) => write!(f, "{text}")?,
                (None, _) => f.write_str("?")?,
            }
            rest = after;
        }
        f.write_str(rest)
    }
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl From<$ty> for Arg {
            fn from(number: $ty) -> Self {
                Arg::Number(number as i64)
            }
        }
    )*};
}
numbers!(u8 i32 u32 i64 u64 usize);

impl From<&str> for Arg {
    fn from(name: &str) -> Self {
        Arg::Name(name.into())
    }
}

impl From<&String> for Arg {
    fn from(name: &String) -> Self {
        Arg::Name(name.clone())
    }
}

impl From<String> for Arg {
    fn from(name: String) -> Self {
        Arg::Name(name)
    }
}

impl From<Text> for Arg {
    fn from(text: Text) -> Self {
        Arg::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn a_sentence_prints_its_values() {
        let inner = text!("slot {}", 3u32);
        let text = text!(
            "{type} of \"{}\" at {:#x}: {}, {}",
            5u8,
            "x",
            0x1f_u64,
            inner,
            -1i64
        );
        assert_eq!(
            text.to_string(),
            "MEMORY_ADDR_I32 of \"x\" at 0x1f: slot 3, -1"
        );
        assert!(Text::default().is_empty());
    }
}
