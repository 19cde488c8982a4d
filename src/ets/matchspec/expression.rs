//! Guards and bodies: expressions compiled to steps of a stack machine.
//!
//! Invariant: a step finds its operands on the stack and leaves one value. Errors are found in OTP's order: the last
//! argument first, elements of lists from the front.

use super::functions::Function;
use super::{Compiler, Constant, variable};
use crate::heap::read::View;
use crate::term::map::Entries;
use crate::term::show::show;
use crate::term::{Atom, Word};

/// The steps of one expression.
pub(super) type Expression = Box<[Step]>;

#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Constant(Constant),
    /// The value of the variable at this place.
    Variable(u32),
    /// `'$_'`
    Object,
    /// `'$$'`
    Variables,
    /// `self()`
    Own,
    /// The first argument is on top.
    Call(Function),
    /// Of so many elements; the first is on top.
    Tuple(u32),
    /// The tail is on top.
    Cons,
    /// Of so many entries; keys are on top of values, the first of each on top of the others.
    Map(u32),
    /// `and` of so many values.
    And(u32),
    Or(u32),
    /// Leaves `false` where it is and goes to this step; drops `true`.
    AndAlso(u32),
    OrElse(u32),
}

/// What is still to be done, the next one last.
enum Task {
    Term(Word),
    Step(Step),
    /// A step that goes to the place of a label.
    Jump(Step),
    /// The place of a label.
    Land(u32),
}

/// Compiles a list of expressions.
pub(super) fn expressions(compiler: &mut Compiler<'_>, list: Word) -> Box<[Expression]> {
    if !list.is_list() {
        compiler.errors.push("Match expression is not a list.".to_string());
        return Box::default();
    }
    let mut cells = compiler.heap.list(list);
    let all = cells.by_ref().map(|term| compiler.expression(term)).collect();
    if !cells.tail().is_nil() {
        compiler.errors.push("Match expression is not a proper list.".to_string());
    }
    all
}

