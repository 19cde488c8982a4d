//! Objects of ETS tables by match specifications: selected, counted, deleted, replaced.
//!
//! A call looks at [`ROWS_AT_ONCE`] objects, and goes on in a call of its own (`erts_internal:ets_go_on/1`), so
//! that a large table holds up neither its process's thread nor other users of the table. Objects that are
//! selected come from a picture of the table, without its lock. Like OTP's, a call on a large table is not one
//! step: it sees each object that is there all the time, and others or not. Continuations have OTP's shape, which
//! `ets:repair_continuation/2` knows. Source: the documentation of `ets`; errors from a live `erl` of OTP 25.

use super::ets_access::{Bad, Right, note, read, table_at, write};
use super::ets_spec::{Asked, handle, keeps_key};
use super::match_specs::compiled;
use crate::bif::{Ctx, EffectResult, Outcome, Raise};
use crate::code::ExportId;
use crate::ets::key::KeyOrder;
use crate::ets::matchspec::{Key, MatchSpec, Runner};
use crate::ets::row::Row;
use crate::ets::shelf::Shelf;
use crate::ets::table::Table;
use crate::ets::tree::{Slot, Way};
use crate::heap::mutator::Term;
use crate::heap::read::View;
use crate::heap::{Heap, HeapFull};
use crate::term::{Atom, Word};
use std::sync::Arc;

crate::bif::table::natives! { ROWS:
    effect "ets" "select" 1 = go_on_forward, EtsScan;
    effect "ets" "select" 2 = select2, EtsScan;
    effect "ets" "select" 3 = select3, EtsScan;
    effect "ets" "select_reverse" 1 = go_on_selected, EtsScan;
    effect "ets" "select_reverse" 2 = select_reverse2, EtsScan;
    effect "ets" "select_reverse" 3 = select_reverse3, EtsScan;
    effect "ets" "match" 1 = go_on_selected, EtsScan;
    effect "ets" "match" 2 = match2, EtsScan;
    effect "ets" "match" 3 = match3, EtsScan;
    effect "ets" "match_object" 1 = go_on_selected, EtsScan;
    effect "ets" "match_object" 2 = match_object2, EtsScan;
    effect "ets" "match_object" 3 = match_object3, EtsScan;
    effect "ets" "select_count" 2 = select_count, EtsScan;
    effect "ets" "internal_select_delete" 2 = select_delete, EtsSweep;
    effect "ets" "select_replace" 2 = select_replace, EtsSweep;
    effect "erts_internal" "ets_go_on" 1 = go_on, EtsScan;
    effect "erts_internal" "ets_go_on_changing" 1 = go_on, EtsSweep;
}

/// Objects that one call looks at.
const ROWS_AT_ONCE: usize = 1000;

/// What is done with objects that match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    Select,
    Count,
    Delete,
    Replace,
}

const MODES: [Mode; 4] = [Mode::Select, Mode::Count, Mode::Delete, Mode::Replace];

/// Where a search goes on: behind a key, or behind all keys with an abbreviation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Start,
    /// In an `ordered_set`.
    Key(Word),
    /// In the other types.
    Short(u64),
}

/// A search under way. Terms in it are on the heap.
struct Search<'h> {
    table: Term<'h>,
    spec: Arc<MatchSpec>,
    /// The term of `spec`, where it has one.
    handle: Option<Term<'h>>,
    mode: Mode,
    way: Way,
    limit: Option<usize>,
    place: Place,
    /// Results so far, the last one first.
    results: Term<'h>,
    count: usize,
}

/// What one call found.
struct Batch {
    results: Vec<Word>,
    count: usize,
    /// The key that it looked at last.
    last: Option<(u64, Row)>,
    /// Whether there may be more.
    stopped: bool,
}

/// The picture of a table that a call searches.
struct Picture {
    shelf: Shelf,
    order: KeyOrder,
    key_position: usize,
}

impl Picture {
    fn of(table: &Table) -> Picture {
        Picture { shelf: table.shelf().clone(), order: table.order(), key_position: table.about.key_position }
    }

