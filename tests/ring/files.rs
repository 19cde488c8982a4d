//! What every ring does with files: each operation, and its errors.

use super::rig::Rig;
use warpbeam::ring::request::{Advice, FileKind, Mode, Whence};
use warpbeam::ring::{Errno, Request, Value};

const WRITE: Mode = Mode {
    read: false,
    write: true,
    append: false,
    truncate: true,
    create: true,
    exclusive: false,
    sync: false,
    directory: false,
};
const READ: Mode = Mode { read: true, write: false, truncate: false, create: false, ..WRITE };
const BOTH: Mode = Mode { read: true, truncate: false, ..WRITE };

pub fn all(rig: &mut Rig) {
    reads_and_writes(rig);
    positions(rig);
    modes(rig);
    directories(rig);
    links(rig);
    renames(rig);
    closed_numbers_are_used_again(rig);
}

fn write(bytes: &[u8], at: Option<u64>) -> Request {
    Request::Write { at, bytes: bytes.to_vec(), from: 0 }
}

fn size_and_kind(value: Result<Value, Errno>) -> Result<(u64, FileKind), Errno> {
    match value {
        Ok(Value::Stat(stat)) => Ok((stat.size, stat.kind)),
        Ok(other) => panic!("a stat is one, not {other:?}"),
        Err(errno) => Err(errno),
    }
}

fn reads_and_writes(rig: &mut Rig) {
    let path = rig.path("content");
    assert_eq!(rig.open(&path, READ), Err(Errno::NOENT));
    let fd = rig.open(&path, WRITE).expect("a file is made");
    assert_eq!(rig.on(fd, write(b"hello", None)), Ok(Value::Count(5)));
    assert_eq!(rig.on(fd, write(b" world", None)), Ok(Value::Count(6)));
    assert_eq!(rig.on(fd, write(b"J", Some(0))), Ok(Value::Count(1)));
    assert_eq!(rig.read(fd, None, 1), Err(Errno::BADF));
    for data_only in [true, false] {
        assert_eq!(rig.on(fd, Request::Sync { data_only }), Ok(Value::Done));
    }
    assert_eq!(size_and_kind(rig.on(fd, Request::StatOpen)), Ok((11, FileKind::Regular)));
    assert_eq!(rig.on(fd, Request::Close), Ok(Value::Done));

    let fd = rig.open(&path, READ).expect("it is there");
    assert_eq!(rig.read(fd, None, 3), Ok(b"Jel".to_vec()));
    assert_eq!(rig.read(fd, Some(6), 100), Ok(b"world".to_vec()));
    assert_eq!(rig.read(fd, None, 100), Ok(b"lo world".to_vec()));
    assert_eq!(rig.read(fd, None, 100), Ok(Vec::new()), "the end");
    assert_eq!(rig.read(fd, Some(1 << 40), 100), Ok(Vec::new()), "behind the end");
    assert_eq!(rig.on(fd, write(b"x", None)), Err(Errno::BADF));
    let advise = Request::Advise { offset: 0, length: 5, advice: Advice::Sequential };
    assert_eq!(rig.on(fd, advise), Ok(Value::Done));
    assert_eq!(rig.on(fd, Request::Close), Ok(Value::Done));
}

fn positions(rig: &mut Rig) {
    let path = rig.path("positions");
    let fd = rig.open(&path, BOTH).expect("a file is made");
    rig.on(fd, write(b"0123456789", None)).expect("there is room");
    let seek = |offset, whence| Request::Seek { offset, whence };
    assert_eq!(rig.on(fd, seek(3, Whence::Start)), Ok(Value::Position(3)));
    assert_eq!(rig.on(fd, seek(2, Whence::Current)), Ok(Value::Position(5)));
    assert_eq!(rig.read(fd, None, 2), Ok(b"56".to_vec()));
    assert_eq!(rig.on(fd, seek(-1, Whence::End)), Ok(Value::Position(9)));
    assert_eq!(rig.on(fd, seek(-1, Whence::Start)), Err(Errno::INVAL));
    assert_eq!(rig.on(fd, seek(-100, Whence::Current)), Err(Errno::INVAL));
    assert_eq!(rig.on(fd, seek(4, Whence::Start)), Ok(Value::Position(4)));
    assert_eq!(rig.on(fd, Request::Truncate), Ok(Value::Done));
    assert_eq!(rig.read(fd, Some(0), 100), Ok(b"0123".to_vec()));
    // A gap is filled with zeros.
    assert_eq!(rig.on(fd, write(b"x", Some(6))), Ok(Value::Count(1)));
    assert_eq!(rig.read(fd, Some(0), 100), Ok(b"0123\0\0x".to_vec()));
    assert_eq!(rig.on(fd, Request::Close), Ok(Value::Done));
}

