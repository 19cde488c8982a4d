//! The plainest echo server: one thread in epoll, a `read` and a `write` for what is ready.
//!
//! Invariant: what is ready is read until there is no more, or a read left room: epoll tells of news alone (edge-triggered).
//! Where the other end does not read, bytes are lost: no server would do that, and the load never does.

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use std::io::{self, ErrorKind, Read, Write};

pub fn serve() -> io::Result<()> {
    let address = ([127, 0, 0, 1], 0).into();
    let (mut poll, mut listener) = (Poll::new()?, TcpListener::bind(address)?);
    println!("{}", listener.local_addr()?.port());
    let listening = Token(usize::MAX);
    poll.registry().register(&mut listener, listening, Interest::READABLE)?;
    let (mut events, mut streams) = (Events::with_capacity(512), Vec::new());
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() != listening {
                echo(&mut streams[event.token().0]);
                continue;
            }
            while let Ok((mut stream, _)) = listener.accept() {
                stream.set_nodelay(true)?;
                let token = Token(streams.len());
                poll.registry().register(&mut stream, token, Interest::READABLE)?;
                streams.push(Some(stream));
            }
        }
    }
}

fn echo(place: &mut Option<TcpStream>) {
    let mut buffer = [0; 4096];
    while let Some(stream) = place {
        match stream.read(&mut buffer) {
            Ok(count @ 1..) => {
                let _ = stream.write(&buffer[..count]);
                if count < buffer.len() {
                    return;
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            _ => *place = None,
        }
    }
}