    fn sought<'a>(&self, heap: &'a Heap, key: Word) -> crate::ets::key::Sought<'a> {
        crate::ets::key::Sought::new(heap, key, self.order, self.key_position)
    }

    /// The slots of the keys that the specification names, in order; `None` if it may match any key.
    fn named(&self, heap: &Heap, runner: &Runner<'_>, way: Way) -> Option<Vec<(u64, Slot)>> {
        let mut found: Vec<(u64, Slot)> = Vec::new();
        for key in runner.keys(heap, self.key_position) {
            match key {
                Key::Any => return None,
                Key::Never => {}
                Key::Bound(word) => {
                    let sought = self.sought(heap, word);
                    let same = |other: &(u64, Slot)| sought.compare(other.0, other.1.key_row()).is_eq();
                    if let Some(slot) = self.shelf.find(&sought)
                        && !found.iter().any(same)
                    {
                        let before = |other: &(u64, Slot)| sought.compare(other.0, other.1.key_row()).is_gt();
                        let at = found.iter().take_while(|other| before(other)).count();
                        found.insert(at, (sought.short, slot.clone()));
                    }
                }
            }
        }
        if way == Way::Backward {
            found.reverse();
        }
        Some(found)
    }

    /// Looks at objects from `place` on with `visit`, which says whether one counts as a result.
    fn visit(
        &self,
        heap: &mut Heap,
        runner: &mut Runner<'_>,
        search: (Way, Place, Option<usize>),
        visit: &mut dyn FnMut(&mut Heap, &mut Runner<'_>, &Row) -> Result<bool, HeapFull>,
    ) -> Result<Batch, HeapFull> {
        let (way, place, limit) = search;
        let way = if self.order == KeyOrder::Hash { Way::Forward } else { way };
        let mut batch = Batch { results: Vec::new(), count: 0, last: None, stopped: false };
        if let Some(named) = self.named(heap, runner, way) {
            let named = if place == Place::Start { named } else { Vec::new() };
            for row in named.iter().flat_map(|(_, slot)| slot.rows()) {
                batch.count += usize::from(visit(heap, runner, row)?);
            }
            return Ok(batch);
        }
        let walk = match place {
            Place::Start => self.shelf.walk(way),
            Place::Short(short) => self.shelf.walk_after_short(short, way),
            Place::Key(key) => self.shelf.walk_after(&self.sought(heap, key), way),
        };
        let mut seen = 0;
        for (short, slot) in walk {
            let full = seen >= ROWS_AT_ONCE || limit.is_some_and(|limit| batch.count >= limit);
            let apart =
                self.order == KeyOrder::Term || batch.last.as_ref().is_some_and(|last| last.0 != short);
            if full && apart {
                batch.stopped = true;
                return Ok(batch);
            }
            for row in slot.rows() {
                seen += 1;
                batch.count += usize::from(visit(heap, runner, row)?);
            }
            batch.last = Some((short, slot.key_row().clone()));
        }
        // As in OTP, a search that has its results does not look whether there are more.
        batch.stopped = limit.is_some_and(|limit| batch.count >= limit);
        Ok(batch)
    }
}

fn go<'h>(ctx: &mut Ctx<'h, '_>, search: Search<'h>) -> EffectResult<'h> {
    let own = ctx.control.pid.word();
    let spec = Arc::clone(&search.spec);
    let limit = search.limit.map(|limit| limit.saturating_sub(search.count));
    let way = (search.way, search.place, limit);
    let mut runner = spec.on(ctx.m.heap_mut(), own)?;
    let (batch, order, key_position) = match search.mode {
        Mode::Select | Mode::Count => {
            let picture = read(ctx, search.table, |table, _| Ok(Picture::of(table)))?;
            let heap = ctx.m.heap_mut();
            let mut results = Vec::new();
            let mut batch = picture.visit(heap, &mut runner, way, &mut |heap, runner, row| {
                if search.mode == Mode::Count {
                    return runner.is_true(heap, row);
                }
                let result = runner.row(heap, row)?;
                results.extend(result);
                Ok(result.is_some())
            })?;
            batch.results = results;
            (batch, picture.order, picture.key_position)
        }
        Mode::Delete | Mode::Replace => write(ctx, search.table, Right::Write, |table, heap| {
            let picture = Picture::of(table);
            let mut changes = Vec::new();
            let batch = picture.visit(heap, &mut runner, way, &mut |heap, runner, row| {
                let result = if search.mode == Mode::Delete {
                    runner.is_true(heap, row)?.then_some(Word::TRUE)
                } else {
                    runner.row(heap, row)?
                };
                changes.extend(result.map(|result| (row.clone(), result)));
                Ok(result.is_some())
            })?;
            let (order, key_position) = (picture.order, picture.key_position);
            drop(picture);
            change(table, heap, search.mode, changes)?;
            Ok((batch, order, key_position))
        })?,
    };
    drop(runner);
    finish(ctx, search, batch, (order, key_position))
}

