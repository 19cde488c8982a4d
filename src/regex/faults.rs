//! Errors of patterns in the words of PCRE 8, which programs know.
//!
//! Invariant: what the table does not have is told as PCRE2 has it. Some faults PCRE2 finds at another place; those
//! that it always sees one character later are told earlier. Source: what a live `erl` of OTP 25 answers.

use super::pcre::Refusal;

/// PCRE2's text, PCRE 8's, and how many characters earlier that one finds it.
const TEXTS: [(&str, &str, usize); 14] = [
    ("missing closing parenthesis", "missing )", 0),
    ("unmatched closing parenthesis", "unmatched parentheses", 0),
    ("quantifier does not follow a repeatable item", "nothing to repeat", 0),
    (
        "two named subpatterns have the same name (PCRE2_DUPNAMES not set)",
        "two named subpatterns have the same name",
        1,
    ),
    (
        "syntax error in subpattern name (missing terminator?)",
        "syntax error in subpattern name (missing terminator)",
        0,
    ),
    ("unknown property after \\P or \\p", "unknown property name after \\P or \\p", 1),
    (
        "character code point value in \\x{} or \\o{} is too large",
        "character value in \\x{} or \\o{} is too large",
        0,
    ),
    ("subpattern name must start with a non-digit", "group name must start with a non-digit", 0),
    (
        "(?R (recursive pattern call) must be followed by a closing parenthesis",
        "(?R or (?[+-]digits must be followed by )",
        0,
    ),
    ("missing ) after (?# comment", "missing ) after comment", 0),
    ("length of lookbehind assertion is not limited", "lookbehind assertion is not fixed length", 0),
    ("number after (?C is greater than 255", "number after (?C is > 255", 0),
    ("atomic assertion expected after (?( or (?(?C)", "assertion expected after (?( or (?(?C)", 0),
    (
        "PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u",
        "PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u",
        1,
    ),
];

/// Text and place.
pub fn told(refusal: &Refusal) -> (&str, usize) {
    match TEXTS.iter().find(|row| row.0 == refusal.text) {
        Some(&(_, text, earlier)) => (text, refusal.offset.saturating_sub(earlier)),
        None => (&refusal.text, refusal.offset),
    }
}
