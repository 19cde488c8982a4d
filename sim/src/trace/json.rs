//! A story as JSON lines, with stable names.

use super::story::Line;
use crate::json::Object;
use crate::op_name::verb;

/// One object a line.
pub fn lines(story: &[Line]) -> String {
    let mut out = String::new();
    for line in story {
        let mut object = Object::new("event");
        object.text("actor", &line.actor).text("op", line.op).text("text", &line.text);
        if line.step > 0 {
            object.number("step", line.step).number("number", u64::from(line.number));
        }
        object.number("time_ns", line.now_ns);
        if let Some(cause) = line.cause {
            object.number("cause", cause);
        }
        if let Some(decision) = &line.decision {
            object.text("decision", verb(decision.class));
            object.text("picked", &decision.picked).text("instead_of", &decision.instead_of);
        }
        out.push_str(&object.line());
    }
    out
}