/// Deletes objects, or puts others in their place.
fn change(table: &mut Table, heap: &mut Heap, mode: Mode, changes: Vec<(Row, Word)>) -> Result<(), HeapFull> {
    for (row, result) in changes {
        let mark = heap.len();
        let key = row.element(table.about.key_position).expect("a row has its key");
        let key = row.copy_part(key, heap)?;
        if mode == Mode::Delete {
            table.delete_where(heap, key, |other| other.same(&row));
        } else {
            let new = Row::of(heap, result)?;
            table.replace(heap, key, new);
        }
        heap.words.truncate(mark);
    }
    Ok(())
}

/// Gives the result, a continuation, or goes on.
fn finish<'h>(
    ctx: &mut Ctx<'h, '_>,
    mut search: Search<'h>,
    batch: Batch,
    (order, key_position): (KeyOrder, usize),
) -> EffectResult<'h> {
    search.count += batch.count;
    let reached = search.limit.is_some_and(|limit| search.count >= limit);
    if let Some((short, row)) = &batch.last {
        search.place = match order {
            KeyOrder::Hash => Place::Short(*short),
            KeyOrder::Term => {
                let key = row.element(key_position).expect("a row has its key");
                Place::Key(row.copy_part(key, ctx.m.heap_mut())?)
            }
        };
    }
    if batch.stopped && !reached {
        for &result in &batch.results {
            search.results = ctx.m.cons(Term::of(result), search.results)?;
        }
        let name = if matches!(search.mode, Mode::Select | Mode::Count) {
            "ets_go_on"
        } else {
            "ets_go_on_changing"
        };
        let state = state(ctx, &mut search)?;
        return Ok(Outcome::Call(
            ExportId::new(Atom::known("erts_internal"), Atom::known(name), 1),
            vec![state],
        ));
    }
    let verb = match search.mode {
        Mode::Select => "selects from",
        Mode::Count => "counts in",
        Mode::Delete => "deletes from",
        Mode::Replace => "replaces in",
    };
    if search.mode != Mode::Select {
        let count = ctx.m.integer(search.count as i64)?;
        noted(ctx, &search, verb, count)?;
        return Ok(count.into());
    }
    let mut all = ctx.m.list_elements(search.results).expect("the results are a list");
    all.reverse();
    all.extend(batch.results.into_iter().map(Term::of));
    let Some(limit) = search.limit else {
        let list = ctx.m.list(&all)?;
        noted(ctx, &search, verb, list)?;
        return Ok(list.into());
    };
    selected(ctx, search, &all, limit, batch.stopped)
}

fn noted<'h>(
    ctx: &mut Ctx<'h, '_>,
    search: &Search<'h>,
    verb: &'static str,
    result: Term<'h>,
) -> Result<(), Raise<'h>> {
    if ctx.world.asks() {
        let row = Row::of(ctx.m.heap_mut(), result.word())?;
        note(ctx, search.table, verb, None, &[row])?;
    }
    Ok(())
}

/// `{Results, Continuation}`, or that this is the end.
fn selected<'h>(
    ctx: &mut Ctx<'h, '_>,
    mut search: Search<'h>,
    all: &[Term<'h>],
    limit: usize,
    more: bool,
) -> EffectResult<'h> {
    let (now, later) = all.split_at(all.len().min(limit));
    let list = ctx.m.list(now)?;
    noted(ctx, &search, "selects from", list)?;
    if now.is_empty() {
        return Ok(Term::atom(Atom::END_OF_TABLE).into());
    }
    let continuation = if more || !later.is_empty() {
        if !more {
            // Nothing is left in the table but what is found already.
            search.place = Place::Short(u64::MAX);
        }
        let rest = ctx.m.list(later)?;
        continuation(ctx, &mut search, rest, limit)?
    } else {
        Term::atom(Atom::END_OF_TABLE)
    };
    Ok(ctx.m.tuple(&[list, continuation])?.into())
}

