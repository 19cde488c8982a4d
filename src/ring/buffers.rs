//! Buffers that are read into, used again.
//!
//! Invariant: a buffer that is given out is zero, whatever was read into it before; a thread keeps one, which is small.

use std::cell::Cell;

/// Bytes of a buffer that is kept.
const KEPT_MAX: usize = 4096;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// So many zero bytes.
pub fn zeroed(length: usize) -> Vec<u8> {
    if length > KEPT_MAX {
        return vec![0; length];
    }
    let mut buffer = SPARE.take();
    buffer.clear();
    buffer.resize(length, 0);
    buffer
}

/// Nobody needs it any more.
pub fn give_back(buffer: Vec<u8>) {
    if buffer.capacity() <= KEPT_MAX {
        SPARE.set(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_in_a_buffer_is_gone() {
        for length in [8, 3, 64, KEPT_MAX, KEPT_MAX + 1, 1] {
            let mut buffer = zeroed(length);
            assert_eq!(buffer, vec![0; length]);
            buffer.fill(1);
            give_back(buffer);
        }
    }
}
