//! `sockets echo CONNECTIONS SECONDS PORT`, `sockets http CONNECTIONS SECONDS PORT PATH`, `sockets idle CONNECTIONS SECONDS PORT`:
//! load for a server on the loopback, on one thread. `sockets serve` is an echo server on tokio, which prints its port;
//! `sockets plain` is the least that an echo server can do: `epoll_wait`, `read`, `write`, on one thread.
//!
//! Invariant: every answer is looked at; a wrong one, or none, ends the program with a message.

mod plain;

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const MESSAGE: &[u8; 64] = &[b'x'; 64];

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| arguments.get(i).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    let (connections, time, port) = (number(1) as usize, Duration::from_secs(number(2)), number(3) as u16);
    match arguments.first().map(String::as_str) {
        Some("serve") => {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
        }
        Some("plain") => plain::serve(),
        Some("echo") => local.block_on(&runtime, load(connections, time, port, None)),
        Some("http") => local.block_on(&runtime, load(connections, time, port, arguments.get(4).cloned())),
        Some("idle") => local.block_on(&runtime, idle(connections, time, port)),
        _ => Err(io::Error::other(
            "usage: sockets serve | plain | (echo|http|idle) CONNECTIONS SECONDS PORT [PATH]",
        )),
    }
}

async fn serve() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    loop {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                if stream.write_all(&buffer[..count]).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// One request after the other on each connection, until the time is over.
async fn load(connections: usize, time: Duration, port: u16, path: Option<String>) -> io::Result<()> {
    let done = Rc::new(Cell::new(0u64));
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let began = Instant::now();
    let tasks: Vec<_> = streams
        .into_iter()
        .map(|stream| {
            let (done, path) = (Rc::clone(&done), path.clone());
            tokio::task::spawn_local(async move {
                let mut stream = stream;
                while began.elapsed() < time {
                    match &path {
                        None => echo(&mut stream).await?,
                        Some(path) => get(&mut stream, path).await?,
                    }
                    done.set(done.get() + 1);
                }
                io::Result::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{connections} connections: {:.0} a second, {} in all, no error",
        done.get() as f64 / seconds,
        done.get()
    );
    Ok(())
}

async fn echo(stream: &mut TcpStream) -> io::Result<()> {
    let mut back = [0; MESSAGE.len()];
    stream.write_all(MESSAGE).await?;
    stream.read_exact(&mut back).await?;
    if &back == MESSAGE { Ok(()) } else { Err(io::Error::other("another answer")) }
}

async fn get(stream: &mut TcpStream, path: &str) -> io::Result<()> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(io::Error::other("closed in an answer"));
        }
        let Some(end) = answer.windows(4).position(|part| part == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let length: usize = length.and_then(|text| text.parse().ok()).ok_or(io::Error::other("no length"))?;
        if !head.starts_with("HTTP/1.1 200") {
            return Err(io::Error::other(head));
        }
        if answer.len() == end + 4 + length {
            return Ok(());
        }
    }
}

/// Holds connections, each used once at the beginning and once at the end.
async fn idle(connections: usize, time: Duration, port: u16) -> io::Result<()> {
    let mut streams = Vec::new();
    for _ in 0..connections {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        echo(&mut stream).await?;
        streams.push(stream);
    }
    println!("{connections} connections are open");
    tokio::time::sleep(time).await;
    for stream in &mut streams {
        echo(stream).await?;
    }
    println!("all {connections} still answer");
    Ok(())
}
