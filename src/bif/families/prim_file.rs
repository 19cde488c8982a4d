//! What OTP's `prim_file` has in C: files, over the ring. Its Erlang code is OTP's own.
//!
//! Invariants: each function is one operation at the desk, so each is one visible operation; what takes several (opening, reading
//! a whole file) is Erlang code in `boot/warpbeam_file.erl`. Source: the documentation of `file`, and what `erl`
//! answers.

use super::arguments::{atom, bytes, count, list, signed};
use super::ring_calls::{self as ring, About, descriptor, order, path};
use crate::bif::{Ctx, EffectResult, Outcome, PureResult, Raise};
use crate::code::ExportId;
use crate::fd::FdId;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::resource::{Handle, HandleKind};
use crate::ring::desk::Shape;
use crate::ring::request::{Advice, Mode, Whence};
use crate::ring::{Call, Errno, Request};
use crate::term::Atom;
use std::sync::Arc;

crate::bif::table::natives! { ROWS:
    effect "warpbeam_native" "descriptor" 0 = new_descriptor, Io;
    effect "warpbeam_native" "open" 3 = open, Io;
    effect "warpbeam_native" "make_pipe" 1 = make_pipe, Io;
    effect "prim_file" "open_nif" 2 = open_nif, Io;
    effect "prim_file" "read_file_nif" 1 = read_file_nif, Io;
    effect "prim_file" "close_nif" 1 = close_nif, Io;
    effect "prim_file" "read_nif" 2 = read_nif, Io;
    effect "prim_file" "write_nif" 2 = write_nif, Io;
    effect "prim_file" "pread_nif" 3 = pread_nif, Io;
    effect "prim_file" "pwrite_nif" 3 = pwrite_nif, Io;
    effect "prim_file" "seek_nif" 3 = seek_nif, Io;
    effect "prim_file" "sync_nif" 2 = sync_nif, Io;
    effect "prim_file" "truncate_nif" 1 = truncate_nif, Io;
    effect "prim_file" "allocate_nif" 3 = allocate_nif, Io;
    effect "prim_file" "advise_nif" 4 = advise_nif, Io;
    effect "prim_file" "read_handle_info_nif" 1 = read_handle_info_nif, Io;
    effect "prim_file" "read_info_nif" 2 = read_info_nif, Io;
    effect "prim_file" "list_dir_nif" 1 = list_dir_nif, Io;
    effect "prim_file" "read_link_nif" 1 = read_link_nif, Io;
    effect "prim_file" "rename_nif" 2 = rename_nif, Io;
    effect "prim_file" "make_dir_nif" 1 = make_dir_nif, Io;
    effect "prim_file" "del_file_nif" 1 = del_file_nif, Io;
    effect "prim_file" "del_dir_nif" 1 = del_dir_nif, Io;
    effect "prim_file" "make_hard_link_nif" 2 = make_hard_link_nif, Io;
    effect "prim_file" "make_soft_link_nif" 2 = make_soft_link_nif, Io;
    effect "prim_file" "set_permissions_nif" 2 = set_permissions_nif, Io;
    effect "prim_file" "set_owner_nif" 3 = set_owner_nif, Io;
    effect "prim_file" "set_time_nif" 4 = set_time_nif, Io;
    effect "prim_file" "get_cwd_nif" 0 = get_cwd_nif, Io;
    effect "prim_file" "set_cwd_nif" 1 = set_cwd_nif, Io;
    effect "prim_file" "ipread_s32bu_p32bu_nif" 3 = ipread_s32bu_p32bu_nif, Io;
    effect "prim_file" "file_desc_to_ref_nif" 1 = file_desc_to_ref_nif, Io;
    effect "prim_file" "get_handle_nif" 1 = get_handle_nif, Io;
    effect "prim_file" "delayed_close_nif" 1 = close_nif, Io;
    pure "prim_file" "altname_nif" 1 = not_here;
    pure "prim_file" "get_device_cwd_nif" 1 = no_drives;
}

/// A descriptor that stands for nothing yet, to be opened by its maker.
fn new_descriptor<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let id = ctx.control.next_reference();
    // The term comes first: without room for it there is no descriptor.
    let handle = Arc::new(Handle { kind: HandleKind::Descriptor, id });
    let term = Term::of(ctx.m.heap_mut().new_handle(handle)?);
    match ctx.world.io(ctx.control.pid, Call::Create(FdId(id))) {
        Ok(()) => Ok(term.into()),
        Err(refused) => ring::refused(ctx, refused),
    }
}

/// Goes on in `boot/warpbeam_file.erl`.
fn elsewhere<'h>(function: &'static str, args: &[Term<'h>]) -> EffectResult<'h> {
    let (module, function) = (Atom::known("warpbeam_file"), Atom::known(function));
    Ok(Outcome::Call(ExportId::new(module, function, args.len() as u32), args.to_vec()))
}

fn open_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    path(&ctx.m, args[0])?;
    mode(ctx, args[1])?;
    elsewhere("open", args)
}

