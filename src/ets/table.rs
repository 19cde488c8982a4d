//! A table: what is known of it, its rows by key, and what each operation does to them.
//!
//! Plain data without locks; worlds put it behind their own doors. Objects of one key in a bag keep the order
//! in which they were inserted. Invariant: `objects` and `words` are the sums over the rows; there are ghosts
//! only while the table is fixed, and none in an `ordered_set`.
//! Source: the documentation of `ets`; what it leaves open (order of sets and bags) is by hash of the key.

use super::fixation::Fixation;
use super::key::{KeyOrder, Sought};
use super::row::{Beside, Row};
use super::shelf::{Shelf, ShelfWalk};
use super::tree::{Slot, Way};
use crate::heap::Heap;
use crate::heap::parcel::Parcel;
use crate::heap::read::RefId;
use crate::process::pid::Pid;
use crate::term::order::equal_exact;
use crate::term::{Atom, Word};
use std::cell::Cell;
use triomphe::Arc;

/// Identity of a table: the reference that a program has, with a mark in its count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TableId(RefId);

/// In the counts of references that name tables, and in no others.
const TABLE_MARK: u64 = 1 << 62;

impl TableId {
    /// The table whose making took the reference `made`.
    pub fn new(made: RefId) -> TableId {
        TableId(RefId { creator: made.creator, count: made.count | TABLE_MARK })
    }

    /// What a reference names, if that is a table.
    pub fn of(reference: RefId) -> Option<TableId> {
        (reference.count & TABLE_MARK != 0).then_some(TableId(reference))
    }

    pub const fn reference(self) -> RefId {
        self.0
    }

    pub fn creator(self) -> Pid {
        self.0.creator_pid()
    }

    /// The creator's count.
    pub fn count(self) -> u64 {
        self.0.count & !TABLE_MARK
    }
}

/// How a program names a table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TableAt {
    Name(Atom),
    Id(TableId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TableKind {
    Set,
    OrderedSet,
    Bag,
    DuplicateBag,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    Public,
    Protected,
    Private,
}

/// Options that change nothing here but what `info/1` shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tuning {
    pub read_concurrency: bool,
    /// `true`, `false` or `auto`.
    pub write_concurrency: Atom,
    pub decentralized_counters: bool,
    pub compressed: bool,
}

/// Who gets the table when its owner ends, and what it is told then.
#[derive(Clone, Debug)]
pub struct Heir {
    pub pid: Pid,
    pub data: std::sync::Arc<Parcel>,
}

/// A table to be made.
#[derive(Clone, Debug)]
pub struct NewTable {
    pub id: TableId,
    pub name: Atom,
    pub named: bool,
    pub kind: TableKind,
    /// Position of the key in a row, from 1.
    pub key_position: usize,
    pub protection: Protection,
    pub owner: Pid,
    pub heir: Option<Heir>,
    pub tuning: Tuning,
}

#[derive(Clone, Debug)]
pub struct Table {
    /// What it was made with, as far as that has not been changed since.
    pub about: NewTable,
    pub fixation: Fixation,
    shelf: Shelf,
    objects: usize,
    words: usize,
    ghosts: usize,
}

/// Words that a row costs on the shelf.
const SLOT_WORDS: usize = 6;
/// Words of a table without rows.
const TABLE_WORDS: usize = std::mem::size_of::<Table>() / 8;

/// The key was never there, or is no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoSuchKey;

impl Table {
    pub fn new(about: NewTable) -> Table {
        let order = if about.kind == TableKind::OrderedSet { KeyOrder::Term } else { KeyOrder::Hash };
        Table {
            about,
            fixation: Fixation::default(),
            shelf: Shelf::new(order),
            objects: 0,
            words: TABLE_WORDS,
            ghosts: 0,
        }
    }

    pub fn at(&self) -> TableAt {
        if self.about.named { TableAt::Name(self.about.name) } else { TableAt::Id(self.about.id) }
    }

    pub fn objects(&self) -> usize {
        self.objects
    }

    pub fn words(&self) -> usize {
        self.words
    }

    #[inline]
    pub fn order(&self) -> KeyOrder {
        if self.about.kind == TableKind::OrderedSet { KeyOrder::Term } else { KeyOrder::Hash }
    }

    /// Whether a key has one object at most.
    pub fn is_set(&self) -> bool {
        matches!(self.about.kind, TableKind::Set | TableKind::OrderedSet)
    }