/// `{Table, Place, Limit, Spec, Rest, 0}`, or of an `ordered_set`
/// `{Table, LastKey, [], Limit, Spec, Rest, Reverse, 0}`.
fn continuation<'h>(
    ctx: &mut Ctx<'h, '_>,
    search: &mut Search<'h>,
    rest: Term<'h>,
    limit: usize,
) -> Result<Term<'h>, Raise<'h>> {
    let spec = handle(ctx, &search.spec, search.handle)?;
    let (limit, zero) = (Term::small(limit as i64), Term::small(0));
    Ok(match search.place {
        Place::Key(key) => {
            let reverse = Term::small(i64::from(search.way == Way::Backward));
            ctx.m.tuple(&[search.table, Term::of(key), Term::nil(), limit, spec, rest, reverse, zero])?
        }
        Place::Short(short) => {
            let short = Term::of(ctx.m.heap_mut().new_unsigned(short)?);
            ctx.m.tuple(&[search.table, short, limit, spec, rest, zero])?
        }
        Place::Start => panic!("a search that stops has been somewhere"),
    })
}

/// What a search needs to go on, as a term whose first element is the table.
fn state<'h>(ctx: &mut Ctx<'h, '_>, search: &mut Search<'h>) -> Result<Term<'h>, Raise<'h>> {
    let spec = handle(ctx, &search.spec, search.handle)?;
    let mode = MODES.iter().position(|&mode| mode == search.mode).expect("it is one of them");
    let limit = search.limit.map_or(Term::nil(), |limit| Term::small(limit as i64));
    let place = match search.place {
        Place::Key(key) => ctx.m.list(&[Term::of(key)])?,
        Place::Short(short) => Term::of(ctx.m.heap_mut().new_unsigned(short)?),
        Place::Start => panic!("a search that goes on has been somewhere"),
    };
    let back = Term::small(i64::from(search.way == Way::Backward));
    let count = Term::small(search.count as i64);
    let mode = Term::small(mode as i64);
    Ok(ctx.m.tuple(&[search.table, spec, mode, back, limit, place, search.results, count])?)
}

fn unsigned(heap: &Heap, word: Word) -> Option<u64> {
    match heap.view(word) {
        View::Small(n) => u64::try_from(n).ok(),
        View::Big { negative: false, limbs: &[limb] } => Some(limb),
        _ => None,
    }
}

fn go_on<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let state = ctx.m.tuple_elements(args[0]).ok_or(Raise::BADARG)?;
    let [table, spec, mode, back, limit, place, results, count] = state[..] else {
        return Err(Raise::BADARG);
    };
    let heap = ctx.m.heap();
    let place = if place.is_list() {
        Place::Key(heap.cell(place.word()).0)
    } else {
        Place::Short(unsigned(heap, place.word()).ok_or(Raise::BADARG)?)
    };
    let small = |term: Term<'h>| term.as_small().and_then(|n| usize::try_from(n).ok());
    let mode = small(mode).and_then(|n| MODES.get(n).copied()).ok_or(Raise::BADARG)?;
    let way = if back == Term::small(1) { Way::Backward } else { Way::Forward };
    let (compiled, count) =
        (compiled(&ctx.m, spec).ok_or(Raise::BADARG)?, small(count).ok_or(Raise::BADARG)?);
    if heap.list_length(results.word()).is_none() {
        return Err(Raise::BADARG);
    }
    let limit = small(limit);
    go(ctx, Search { table, spec: compiled, handle: Some(spec), mode, way, limit, place, results, count })
}

fn go_on_forward<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    go_on_selected(ctx, args)
}

