//! Code that a thread has compiled lately.
//!
//! Invariant: at most [`KEPT`] codes; what is kept changes how long an answer takes, never what it is.

use super::pcre::{Code, Pattern, Refusal};
use std::cell::RefCell;
use std::rc::Rc;

/// Codes that a thread keeps.
const KEPT: usize = 32;

thread_local! {
    static CACHE: RefCell<Vec<(Pattern, Rc<Code>)>> = const { RefCell::new(Vec::new()) };
}

/// The code of a pattern; the one used last comes last.
pub fn code(pattern: &Pattern) -> Result<Rc<Code>, Refusal> {
    let kept = CACHE.with_borrow_mut(|kept| {
        let at = kept.iter().position(|(known, _)| known == pattern)?;
        let entry = kept.remove(at);
        let code = Rc::clone(&entry.1);
        kept.push(entry);
        Some(code)
    });
    if let Some(code) = kept {
        return Ok(code);
    }
    let code = Rc::new(Code::compile(pattern)?);
    CACHE.with_borrow_mut(|kept| {
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((pattern.clone(), Rc::clone(&code)));
    });
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regex::pcre::{Bsr, Fault, Limits, Newline};

    const LIMITS: Limits = Limits { steps: 10_000_000, depth: 10_000_000, heap_kib: 20_000 };

    fn pattern(text: &str) -> Pattern {
        Pattern { bytes: text.as_bytes().to_vec(), options: 0, newline: Newline::Lf, bsr: Bsr::Unicode }
    }

    #[test]
    fn patterns_are_found_named_refused_and_bounded() {
        let found = code(&pattern("(?<z>a)(b)?(?<y>c)")).unwrap();
        assert_eq!(found.captures(), 3);
        assert_eq!(found.names(), [(b"y".to_vec(), 3), (b"z".to_vec(), 1)]);
        let ranges = found.run(b"xac", 0, 0, LIMITS).unwrap().unwrap();
        assert_eq!(ranges, [Some((1, 3)), Some((1, 2)), None, Some((2, 3))]);
        assert_eq!(found.run(b"xac", 2, 0, LIMITS), Ok(None));
        let refused = code(&pattern("a(")).unwrap_err();
        assert_eq!((refused.offset, refused.text.as_str()), (2, "missing closing parenthesis"));
        let slow = code(&pattern("(a+)*c")).unwrap();
        let few = Limits { steps: 10, ..LIMITS };
        assert_eq!(slow.run(b"aaaaaaaaaaaab", 0, super::super::pcre::NOTEMPTY, few), Ok(None));
        let searching = code(&pattern("(a+)*[cd]")).unwrap();
        assert_eq!(searching.run(b"aaaaaaaaaaaab", 0, 0, few), Err(Fault::Steps));
    }

    #[test]
    fn few_codes_are_kept_and_the_oldest_goes() {
        for n in 0..2 * KEPT {
            code(&pattern(&format!("a{{{n}}}"))).unwrap();
        }
        CACHE.with_borrow(|kept| {
            assert_eq!(kept.len(), KEPT);
            assert_eq!(kept[0].0, pattern(&format!("a{{{KEPT}}}")));
        });
    }
}