impl Compiler<'_> {
    fn expression(&mut self, term: Word) -> Expression {
        let mut steps = Vec::new();
        let mut labels: Vec<u32> = Vec::new();
        let mut jumps: Vec<usize> = Vec::new();
        let mut tasks = vec![Task::Term(term)];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Term(term) => self.term(term, &mut tasks, &mut labels),
                Task::Step(step) => steps.push(step),
                Task::Jump(step) => {
                    jumps.push(steps.len());
                    steps.push(step);
                }
                Task::Land(label) => labels[label as usize] = steps.len() as u32,
            }
        }
        for at in jumps {
            if let Step::AndAlso(label) | Step::OrElse(label) = &mut steps[at] {
                *label = labels[*label as usize];
            }
        }
        steps.into()
    }

    fn term(&mut self, term: Word, tasks: &mut Vec<Task>, labels: &mut Vec<u32>) {
        let heap = self.heap;
        match heap.view(term) {
            View::Atom(atom) => {
                let step = self.atom_step(atom);
                tasks.push(Task::Step(step));
            }
            View::Cons(head, tail) => {
                tasks.extend([Task::Step(Step::Cons), Task::Term(tail), Task::Term(head)]);
            }
            View::FlatMap { .. } | View::HashMap { .. } => {
                let entries: Vec<(Word, Word)> = Entries::of(heap, term).collect();
                tasks.push(Task::Step(Step::Map(entries.len() as u32)));
                tasks.extend(entries.iter().map(|e| Task::Term(e.0)));
                tasks.extend(entries.iter().map(|e| Task::Term(e.1)));
            }
            View::Tuple(elements) => self.tuple(term, elements, tasks, labels),
            _ => {
                let constant = self.constant(term);
                tasks.push(Task::Step(Step::Constant(constant)));
            }
        }
    }

    fn atom_step(&mut self, atom: Atom) -> Step {
        match (atom.text(), variable(atom)) {
            ("$_", _) => Step::Object,
            ("$$", _) => Step::Variables,
            (_, Some(number)) => match self.place(number) {
                Some(place) => Step::Variable(place),
                None => {
                    self.errors.push(format!("Variable ${number} is unbound."));
                    Step::Object
                }
            },
            _ => Step::Constant(Constant::Immediate(Word::atom(atom))),
        }
    }

    fn tuple(&mut self, term: Word, elements: &[u64], tasks: &mut Vec<Task>, labels: &mut Vec<u32>) {
        if let [inner] = elements
            && let Some(inner) = self.heap.tuple(Word(*inner))
        {
            tasks.push(Task::Step(Step::Tuple(inner.len() as u32)));
            tasks.extend(inner.iter().map(|&w| Task::Term(Word(w))));
            return;
        }
        let name = elements.first().and_then(|&w| Word(w).as_atom()).filter(|&a| variable(a).is_none());
        let Some(name) = name else {
            let text = show(self.heap, term);
            self.errors.push(format!(
                "{text} is neither a function call, nor a tuple (tuples are written {{{{ ... }}}})."
            ));
            return;
        };
        self.call(term, name, &elements[1..], tasks, labels);
    }

    fn call(&mut self, term: Word, name: Atom, args: &[u64], tasks: &mut Vec<Task>, labels: &mut Vec<u32>) {
        let count = args.len() as u32;
        let terms = args.iter().map(|&w| Task::Term(Word(w)));
        match (name.text(), args) {
            ("const", [constant]) => {
                let constant = self.constant(Word(*constant));
                tasks.push(Task::Step(Step::Constant(constant)));
            }
            ("self", []) => tasks.push(Task::Step(Step::Own)),
            ("and", [_, ..]) => {
                tasks.push(Task::Step(Step::And(count)));
                tasks.extend(terms);
            }
            ("or", [_, ..]) => {
                tasks.push(Task::Step(Step::Or(count)));
                tasks.extend(terms);
            }
            (text @ ("andalso" | "orelse"), [_, ..]) => {
                let label = labels.len() as u32;
                labels.push(0);
                tasks.push(Task::Land(label));
                for (i, term) in terms.rev().enumerate() {
                    if i > 0 {
                        let step = if text == "andalso" { Step::AndAlso(label) } else { Step::OrElse(label) };
                        tasks.push(Task::Jump(step));
                    }
                    tasks.push(term);
                }
            }
            _ => match Function::find(name, args.len()) {
                Some(function) => {
                    tasks.push(Task::Step(Step::Call(function)));
                    tasks.extend(terms);
                }
                None => {
                    let text = self.no_function(term, name, args.len());
                    self.errors.push(text);
                }
            },
        }
    }

    fn no_function(&self, term: Word, name: Atom, arity: usize) -> String {
        let text = |word| show(self.heap, word);
        // OTP quotes no reserved word here.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '@';
        let is_plain =
            name.text().starts_with(|c: char| c.is_ascii_lowercase()) && name.text().chars().all(plain);
        let name_text = if is_plain { name.text().to_string() } else { text(Word::atom(name)) };
        match (name.text(), arity) {
            ("and" | "or" | "andalso" | "orelse", _) => {
                format!("Special form '{name_text}' called without arguments in {{{name_text}}}.")
            }
            ("const", _) => {
                format!("Special form 'const' called with more than one argument in {}.", text(term))
            }
            ("self", _) => format!("Special form 'self' called with arguments in {}.", text(term)),
            ("get_tcw", 0) | ("set_tcw", 1) => {
                format!("Function {name_text}/{arity} cannot be called in this context.")
            }
            ("set_seq_token", _) => "Special form 'set_seq_trace' used in wrong dialect.".to_string(),
            (form, _) if FORMS_OF_TRACING.contains(&form) => {
                format!("Special form '{form}' used in wrong dialect.")
            }
            _ => format!("Function {name_text}/{arity} does_not_exist."),
        }
    }
}

/// What specifications for tracing alone may call.
const FORMS_OF_TRACING: [&str; 13] = [
    "caller",
    "caller_line",
    "disable_trace",
    "display",
    "enable_trace",
    "exception_trace",
    "get_seq_token",
    "is_seq_trace",
    "message",
    "process_dump",
    "return_trace",
    "silent",
    "trace",
];
