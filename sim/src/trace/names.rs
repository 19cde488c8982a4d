//! How a trace calls things: processes by path, terms short, calls as `module:function/arity`.

use crate::choice::Actor;
use crate::name::Births;
use crate::world::SimWorld;
use std::sync::Arc;
use warpbeam::heap::literal::Literals;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::read::View;
use warpbeam::process::pid::Pid;
use warpbeam::term::Atom;
use warpbeam::term::show::show_named;

/// What names are made from.
#[derive(Clone, Debug)]
pub struct Namer<'a> {
    pub births: &'a Births,
    literals: Arc<Literals>,
}

impl<'a> Namer<'a> {
    pub fn new(world: &'a SimWorld) -> Namer<'a> {
        Namer { births: world.births(), literals: Arc::clone(&world.code().view().literals) }
    }

    pub fn serial(&self, serial: u32) -> String {
        self.births.path(serial).to_string()
    }

    pub fn pid(&self, pid: Pid) -> String {
        self.known(pid).unwrap_or_else(|| format!("{pid:?}"))
    }

    fn known(&self, pid: Pid) -> Option<String> {
        let serial = pid.serial().0 as u32;
        ((serial as usize) < self.births.len()).then(|| self.serial(serial))
    }

    pub fn actor(&self, actor: Actor) -> String {
        self.births.name(actor).to_string()
    }

    /// A term in at most about `max_chars` characters.
    pub fn term(&self, parcel: &Parcel, max_chars: usize) -> String {
        let (heap, word) = parcel.unpack(&self.literals);
        show_named(&heap, word, max_chars, &|view| match view {
            View::Pid(word) => Pid::of_word(word).and_then(|pid| self.known(pid)).map(|n| format!("<{n}>")),
            View::Reference(id) => {
                self.known(Pid::from_payload(id.creator)).map(|n| format!("#Ref<{n}/{}>", id.count))
            }
            _ => None,
        })
    }
}

pub fn call((module, function, arity): (Atom, Atom, u32)) -> String {
    format!("{}:{}/{arity}", module.text(), function.text())
}