fn modes(rig: &mut Rig) {
    let path = rig.path("modes");
    let append = Mode { append: true, truncate: false, ..WRITE };
    for (mode, bytes, size) in [(append, b"ab", 2), (append, b"cd", 4), (WRITE, b"ef", 2), (BOTH, b"gh", 2)] {
        let fd = rig.open(&path, mode).expect("a file is made, or is there");
        assert_eq!(rig.on(fd, write(bytes, None)), Ok(Value::Count(2)));
        assert_eq!(size_and_kind(rig.on(fd, Request::StatOpen)), Ok((size, FileKind::Regular)));
        rig.on(fd, Request::Close).expect("it closes");
    }
    assert_eq!(rig.open(&path, Mode { exclusive: true, ..WRITE }), Err(Errno::EXIST));
    let directory = rig.path("");
    assert_eq!(rig.open(&directory, READ), Err(Errno::ISDIR));
    assert_eq!(rig.open(&directory, WRITE), Err(Errno::ISDIR));
    let fd = rig.open(&directory, Mode { directory: true, ..READ }).expect("a directory can be opened");
    rig.on(fd, Request::Close).expect("it closes");
    let inside = rig.path("modes/inside");
    assert_eq!(rig.open(&inside, WRITE), Err(Errno::NOTDIR));
    let nowhere = rig.path("nowhere/inside");
    assert_eq!(rig.open(&nowhere, WRITE), Err(Errno::NOENT));
}

fn directories(rig: &mut Rig) {
    let (directory, inner, file) = (rig.path("d"), rig.path("d/e"), rig.path("d/file"));
    assert_eq!(rig.free(Request::ListDir { path: directory.clone() }), Err(Errno::NOENT));
    assert_eq!(rig.free(Request::MakeDir { path: inner.clone() }), Err(Errno::NOENT));
    for path in [&directory, &inner] {
        assert_eq!(rig.free(Request::MakeDir { path: path.clone() }), Ok(Value::Done));
        assert_eq!(rig.free(Request::MakeDir { path: path.clone() }), Err(Errno::EXIST));
    }
    let fd = rig.open(&file, WRITE).expect("a file is made");
    rig.on(fd, Request::Close).expect("it closes");
    assert_eq!(rig.names(&directory), Ok(vec![b"e".to_vec(), b"file".to_vec()]));
    assert_eq!(rig.names(&file), Err(Errno::NOTDIR));
    assert_eq!(rig.free(Request::RemoveDir { path: directory.clone() }), Err(Errno::NOTEMPTY));
    assert_eq!(rig.free(Request::RemoveDir { path: file.clone() }), Err(Errno::NOTDIR));
    assert_eq!(rig.free(Request::RemoveFile { path: inner.clone() }), Err(Errno::ISDIR));
    assert_eq!(rig.free(Request::RemoveFile { path: file.clone() }), Ok(Value::Done));
    assert_eq!(rig.free(Request::RemoveFile { path: file }), Err(Errno::NOENT));
    assert_eq!(rig.free(Request::RemoveDir { path: inner }), Ok(Value::Done));
    let stat = Request::Stat { path: directory.clone(), follow: true };
    assert_eq!(size_and_kind(rig.free(stat)).map(|(_, kind)| kind), Ok(FileKind::Directory));
    assert_eq!(rig.free(Request::RemoveDir { path: directory }), Ok(Value::Done));
}

