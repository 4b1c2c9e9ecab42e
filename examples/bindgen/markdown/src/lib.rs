//! Markdown → HTML, with `pulldown-cmark`. The HTML stays where it was written: other modules read it
//! there, by `(ptr, len)`.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
use wasm_bindgen::prelude::*;

/// A page of HTML. It belongs to this module: its bytes are valid until `free` is called.
#[wasm_bindgen]
pub struct Page {
    html: String,
}

#[wasm_bindgen]
impl Page {
    #[wasm_bindgen(constructor)]
    pub fn new(markdown: &str) -> Page {
        let mut html = String::new();
        html::push_html(&mut html, Parser::new_ext(markdown, Options::ENABLE_TABLES));
        Page { html }
    }

    /// Where the bytes are, in the memory of all modules.
    #[wasm_bindgen(getter)]
    pub fn ptr(&self) -> *const u8 {
        self.html.as_ptr()
    }

    /// How many bytes there are.
    #[wasm_bindgen(getter)]
    pub fn len(&self) -> usize {
        self.html.len()
    }

    /// A copy of the page, as a string of JavaScript.
    pub fn text(&self) -> String {
        self.html.clone()
    }
}

/// The text of the first heading.
///
/// # Errors
/// If there is none.
#[wasm_bindgen]
pub fn title(markdown: &str) -> Result<String, JsError> {
    let mut title = None;
    for event in Parser::new(markdown) {
        match (event, &mut title) {
            (Event::Start(Tag::Heading { .. }), None) => title = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), Some(_)) => break,
            (Event::Text(text) | Event::Code(text), Some(title)) => title.push_str(&text),
            _ => {}
        }
    }
    title.ok_or_else(|| JsError::new("The text has no heading"))
}
