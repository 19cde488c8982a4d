//! Errors of the kernel, by Linux's numbers and POSIX's names.
//!
//! Invariant: every ring answers with these, the simulated one too, so a program sees the same atoms. Source: the
//! list of POSIX error codes in the documentation of `file` and `inet`.

use crate::term::Atom;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Errno(pub i32);

/// Writes constants, and the table from numbers to names.
macro_rules! errnos {
    ($($name:ident = $code:ident $text:literal;)*) => {
        impl Errno {
            $(pub const $name: Errno = Errno(libc::$code);)*
        }

        const NAMES: &[(Errno, &str)] = &[$((Errno::$name, $text)),*];
    };
}

errnos! {
    PERM = EPERM "eperm";
    NOENT = ENOENT "enoent";
    INTR = EINTR "eintr";
    IO = EIO "eio";
    NXIO = ENXIO "enxio";
    TOOBIG = E2BIG "e2big";
    BADF = EBADF "ebadf";
    AGAIN = EAGAIN "eagain";
    NOMEM = ENOMEM "enomem";
    ACCES = EACCES "eacces";
    FAULT = EFAULT "efault";
    BUSY = EBUSY "ebusy";
    EXIST = EEXIST "eexist";
    XDEV = EXDEV "exdev";
    NODEV = ENODEV "enodev";
    NOTDIR = ENOTDIR "enotdir";
    ISDIR = EISDIR "eisdir";
    INVAL = EINVAL "einval";
    NFILE = ENFILE "enfile";
    MFILE = EMFILE "emfile";
    NOTTY = ENOTTY "enotty";
    TXTBSY = ETXTBSY "etxtbsy";
    FBIG = EFBIG "efbig";
    NOSPC = ENOSPC "enospc";
    SPIPE = ESPIPE "espipe";
    ROFS = EROFS "erofs";
    MLINK = EMLINK "emlink";
    PIPE = EPIPE "epipe";
    DOM = EDOM "edom";
    RANGE = ERANGE "erange";
    DEADLK = EDEADLK "edeadlk";
    NAMETOOLONG = ENAMETOOLONG "enametoolong";
    NOLCK = ENOLCK "enolck";
    NOSYS = ENOSYS "enosys";
    NOTEMPTY = ENOTEMPTY "eexist";
    LOOP = ELOOP "eloop";
    PROTO = EPROTO "eproto";
    OVERFLOW = EOVERFLOW "eoverflow";
    NOTSOCK = ENOTSOCK "enotsock";
    DESTADDRREQ = EDESTADDRREQ "edestaddrreq";
    MSGSIZE = EMSGSIZE "emsgsize";
    PROTOTYPE = EPROTOTYPE "eprototype";
    NOPROTOOPT = ENOPROTOOPT "enoprotoopt";
    PROTONOSUPPORT = EPROTONOSUPPORT "eprotonosupport";
    OPNOTSUPP = EOPNOTSUPP "eopnotsupp";
    AFNOSUPPORT = EAFNOSUPPORT "eafnosupport";
    ADDRINUSE = EADDRINUSE "eaddrinuse";
    ADDRNOTAVAIL = EADDRNOTAVAIL "eaddrnotavail";
    NETDOWN = ENETDOWN "enetdown";
    NETUNREACH = ENETUNREACH "enetunreach";
    NETRESET = ENETRESET "enetreset";
    CONNABORTED = ECONNABORTED "econnaborted";
    CONNRESET = ECONNRESET "econnreset";
    NOBUFS = ENOBUFS "enobufs";
    ISCONN = EISCONN "eisconn";
    NOTCONN = ENOTCONN "enotconn";
    SHUTDOWN = ESHUTDOWN "eshutdown";
    TIMEDOUT = ETIMEDOUT "etimedout";
    CONNREFUSED = ECONNREFUSED "econnrefused";
    HOSTDOWN = EHOSTDOWN "ehostdown";
    HOSTUNREACH = EHOSTUNREACH "ehostunreach";
    ALREADY = EALREADY "ealready";
    INPROGRESS = EINPROGRESS "einprogress";
    STALE = ESTALE "estale";
    DQUOT = EDQUOT "edquot";
    CANCELED = ECANCELED "ecanceled";
}

impl Errno {
    /// The name that programs see.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(errno, _)| *errno == self).map_or("unknown", |(_, name)| name)
    }

    pub fn atom(self) -> Atom {
        Atom::known(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_number_has_one_name() {
        let numbers: BTreeSet<Errno> = NAMES.iter().map(|(errno, _)| *errno).collect();
        assert_eq!(numbers.len(), NAMES.len());
        assert_eq!((Errno::NOENT.name(), Errno(9999).name()), ("enoent", "unknown"));
        // A directory that is not empty exists, as far as `file:del_dir/1` says.
        assert_eq!(Errno::NOTEMPTY.name(), "eexist");
    }
}
