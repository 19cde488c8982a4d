//! Tests of processes without bytecode: a tiny world, a reference model, and tables of native calls.

mod expression;
mod handles;
mod model;
mod model_check;
mod tables;
mod tiny_world;
