//! JSON lines, written by hand: objects of texts, numbers and truths, in the order in which they are put in.

use std::fmt::Write;

/// An object under way; its first member is `kind`.
#[derive(Clone, Debug)]
pub struct Object(String);

impl Object {
    pub fn new(kind: &str) -> Object {
        let mut object = Object(String::from("{"));
        object.text("kind", kind);
        object
    }

    /// One that is part of another, without a kind.
    pub fn part() -> Object {
        Object(String::from("{"))
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(key);
        self.0.push_str("\":");
    }

    pub fn text(&mut self, key: &str, value: &str) -> &mut Object {
        self.key(key);
        self.quoted(value);
        self
    }

    /// A list of texts.
    pub fn texts(&mut self, key: &str, values: &[String]) -> &mut Object {
        self.key(key);
        self.0.push('[');
        for (i, value) in values.iter().enumerate() {
            self.0.push_str(if i == 0 { "" } else { "," });
            self.quoted(value);
        }
        self.0.push(']');
        self
    }

    /// A list of objects.
    pub fn objects(&mut self, key: &str, values: &[Object]) -> &mut Object {
        self.key(key);
        let values: Vec<String> = values.iter().map(|value| format!("{}}}", value.0)).collect();
        self.0.push_str(&format!("[{}]", values.join(",")));
        self
    }

    fn quoted(&mut self, value: &str) {
        self.0.push('"');
        for c in value.chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                c if c < ' ' => write!(self.0, "\\u{:04x}", c as u32).expect("a string takes any text"),
                c => self.0.push(c),
            }
        }
        self.0.push('"');
    }

    pub fn number(&mut self, key: &str, value: u64) -> &mut Object {
        self.key(key);
        write!(self.0, "{value}").expect("a string takes any text");
        self
    }

    /// A number with three decimals.
    pub fn decimal(&mut self, key: &str, value: f64) -> &mut Object {
        self.key(key);
        write!(self.0, "{value:.3}").expect("a string takes any text");
        self
    }

    pub fn truth(&mut self, key: &str, value: bool) -> &mut Object {
        self.key(key);
        self.0.push_str(if value { "true" } else { "false" });
        self
    }

    pub fn null(&mut self, key: &str) -> &mut Object {
        self.key(key);
        self.0.push_str("null");
        self
    }

    /// The object on a line of its own.
    pub fn line(&self) -> String {
        format!("{}}}\n", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Object;

    #[test]
    fn texts_are_escaped() {
        let mut object = Object::new("x");
        object.text("a", "q\"\\\n\u{1}ä").number("n", 3).truth("t", true).null("z").decimal("d", 1.5);
        let expected =
            "{\"kind\":\"x\",\"a\":\"q\\\"\\\\\\n\\u0001ä\",\"n\":3,\"t\":true,\"z\":null,\"d\":1.500}\n";
        assert_eq!(object.line(), expected);
    }
}
