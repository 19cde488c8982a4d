//! Code: from the bytes of a `.beam` file to checked generic instructions.
//!
//! The order of the stages: [`beam`] splits the file into its chunks and tables, [`generic`] decodes the
//! instructions of the `Code` chunk and checks every operand against [`op`], THE opcode table. What comes out
//! can be indexed without further checks. [`disasm`] prints it.

pub mod beam;
mod bits;
mod check;
pub mod compact;
pub mod disasm;
pub mod error;
pub mod export;
pub mod file;
mod fingerprint;
pub mod fun_table;
pub mod generic;
mod iff;
pub mod instr;
pub mod line;
pub mod module;
pub mod op;
pub mod path;
pub mod server;
pub mod transform;
mod verify;
pub mod versions;

pub use beam::{AtomIx, BeamFile, Limits};
pub use error::LoadError;
pub use export::{ExportId, FunId, FunKey, Mfa};
pub use generic::{Arg, GenericCode, GenericOp};
pub use module::{CodePtr, Module};
pub use op::Opcode;
pub use server::{CodeError, CodeServer, CodeView, Source, Target};
pub use versions::{Refused, WorldCode};
