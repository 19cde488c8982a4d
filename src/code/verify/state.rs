//! What is known of registers, frame and heap at one place of a function, and what two ways there have in common.
//!
//! Invariant: joining only loses knowledge, so that a search for what holds on all ways ends.

use super::Why;

/// What a register holds, as far as it matters to instructions that do not look for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing, or what another function left there.
    Unset,
    /// Some term.
    Any,
    Cons,
    /// A tuple of at least so many elements.
    Tuple(u32),
    /// A tuple that nobody else has seen, made since the last collection.
    Fresh,
    /// X0 where an exception has just been caught: x1 to x3 have the rest of it.
    Raised,
    /// X0 before `catch_end`: either a value or the above.
    MaybeRaised,
    /// A catch or try, and the label of its handler.
    Catch(u32),
    /// A Y register that may be a catch and may be none.
    Torn,
}

impl Value {
    pub fn is_term(self) -> bool {
        matches!(self, Value::Any | Value::Cons | Value::Tuple(_) | Value::Fresh)
    }

    fn join(self, other: Value) -> Value {
        match (self, other) {
            (a, b) if a == b => a,
            (Value::Catch(_) | Value::Torn, _) | (_, Value::Catch(_) | Value::Torn) => Value::Torn,
            (Value::Unset, _) | (_, Value::Unset) => Value::Unset,
            (Value::Raised | Value::MaybeRaised, _) | (_, Value::Raised | Value::MaybeRaised) => {
                Value::MaybeRaised
            }
            (Value::Tuple(a), Value::Tuple(b)) => Value::Tuple(a.min(b)),
            (Value::Tuple(_), Value::Fresh) | (Value::Fresh, Value::Tuple(_)) => Value::Tuple(0),
            _ => Value::Any,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Without,
    With,
    /// One way has one, another has none or one of another size. The slots that all have can be used: code that only
    /// raises is shared so.
    Torn,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub frame: Frame,
    /// What is beyond the end is unset.
    pub x: Vec<Value>,
    /// As many as the frame has slots.
    pub y: Vec<Value>,
    /// Floating-point registers that are set, of the first 128: a compiler uses a few.
    pub floats: u128,
    /// Heap words that are reserved.
    pub heap: u32,
}

impl State {
    /// At a function's entry.
    pub fn entry(arity: u8) -> State {
        let x = vec![Value::Any; usize::from(arity)];
        State { frame: Frame::Without, x, y: Vec::new(), floats: 0, heap: 0 }
    }

    /// Keeps what holds in both; whether that is less than before.
    pub fn join(&mut self, other: &State) -> bool {
        let mut changed = self.x.len() > other.x.len();
        self.x.truncate(other.x.len());
        if self.frame != other.frame || self.y.len() != other.y.len() {
            changed |= self.frame != Frame::Torn || self.y.len() > other.y.len();
            self.frame = Frame::Torn;
            self.y.truncate(other.y.len());
        }
        let x = self.x.iter_mut().zip(&other.x);
        for (mine, &theirs) in x.chain(self.y.iter_mut().zip(&other.y)) {
            let both = mine.join(theirs);
            changed |= both != *mine;
            *mine = both;
        }
        let (floats, heap) = (self.floats & other.floats, self.heap.min(other.heap));
        changed |= (floats, heap) != (self.floats, self.heap);
        (self.floats, self.heap) = (floats, heap);
        changed
    }

    pub fn x(&self, n: u16) -> Value {
        self.x.get(usize::from(n)).copied().unwrap_or(Value::Unset)
    }

    pub fn set_x(&mut self, n: u16, value: Value) {
        let n = usize::from(n);
        if self.x.len() <= n {
            self.x.resize(n + 1, Value::Unset);
        }
        self.x[n] = value;
    }

    pub fn set_y(&mut self, n: u16, value: Value) -> Result<(), Why> {
        match self.y.get_mut(usize::from(n)) {
            None => Err("a Y register is outside the frame"),
            Some(Value::Catch(_) | Value::Torn) => Err("a catch is overwritten"),
            Some(slot) => {
                *slot = value;
                Ok(())
            }
        }
    }

    /// The first registers, which must be terms.
    pub fn need_x(&self, count: u32) -> Result<(), Why> {
        let count = count as usize;
        let set = self.x.get(..count).is_some_and(|x| x.iter().all(|value| value.is_term()));
        if set { Ok(()) } else { Err("an X register that counts as live was not set") }
    }

    /// A collection may happen, with the first registers as roots.
    pub fn collect(&mut self, live: u32) -> Result<(), Why> {
        self.need_x(live)?;
        self.x.truncate(live as usize);
        self.age();
        Ok(())
    }

    /// Other code runs, or the process waits: the frame alone is kept.
    pub fn leave(&mut self) {
        self.x.clear();
        self.age();
        (self.floats, self.heap) = (0, 0);
    }

    fn age(&mut self) {
        for value in self.x.iter_mut().chain(&mut self.y) {
            if *value == Value::Fresh {
                *value = Value::Tuple(0);
            }
        }
    }

    pub fn enter_frame(&mut self, slots: u32) -> Result<(), Why> {
        if self.frame != Frame::Without {
            return Err("a frame is made within a frame");
        }
        self.frame = Frame::With;
        self.y = vec![Value::Any; slots as usize];
        Ok(())
    }

    pub fn need_frame(&self) -> Result<(), Why> {
        if self.frame == Frame::With { Ok(()) } else { Err("there is no frame") }
    }

    pub fn need_no_frame(&self) -> Result<(), Why> {
        if self.frame == Frame::Without { Ok(()) } else { Err("the frame was not freed") }
    }

    pub fn free_frame(&mut self, slots: u32) -> Result<(), Why> {
        self.drop_slots(slots)?;
        if !self.y.is_empty() {
            return Err("the frame has another size");
        }
        self.frame = Frame::Without;
        Ok(())
    }

    pub fn drop_slots(&mut self, slots: u32) -> Result<(), Why> {
        self.need_frame()?;
        let slots = slots as usize;
        let Some(dropped) = self.y.get(..slots) else { return Err("the frame has another size") };
        if dropped.iter().any(|value| matches!(value, Value::Catch(_) | Value::Torn)) {
            return Err("a catch is dropped with its frame");
        }
        self.y.drain(..slots);
        Ok(())
    }

    /// Takes a catch off the stack.
    pub fn end_catch(&mut self, y: u16) -> Result<(), Why> {
        match self.y.get_mut(usize::from(y)) {
            Some(slot @ Value::Catch(_)) => {
                *slot = Value::Any;
                Ok(())
            }
            _ => Err("there is no catch in the register"),
        }
    }

    /// Words put on the heap.
    pub fn take_heap(&mut self, words: u32) -> Result<(), Why> {
        match self.heap.checked_sub(words) {
            Some(left) => {
                self.heap = left;
                Ok(())
            }
            None => Err("heap words were not reserved"),
        }
    }

    /// Where an exception goes from here: the handler's label, and what holds there.
    pub fn handler(&self) -> Option<(u32, State)> {
        // The stack is searched from the top, which is y0.
        let label =
            self.y.iter().find_map(|value| if let Value::Catch(l) = value { Some(*l) } else { None })?;
        let mut y = self.y.clone();
        for value in &mut y {
            if value.is_term() {
                *value = Value::Any;
            }
        }
        let x = vec![Value::Raised];
        Some((label, State { frame: Frame::With, x, y, floats: 0, heap: 0 }))
    }

    pub fn words(&self) -> usize {
        self.x.len() + self.y.len() + 8
    }
}
