//! Problems: what is wrong, where, and what to do. They cross to TypeScript as data.

use serde::Serialize;
use wasm_share_relocator::error::Problem as ReadProblem;

/// One reason to refuse, or a warning. The fields are those of `Problem` in `src/errors.ts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// A `WasmShareErrorCode` or a code of a warning.
    pub code: &'static str,
    /// What was tried and what was found. One sentence, no full stop.
    pub message: String,
    /// What to change, with the exact flag or option.
    pub hint: String,
    /// Name of the section, as `code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<&'static str>,
    /// Offset in the module that was given first, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
}

/// One reason to refuse: found here, or by the reader that the relocator has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Problem {
    /// Found here.
    Own(Box<Said>),
    /// The module cannot be read.
    Read(Box<ReadProblem>),
}

/// The result of a step.
pub type Result<T> = core::result::Result<T, Problem>;

impl Said {
    /// A problem that is nowhere in particular.
    pub fn new(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
            section: None,
            offset: None,
        }
    }

    /// The same problem with its place.
    pub fn at(mut self, section: &'static str, offset: usize) -> Self {
        self.section = Some(section);
        self.offset = Some(offset);
        self
    }
}

impl Problem {
    /// Its code, as it is known outside.
    pub fn code(&self) -> String {
        match self {
            Problem::Own(said) => said.code.into(),
            Problem::Read(problem) => serde_json::to_value(problem.code)
                .ok()
                .and_then(|code| code.as_str().map(String::from))
                .unwrap_or_default(),
        }
    }
}

impl From<Said> for Problem {
    fn from(said: Said) -> Self {
        Problem::Own(Box::new(said))
    }
}

impl From<Box<ReadProblem>> for Problem {
    fn from(problem: Box<ReadProblem>) -> Self {
        Problem::Read(problem)
    }
}

impl From<wasmparser::Error> for Problem {
    fn from(error: wasmparser::Error) -> Self {
        Problem::Read(error.into())
    }
}