fn links(rig: &mut Rig) {
    let (file, soft, hard, broken) =
        (rig.path("target"), rig.path("soft"), rig.path("hard"), rig.path("broken"));
    let fd = rig.open(&file, WRITE).expect("a file is made");
    rig.on(fd, write(b"abc", None)).expect("there is room");
    rig.on(fd, Request::Close).expect("it closes");
    let link =
        |existing: &[u8], new: &[u8]| Request::SymbolicLink { existing: existing.into(), new: new.into() };
    assert_eq!(rig.free(link(&file, &soft)), Ok(Value::Done));
    assert_eq!(rig.free(link(&file, &soft)), Err(Errno::EXIST));
    assert_eq!(rig.free(link(b"nothing", &broken)), Ok(Value::Done));
    assert_eq!(rig.free(Request::ReadLink { path: soft.clone() }), Ok(Value::Path(file.clone())));
    assert_eq!(rig.free(Request::ReadLink { path: file.clone() }), Err(Errno::INVAL));
    let stat = |path: &[u8], follow| Request::Stat { path: path.into(), follow };
    assert_eq!(size_and_kind(rig.free(stat(&soft, true))), Ok((3, FileKind::Regular)));
    let link_itself = size_and_kind(rig.free(stat(&soft, false)));
    assert_eq!(link_itself.map(|(_, kind)| kind), Ok(FileKind::SymbolicLink));
    assert_eq!(size_and_kind(rig.free(stat(&broken, true))), Err(Errno::NOENT));
    assert_eq!(rig.free(Request::HardLink { existing: file.clone(), new: hard.clone() }), Ok(Value::Done));
    match rig.free(stat(&file, true)) {
        Ok(Value::Stat(stat)) => assert_eq!(stat.links, 2),
        other => panic!("it is there: {other:?}"),
    }
    // A file is there as long as a name or a descriptor leads to it.
    let fd = rig.open(&soft, READ).expect("the link leads there");
    for path in [file, hard, soft, broken] {
        assert_eq!(rig.free(Request::RemoveFile { path }), Ok(Value::Done));
    }
    assert_eq!(rig.read(fd, None, 10), Ok(b"abc".to_vec()));
    assert_eq!(rig.on(fd, Request::Close), Ok(Value::Done));
}

fn renames(rig: &mut Rig) {
    let (one, two, directory) = (rig.path("one"), rig.path("two"), rig.path("dir"));
    for (path, bytes) in [(&one, b"1"), (&two, b"2")] {
        let fd = rig.open(path, WRITE).expect("a file is made");
        rig.on(fd, write(bytes, None)).expect("there is room");
        rig.on(fd, Request::Close).expect("it closes");
    }
    let rename = |from: &[u8], to: &[u8]| Request::Rename { from: from.into(), to: to.into() };
    assert_eq!(rig.free(Request::MakeDir { path: directory.clone() }), Ok(Value::Done));
    assert_eq!(rig.free(rename(&one, &directory)), Err(Errno::ISDIR));
    assert_eq!(rig.free(rename(&directory, &one)), Err(Errno::NOTDIR));
    let below = rig.path("dir/below");
    assert_eq!(rig.free(rename(&directory, &below)), Err(Errno::INVAL));
    assert_eq!(rig.free(rename(&one, &two)), Ok(Value::Done));
    assert_eq!(rig.free(rename(&one, &two)), Err(Errno::NOENT));
    let fd = rig.open(&two, READ).expect("it is there");
    assert_eq!(rig.read(fd, None, 10), Ok(b"1".to_vec()));
    rig.on(fd, Request::Close).expect("it closes");
    assert_eq!(rig.free(rename(&two, &below)), Ok(Value::Done));
    assert_eq!(rig.names(&directory), Ok(vec![b"below".to_vec()]));
    assert_eq!(rig.free(Request::RemoveFile { path: below }), Ok(Value::Done));
    assert_eq!(rig.free(Request::RemoveDir { path: directory }), Ok(Value::Done));
}

/// The lowest free number is the next, as POSIX has it: what makes a number in use after its close dangerous.
fn closed_numbers_are_used_again(rig: &mut Rig) {
    let path = rig.path("numbers");
    let first = rig.open(&path, WRITE).expect("a file is made");
    let second = rig.open(&path, READ).expect("it is there");
    assert_ne!(first, second);
    if rig.alone {
        rig.on(first, Request::Close).expect("it closes");
        assert_eq!(rig.open(&path, READ), Ok(first));
    }
    for fd in [first, second] {
        assert_eq!(rig.on(fd, Request::Close), Ok(Value::Done));
    }
    if rig.alone {
        assert_eq!(rig.on(first, Request::Close), Err(Errno::BADF));
    }
}
