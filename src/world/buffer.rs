//! A queue of bytes with a lock: what OTP's `prim_buffer` has in C. Files that read ahead or delay their writes keep their
//! bytes in one.
//!
//! Invariant: `size` is the sum of what is left of the parts, none of which is empty. Where parts begin cannot be told but by
//! [`Buffer::head`]; small ones are put together, so that many small writes are one large one later.
//! Source: what `erl` answers.

use std::collections::VecDeque;
use std::sync::Arc;

/// Parts up to this size are put together.
const SMALL: usize = 512;
/// Bytes that a part of several holds.
const PART: usize = 4096;

#[derive(Clone, Debug)]
struct Part {
    bytes: Arc<Vec<u8>>,
    from: usize,
}

impl Part {
    fn left(&self) -> &[u8] {
        &self.bytes[self.from..]
    }
}

#[derive(Clone, Debug, Default)]
pub struct Buffer {
    parts: VecDeque<Part>,
    size: usize,
    locked: bool,
}

impl Buffer {
    pub fn size(&self) -> usize {
        self.size
    }

    pub fn write(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.size += bytes.len();
        if bytes.len() <= SMALL
            && let Some(last) = self.parts.back_mut()
            && last.bytes.len() + bytes.len() <= PART
        {
            Arc::make_mut(&mut last.bytes).extend_from_slice(bytes);
        } else {
            self.parts.push_back(Part { bytes: Arc::new(bytes.to_vec()), from: 0 });
        }
    }

    /// The first part and where what is left of it begins.
    pub fn head(&self) -> Option<(&Arc<Vec<u8>>, usize)> {
        self.parts.front().map(|part| (&part.bytes, part.from))
    }

    /// The first bytes, which stay; `None` if there are not as many.
    pub fn peek(&self, wanted: usize) -> Option<Vec<u8>> {
        if wanted > self.size {
            return None;
        }
        let mut bytes = Vec::with_capacity(wanted);
        for part in &self.parts {
            let more = part.left().len().min(wanted - bytes.len());
            bytes.extend_from_slice(&part.left()[..more]);
        }
        Some(bytes)
    }

    /// Throws the first bytes away; whether there were as many.
    pub fn skip(&mut self, count: usize) -> bool {
        if count > self.size {
            return false;
        }
        self.size -= count;
        let mut rest = count;
        while rest > 0 {
            let part = self.parts.front_mut().expect("there are as many bytes as the size says");
            let here = part.left().len();
            if here > rest {
                part.from += rest;
                break;
            }
            rest -= here;
            self.parts.pop_front();
        }
        true
    }

    /// Where a byte comes first.
    pub fn find(&self, needle: u8) -> Option<usize> {
        let mut before = 0;
        for part in &self.parts {
            if let Some(at) = part.left().iter().position(|&byte| byte == needle) {
                return Some(before + at);
            }
            before += part.left().len();
        }
        None
    }

    /// Whether nobody had locked it.
    pub fn try_lock(&mut self) -> bool {
        !std::mem::replace(&mut self.locked, true)
    }

    /// Whether somebody had.
    pub fn unlock(&mut self) -> bool {
        std::mem::take(&mut self.locked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Write(Vec<u8>),
        Skip(usize),
        Peek(usize),
        Find(u8),
    }

    fn step() -> impl Strategy<Value = Step> {
        let size = prop_oneof![0..20usize, 0..700usize, 0..5000usize];
        let bytes = size.clone().prop_map(|n| (0..n).map(|i| (i * 7 % 251) as u8).collect());
        prop_oneof![
            bytes.prop_map(Step::Write),
            size.clone().prop_map(Step::Skip),
            size.prop_map(Step::Peek),
            any::<u8>().prop_map(Step::Find),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_queue_of_bytes(steps in proptest::collection::vec(step(), 0..40)) {
            let (mut buffer, mut model) = (Buffer::default(), Vec::<u8>::new());
            for step in steps {
                match step {
                    Step::Write(bytes) => {
                        buffer.write(&bytes);
                        model.extend(bytes);
                    }
                    Step::Skip(count) => {
                        prop_assert_eq!(buffer.skip(count), count <= model.len());
                        if count <= model.len() {
                            model.drain(..count);
                        }
                    }
                    Step::Peek(count) => {
                        prop_assert_eq!(buffer.peek(count), model.get(..count).map(<[u8]>::to_vec));
                    }
                    Step::Find(byte) => {
                        prop_assert_eq!(buffer.find(byte), model.iter().position(|&b| b == byte));
                    }
                }
                prop_assert_eq!(buffer.size(), model.len());
                let head = buffer.head().map(|(bytes, from)| bytes[from..].to_vec());
                prop_assert_eq!(head.is_none(), model.is_empty());
                prop_assert!(model.starts_with(&head.unwrap_or_default()));
            }
        }
    }
}