fn read_file_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    path(&ctx.m, args[0])?;
    elsewhere("read_file", args)
}

/// `open(Descriptor, Path, Modes)`: `ok` or an error.
fn open<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let opens = Some(descriptor(&ctx.m, args[0])?);
    let request = Request::Open { path: path(&ctx.m, args[1])?, mode: mode(ctx, args[2])? };
    order(ctx, About { fd: None, opens }, request, ring::ok)
}

/// The modes of `file:open/2` that concern the kernel; the others are for the Erlang code above.
fn mode<'h>(ctx: &Ctx<'h, '_>, modes: Term<'h>) -> Result<Mode, Raise<'h>> {
    let mut mode = Mode::default();
    for term in list(&ctx.m, modes)? {
        match term.as_atom().map(Atom::text) {
            Some("read") => mode.read = true,
            Some("write") => mode.write = true,
            Some("append") => (mode.append, mode.write) = (true, true),
            Some("exclusive") => (mode.exclusive, mode.write) = (true, true),
            Some("sync") => mode.sync = true,
            Some("directory") => mode.directory = true,
            Some("skip_type_check") => {}
            _ => {}
        }
    }
    mode.create = mode.write;
    mode.truncate = mode.write && !mode.read && !mode.append;
    mode.read |= !mode.write;
    Ok(mode)
}

fn close_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    ring::close(ctx, fd)
}

/// Bytes that are asked for at once at most: room is made before it is known how many there are.
const READ_MAX: usize = 1 << 30;

/// A place in a file; `None` for a negative one, which is an invalid argument to the kernel and no error of type.
fn place<'h>(ctx: &Ctx<'h, '_>, term: Term<'h>) -> Result<Option<u64>, Raise<'h>> {
    signed(&ctx.m, term).map(|at| u64::try_from(at).ok()).ok_or(Raise::BADARG)
}

/// Reads so many bytes; `enomem` for more than there is room for.
fn read_into<'h>(
    ctx: &mut Ctx<'h, '_>,
    fd: FdId,
    wanted: usize,
    at: Option<u64>,
    shape: Shape,
) -> EffectResult<'h> {
    if wanted > READ_MAX {
        return ring::failed(ctx, Errno::NOMEM);
    }
    order(ctx, About::on(fd), Request::Read { at, buffer: vec![0; wanted], filled: 0 }, shape)
}

fn read_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    read_into(ctx, fd, count(args[1])?, None, ring::read)
}

fn pread_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let Some(at) = place(ctx, args[1])? else { return ring::failed(ctx, Errno::INVAL) };
    read_into(ctx, fd, count(args[2])?, Some(at), ring::read_at)
}

/// A list of binaries as one.
fn gathered<'h>(ctx: &Ctx<'h, '_>, parts: Term<'h>) -> Result<Vec<u8>, Raise<'h>> {
    let mut whole = Vec::new();
    for part in list(&ctx.m, parts)? {
        whole.extend_from_slice(&bytes(&ctx.m, part)?);
    }
    Ok(whole)
}

fn write_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let bytes = gathered(ctx, args[1])?;
    order(ctx, About::on(fd), Request::Write { at: None, bytes, from: 0 }, ring::ok)
}

fn pwrite_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let bytes = gathered(ctx, args[2])?;
    let Some(at) = place(ctx, args[1])? else { return ring::failed(ctx, Errno::INVAL) };
    order(ctx, About::on(fd), Request::Write { at: Some(at), bytes, from: 0 }, ring::ok)
}

fn seek_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let whence = match atom(args[1])?.text() {
        "bof" => Whence::Start,
        "cur" => Whence::Current,
        "eof" => Whence::End,
        _ => return Err(Raise::BADARG),
    };
    let offset = signed(&ctx.m, args[2]).ok_or(Raise::BADARG)?;
    order(ctx, About::on(fd), Request::Seek { offset, whence }, ring::value)
}

fn sync_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let data_only = count(args[1])? != 0;
    order(ctx, About::on(fd), Request::Sync { data_only }, ring::ok)
}

fn truncate_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    order(ctx, About::on(fd), Request::Truncate, ring::ok)
}

fn range<'h>(ctx: &Ctx<'h, '_>, args: &[Term<'h>]) -> Result<Option<(u64, u64)>, Raise<'h>> {
    Ok(place(ctx, args[0])?.zip(place(ctx, args[1])?))
}

fn allocate_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let Some((offset, length)) = range(ctx, &args[1..])? else { return ring::failed(ctx, Errno::INVAL) };
    order(ctx, About::on(fd), Request::Allocate { offset, length }, ring::ok)
}

