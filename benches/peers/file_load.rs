//! The operations of `file_load.erl` over `std::fs`: requests to a pool of eight threads through a channel, an answer for each, as a
//! runtime without a ring would do it. `rustc -O --edition 2024 benches/peers/file_load.rs`, then `file_load DIRECTORY KIND CALLERS OPERATIONS`.

use std::fs::{File, read, remove_file, write};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

const PIECE: usize = 4096;
const PIECES: u64 = 4096;
const THREADS: usize = 8;

type Job = Box<dyn FnOnce() + Send>;

fn pool() -> Sender<Job> {
    let (sender, receiver) = channel::<Job>();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..THREADS {
        let receiver = Arc::clone(&receiver);
        std::thread::spawn(move || {
            loop {
                let job = receiver.lock().expect("nobody panics").recv();
                match job {
                    Ok(job) => job(),
                    Err(_) => return,
                }
            }
        });
    }
    sender
}

/// Has a thread of the pool do it, and waits for what it gives.
fn ask<T: Send + 'static>(pool: &Sender<Job>, act: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = sync_channel(1);
    let job = move || drop(sender.send(act()));
    pool.send(Box::new(job)).expect("the pool is there");
    receiver.recv().expect("the pool answers")
}

fn caller(pool: &Sender<Job>, kind: &str, name: &str, operations: u64, begin: &std::sync::Barrier) {
    match kind {
        "write" => {
            let file = Arc::new(File::create(name).expect("a file"));
            begin.wait();
            for n in 0..operations {
                let (file, bytes) = (Arc::clone(&file), vec![n as u8; PIECE]);
                ask(pool, move || (&*file).write_all(&bytes)).expect("written");
            }
        }
        "read" => {
            write(name, vec![7; PIECE * PIECES as usize]).expect("written");
            let file = Arc::new(File::open(name).expect("a file"));
            begin.wait();
            for n in 0..operations {
                let file = Arc::clone(&file);
                let at = n * 2_654_435_761 % PIECES * PIECE as u64;
                let bytes = ask(pool, move || {
                    let mut bytes = vec![0; PIECE];
                    file.read_exact_at(&mut bytes, at).map(|()| bytes)
                });
                assert_eq!(bytes.expect("read").len(), PIECE);
            }
        }
        _ => {
            begin.wait();
            for n in 0..operations {
                let (file, bytes) = (name.to_string(), vec![n as u8; PIECE]);
                ask(pool, move || write(file, bytes)).expect("written");
                let file = name.to_string();
                assert_eq!(ask(pool, move || read(file)).expect("read").len(), PIECE);
                let file = name.to_string();
                ask(pool, move || remove_file(file)).expect("deleted");
            }
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, kind, callers, operations] = &arguments[..] else {
        panic!("DIRECTORY KIND CALLERS OPERATIONS")
    };
    let callers: u64 = callers.parse().expect("a number");
    let each = operations.parse::<u64>().expect("a number") / callers;
    let (pool, begin) = (pool(), std::sync::Barrier::new(callers as usize + 1));
    let names: Vec<String> = (0..callers).map(|n| format!("{directory}/bench{n}")).collect();
    let time = std::thread::scope(|scope| {
        let threads: Vec<_> =
            names.iter().map(|name| scope.spawn(|| caller(&pool, kind, name, each, &begin))).collect();
        begin.wait();
        let start = Instant::now();
        for thread in threads {
            thread.join().expect("nobody panics");
        }
        start.elapsed()
    });
    for name in names {
        let _ = remove_file(name);
    }
    println!("{{{kind},{}}}", (each * callers) as f64 as u64 * 1_000_000 / time.as_micros() as u64);
}