    #[inline(always)]
    pub fn sought<'a>(&self, heap: &'a Heap, key: Word) -> Sought<'a> {
        Sought::new(heap, key, self.order(), self.about.key_position)
    }

    /// The keys in order. A copy is a picture of the table that nothing changes.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The objects of a key.
    #[inline(always)]
    pub fn lookup(&self, heap: &Heap, key: Word) -> &[Row] {
        self.shelf.find(&self.sought(heap, key)).map_or(&[], Slot::rows)
    }

    /// The key of an object: `None` if it is no tuple or too short.
    pub fn key_of(&self, heap: &Heap, object: Word) -> Option<Word> {
        let elements = heap.tuple(object)?;
        elements.get(self.about.key_position - 1).map(|&w| Word(w))
    }

    /// Puts an object in, which lies on the heap and is `row`. It has a key.
    pub fn insert(&mut self, heap: &Heap, object: Word, row: Row) {
        let key = self.key_of(heap, object).expect("an object to be inserted has a key");
        self.insert_at(heap, key, object, row);
    }

    /// The same with the object's key.
    pub fn insert_at(&mut self, heap: &Heap, key: Word, object: Word, row: Row) {
        let sought = self.sought(heap, key);
        let kind = self.about.kind;
        let added = row.size_words() + SLOT_WORDS;
        // One of the two takes it.
        let row = Cell::new(Some(row));
        let taken = || row.take().expect("a row is put in once");
        let change = self.shelf.upsert(
            &sought,
            |slot| put_into(slot, kind, taken(), |other| same_object(heap, object, other)),
            || (Slot::One(taken()), Change::Added),
        );
        match change {
            Change::Added => self.objects += 1,
            Change::Revived => {
                self.objects += 1;
                self.ghosts -= 1;
            }
            Change::Replaced(old_words) => self.words -= old_words + SLOT_WORDS,
            Change::Nothing => return,
        }
        self.words += added;
    }

    /// Takes a key's objects out.
    pub fn take(&mut self, heap: &Heap, key: Word) -> Vec<Row> {
        let sought = self.sought(heap, key);
        let rows = match self.shelf.find(&sought) {
            None => return Vec::new(),
            Some(slot) => slot.rows().to_vec(),
        };
        if !rows.is_empty() {
            self.drop_slot(&sought);
            self.forget(&rows);
        }
        rows
    }

    /// Takes out every object that equals this one.
    pub fn delete_object(&mut self, heap: &Heap, object: Word) {
        let Some(key) = self.key_of(heap, object) else { return };
        self.delete_where(heap, key, |row| same_object(heap, object, row));
    }

    /// Takes out those of a key's objects that `goes` names; says how many.
    pub fn delete_where(&mut self, heap: &Heap, key: Word, goes: impl Fn(&Row) -> bool) -> usize {
        let sought = self.sought(heap, key);
        let Some(slot) = self.shelf.find(&sought) else { return 0 };
        let (gone, stay): (Vec<Row>, Vec<Row>) = slot.rows().iter().cloned().partition(goes);
        if gone.is_empty() {
            return 0;
        }
        if stay.is_empty() {
            self.drop_slot(&sought);
        } else {
            self.shelf.upsert(&sought, |slot| *slot = slot_of(stay), || panic!("the key is there"));
        }
        self.forget(&gone);
        gone.len()
    }

    /// Adds to a small integer in place: the common case of a counter. `None` where it is another case.
    #[inline(always)]
    pub(crate) fn add_small(&mut self, heap: &Heap, key: Word, position: usize, more: Word) -> Option<Word> {
        let sought = self.sought(heap, key);
        let Slot::One(row) = self.shelf.slot_mut(&sought)? else { return None };
        row.change_immediate(position, |word| crate::term::number::add_small(word, more))
    }

    /// Puts `row` in the place of the one object of its key, which a row on the heap has.
    pub fn replace(&mut self, heap: &Heap, key: Word, row: Row) {
        let sought = self.sought(heap, key);
        self.words += row.size_words();
        let old = self.shelf.upsert(
            &sought,
            |slot| {
                let old = slot.key_row().size_words();
                *slot = Slot::One(row);
                old
            },
            || panic!("an object that is replaced is there"),
        );
        self.words -= old;
    }

    /// Empties the table; says how many objects it had.
    pub fn delete_all(&mut self) -> usize {
        let objects = std::mem::take(&mut self.objects);
        self.words = TABLE_WORDS;
        if self.keeps_ghosts() {
            let mut ghosts = 0;
            self.shelf.each_mut(&mut |slot| {
                *slot = slot.ghost();
                ghosts += 1;
            });
            self.ghosts = ghosts;
        } else {
            self.shelf.clear();
        }
        objects
    }

    /// The first object on the way.
    pub fn first(&self, way: Way) -> Option<&Slot> {
        live(self.shelf.walk(self.way(way)))
    }

    /// The next object on the way. In a set or bag the key must be there, or have been when the table was
    /// fixed.
    pub fn next(&self, heap: &Heap, key: Word, way: Way) -> Result<Option<&Slot>, NoSuchKey> {
        let sought = self.sought(heap, key);
        if self.order() == KeyOrder::Hash && self.shelf.find(&sought).is_none() {
            return Err(NoSuchKey);
        }
        Ok(live(self.shelf.walk_after(&sought, self.way(way))))
    }

    /// Sets and bags have one way only, as in OTP.
    pub fn way(&self, way: Way) -> Way {
        if self.order() == KeyOrder::Hash { Way::Forward } else { way }
    }

    /// The objects of the key at this index in the order of the table.
    pub fn slot(&self, index: usize) -> AtIndex<'_> {
        let mut walk = self.shelf.walk(Way::Forward).filter(|(_, slot)| !slot.is_ghost());
        let mut passed = 0;
        while passed < index {
            if walk.next().is_none() {
                return AtIndex::Beyond;
            }
            passed += 1;
        }
        walk.next().map_or(AtIndex::End, |(_, slot)| AtIndex::Rows(slot.rows()))
    }

    /// Takes a key off the shelf, or leaves its ghost.
    fn drop_slot(&mut self, sought: &Sought<'_>) {
        if self.keeps_ghosts() {
            let ghost = |slot: &mut Slot| *slot = slot.ghost();
            self.shelf.upsert(sought, ghost, || panic!("the key is there"));
            self.ghosts += 1;
        } else {
            self.shelf.remove(sought);
        }
    }

    fn keeps_ghosts(&self) -> bool {
        self.order() == KeyOrder::Hash && self.fixation.is_fixed()
    }

    fn forget(&mut self, rows: &[Row]) {
        self.objects -= rows.len();
        self.words -= rows.iter().map(|row| row.size_words() + SLOT_WORDS).sum::<usize>();
    }

    /// The last fixation has ended: keys that were deleted meanwhile go.
    pub fn drop_ghosts(&mut self) {
        if self.ghosts == 0 {
            return;
        }
        let walk = self.shelf.walk(Way::Forward);
        let ghosts: Vec<Row> =
            walk.filter(|(_, slot)| slot.is_ghost()).map(|(_, slot)| slot.key_row().clone()).collect();
        assert_eq!(ghosts.len(), self.ghosts, "ghosts are counted");
        self.ghosts = 0;
        for ghost in ghosts {
            let mut heap = Heap::new(std::sync::Arc::default(), crate::heap::policy::Policy::default());
            let key = ghost.element(self.about.key_position).expect("a row has its key");
            let key = ghost.copy_part(key, &mut heap).expect("a key fits in a fresh heap");
            let sought = self.sought(&heap, key);
            self.shelf.remove(&sought);
        }
    }
}