/// Goes on from a continuation that a program has.
fn go_on_selected<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if args[0].is_atom(Atom::END_OF_TABLE) {
        return Ok(args[0].into());
    }
    let parts = ctx.m.tuple_elements(args[0]).filter(|parts| !parts.is_empty()).ok_or(Raise::BADARG)?;
    let table = parts[0];
    let order = read(ctx, table, |table, _| Ok(table.order())).map_err(|bad| match bad {
        // Whatever stands there, it is no table.
        Bad::Cause(Atom::TYPE) => Bad::Cause(Atom::ID),
        other => other,
    })?;
    let (place, limit, spec, rest, way) = match (&parts[..], order) {
        (&[_, short, limit, spec, rest, _], _) => {
            let short = unsigned(ctx.m.heap(), short.word()).ok_or(Raise::BADARG)?;
            (Place::Short(short), limit, spec, rest, Way::Forward)
        }
        (&[_, key, _, limit, spec, rest, reverse, _], KeyOrder::Term) => {
            let way = if reverse == Term::small(0) { Way::Forward } else { Way::Backward };
            (Place::Key(key.word()), limit, spec, rest, way)
        }
        _ => return Err(Raise::BADARG),
    };
    let limit = limit.as_small().and_then(|n| usize::try_from(n).ok()).filter(|&n| n > 0);
    let limit = limit.ok_or(Raise::BADARG)?;
    let compiled = compiled(&ctx.m, spec).ok_or(Raise::BADARG)?;
    let mut ready = ctx.m.list_elements(rest).ok_or(Raise::BADARG)?;
    let count = ready.len();
    let mut search = Search {
        table,
        spec: compiled,
        handle: Some(spec),
        mode: Mode::Select,
        way,
        limit: Some(limit),
        place,
        results: Term::nil(),
        count,
    };
    if count >= limit {
        return selected(ctx, search, &ready, limit, true);
    }
    ready.reverse();
    search.results = ctx.m.list(&ready)?;
    go(ctx, search)
}

/// Begins a search, once the table is known to be there.
fn begin<'h>(
    ctx: &mut Ctx<'h, '_>,
    args: &[Term<'h>],
    mode: Mode,
    way: Way,
    asked: Asked,
) -> EffectResult<'h> {
    let (table, limit) = (args[0], args.get(2));
    let right = if matches!(mode, Mode::Select | Mode::Count) { Right::Read } else { Right::Write };
    let at = table_at(&ctx.m, table)?;
    let me = ctx.control.pid;
    let mut known = Err(Bad::Cause(Atom::ID));
    ctx.world.tables().read(at, &mut |table| {
        let about = (table.is_set(), table.about.key_position);
        known = super::ets_access::may(table, me, right).map(|()| about);
    });
    let (is_set, key_position) = known?;
    if mode == Mode::Replace && !is_set {
        return Err(Raise::Caused(Atom::BADARG, Atom::TABLE_TYPE));
    }
    let limit = match limit {
        None => None,
        Some(limit) => {
            let limit = limit.as_small().and_then(|n| usize::try_from(n).ok()).filter(|&n| n > 0);
            Some(limit.ok_or(Raise::BADARG)?)
        }
    };
    if asked == Asked::Specification && args[1].is_nil() {
        return Ok(match (mode, limit) {
            (Mode::Select, None) => Term::nil(),
            (Mode::Select, Some(_)) => Term::atom(Atom::END_OF_TABLE),
            _ => Term::small(0),
        }
        .into());
    }
    let spec = asked.compile(ctx.m.heap_mut(), args[1].word())?.ok_or(Raise::BADARG)?;
    if mode == Mode::Replace && !keeps_key(ctx.m.heap(), args[1].word(), key_position) {
        return Err(Raise::BADARG);
    }
    let spec = Arc::new(spec);
    let (place, results) = (Place::Start, Term::nil());
    go(ctx, Search { table, spec, handle: None, mode, way, limit, place, results, count: 0 })
}

fn select2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    begin(ctx, args, Mode::Select, Way::Forward, Asked::Specification)
}

fn select3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    select2(ctx, args)
}

fn select_reverse2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    begin(ctx, args, Mode::Select, Way::Backward, Asked::Specification)
}

fn select_reverse3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    select_reverse2(ctx, args)
}

fn match2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    begin(ctx, args, Mode::Select, Way::Forward, Asked::Bindings)
}

fn match3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    match2(ctx, args)
}

fn match_object2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    begin(ctx, args, Mode::Select, Way::Forward, Asked::Objects)
}

fn match_object3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    match_object2(ctx, args)
}

fn select_count<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    begin(ctx, args, Mode::Count, Way::Forward, Asked::Specification)
}

fn select_delete<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    begin(ctx, args, Mode::Delete, Way::Forward, Asked::Specification)
}

fn select_replace<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    begin(ctx, args, Mode::Replace, Way::Forward, Asked::Specification)
}