fn advise_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let Some((offset, length)) = range(ctx, &args[1..])? else { return ring::failed(ctx, Errno::INVAL) };
    let advice = match atom(args[3])?.text() {
        "normal" => Advice::Normal,
        "random" => Advice::Random,
        "sequential" => Advice::Sequential,
        "will_need" => Advice::WillNeed,
        "dont_need" => Advice::DontNeed,
        "no_reuse" => Advice::NoReuse,
        _ => return ring::failed(ctx, Errno::INVAL),
    };
    order(ctx, About::on(fd), Request::Advise { offset, length, advice }, ring::advised)
}

fn read_handle_info_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    order(ctx, About::on(fd), Request::StatOpen, ring::file_info)
}

fn read_info_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::Stat { path: path(&ctx.m, args[0])?, follow: count(args[1])? != 0 };
    order(ctx, About::default(), request, ring::file_info)
}

fn list_dir_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::ListDir { path: path(&ctx.m, args[0])? };
    order(ctx, About::default(), request, ring::value)
}

fn read_link_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::ReadLink { path: path(&ctx.m, args[0])? };
    order(ctx, About::default(), request, ring::value)
}

fn rename_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::Rename { from: path(&ctx.m, args[0])?, to: path(&ctx.m, args[1])? };
    order(ctx, About::default(), request, ring::ok)
}

fn make_dir_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::MakeDir { path: path(&ctx.m, args[0])? };
    order(ctx, About::default(), request, ring::ok)
}

/// `make_pipe(Path)`: `ok` or an error.
fn make_pipe<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::MakePipe { path: path(&ctx.m, args[0])? };
    order(ctx, About::default(), request, ring::ok)
}

fn del_file_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::RemoveFile { path: path(&ctx.m, args[0])? };
    order(ctx, About::default(), request, ring::deleted)
}

fn del_dir_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::RemoveDir { path: path(&ctx.m, args[0])? };
    order(ctx, About::default(), request, ring::ok)
}

fn make_hard_link_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::HardLink { existing: path(&ctx.m, args[0])?, new: path(&ctx.m, args[1])? };
    order(ctx, About::default(), request, ring::ok)
}

fn make_soft_link_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::SymbolicLink { existing: path(&ctx.m, args[0])?, new: path(&ctx.m, args[1])? };
    order(ctx, About::default(), request, ring::ok)
}

fn small_number<'h>(ctx: &Ctx<'h, '_>, term: Term<'h>) -> Result<u32, Raise<'h>> {
    // Negative numbers stand for "as it is", which has all bits set.
    signed(&ctx.m, term).map(|n| n as u32).ok_or(Raise::BADARG)
}

/// Linux's bits but for the sticky one.
fn permissions(term: Term<'_>) -> Result<u32, Raise<'_>> {
    u32::try_from(count(term)?).map(|bits| bits & 0o6777).map_err(|_| Raise::BADARG)
}

fn set_permissions_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::SetPermissions { path: path(&ctx.m, args[0])?, bits: permissions(args[1])? };
    order(ctx, About::default(), request, ring::ok)
}

fn set_owner_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (uid, gid) = (small_number(ctx, args[1])?, small_number(ctx, args[2])?);
    order(ctx, About::default(), Request::SetOwner { path: path(&ctx.m, args[0])?, uid, gid }, ring::ok)
}

/// The time of creation, which Linux does not keep, is passed over.
fn set_time_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let time = |term| signed(&ctx.m, term).ok_or(Raise::BADARG);
    let (accessed_s, modified_s) = (time(args[1])?, time(args[2])?);
    let request = Request::SetTimes { path: path(&ctx.m, args[0])?, accessed_s, modified_s };
    order(ctx, About::default(), request, ring::ok)
}

fn get_cwd_nif<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    order(ctx, About::default(), Request::WorkingDir, ring::value)
}

fn set_cwd_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::SetWorkingDir { path: path(&ctx.m, args[0])? };
    order(ctx, About::default(), request, ring::ok)
}

fn ipread_s32bu_p32bu_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    descriptor(&ctx.m, args[0])?;
    signed(&ctx.m, args[1]).and(signed(&ctx.m, args[2])).ok_or(Raise::BADARG)?;
    elsewhere("indirect_read", args)
}

/// A descriptor for what another number of this operating-system process is open on.
fn file_desc_to_ref_nif<'h>(_: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let number = args[0].as_small().and_then(|n| i32::try_from(n).ok()).ok_or(Raise::BADARG)?;
    elsewhere("open_number", &[Term::small(i64::from(number))])
}

/// What `prim_inet:sendfile` reads from.
fn get_handle_nif<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    descriptor(&ctx.m, args[0])?;
    Ok(args[0].into())
}

/// Only Windows has a second name for a file.
fn not_here<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    path(m, args[0])?;
    Ok(m.tuple(&[Term::atom(Atom::ERROR), Term::atom(Atom::known("enotsup"))])?)
}

/// Only Windows has a working directory for each drive.
fn no_drives<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    count(args[0])?;
    Ok(m.tuple(&[Term::atom(Atom::ERROR), Term::atom(Atom::known("enotsup"))])?)
}