/// What [`Table::slot`] finds.
#[derive(Debug)]
pub enum AtIndex<'a> {
    Rows(&'a [Row]),
    /// One behind the last.
    End,
    Beyond,
}

/// What an insertion did.
enum Change {
    Added,
    Revived,
    /// The words of the row that was there.
    Replaced(usize),
    Nothing,
}

fn put_into(slot: &mut Slot, kind: TableKind, row: Row, same: impl Fn(&Row) -> bool) -> Change {
    if slot.is_ghost() {
        *slot = Slot::One(row);
        return Change::Revived;
    }
    match kind {
        TableKind::Set | TableKind::OrderedSet => {
            let old = slot.key_row().size_words();
            *slot = Slot::One(row);
            Change::Replaced(old)
        }
        TableKind::Bag if slot.rows().iter().any(same) => Change::Nothing,
        TableKind::Bag | TableKind::DuplicateBag => {
            match slot {
                Slot::Many(rows) => Arc::make_mut(rows).push(row),
                _ => *slot = Slot::Many(Arc::new(vec![slot.key_row().clone(), row])),
            }
            Change::Added
        }
    }
}

fn slot_of(mut rows: Vec<Row>) -> Slot {
    match rows.len() {
        1 => Slot::One(rows.pop().expect("there is one")),
        _ => Slot::Many(Arc::new(rows)),
    }
}

fn same_object(heap: &Heap, object: Word, row: &Row) -> bool {
    equal_exact(&Beside { row, heap }, object, row.root())
}

fn live<'a>(walk: ShelfWalk<'a>) -> Option<&'a Slot> {
    walk.map(|(_, slot)| slot).find(|slot| !slot.is_ghost())
}
