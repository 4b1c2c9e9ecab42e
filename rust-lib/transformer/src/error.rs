//! Problems: what is wrong, where, and what to do. They cross to TypeScript as data.

use serde::Serialize;

/// One reason to refuse. The fields are those of `Problem` in `src/errors.ts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A `WasmShareErrorCode`.
    pub code: &'static str,
    /// What was tried, the value in quotes, the state that was found. One sentence, no full stop.
    pub message: String,
    /// What to change, with the exact flag or option.
    pub hint: String,
    /// Name of the section, as `code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<&'static str>,
    /// Offset in the module that was given, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
}

impl Problem {
    /// A problem that is nowhere in particular.
    pub fn new(code: &'static str, message: String, hint: &str) -> Self {
        Self {
            code,
            message,
            hint: hint.to_string(),
            section: None,
            offset: None,
        }
    }

    /// The same problem, at an instruction.
    pub fn in_code(mut self, offset: Option<usize>) -> Self {
        self.section = Some("code");
        self.offset = offset;
        self
    }
}
