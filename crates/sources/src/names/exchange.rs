//! One question to one address, and what came back: over a socket of its own, so that the port can't be
//! foreseen, and connected, so that the kernel passes over what others send.

use std::net::SocketAddr;
use std::time::Duration;

use falter_model::Transport;
use hickory_proto::op::Message;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

use super::question::{NoAnswer, Question};
use crate::reach::{Silence, datagrams};

/// No datagram that was asked for is longer; a longer one is cut off and can't be read.
const DATAGRAM_OCTETS: usize = 16 << 10;
/// Answers to something else that are passed over before a server counts as one that talks nonsense.
const MOST_FOREIGN: u32 = 64;

/// What came of a question.
#[derive(Debug)]
pub(super) struct Exchange {
    /// The answer and its round trip; of TCP from the connection on.
    pub(super) answer: Result<(Message, Duration), Silence>,
    /// What was passed over since it answers something else.
    pub(super) foreign: u32,
}

/// Asks; once more in plainer words where the server is too old for the first.
pub(super) async fn ask(
    question: &Question,
    server: SocketAddr,
    transport: Transport,
    patience: Duration,
) -> Exchange {
    let first = ask_once(question, server, transport, patience).await;
    match &first.answer {
        Ok((answer, _)) if question.is_too_new_for(answer) => {
            let second = ask_once(&question.plain(), server, transport, patience).await;
            Exchange { foreign: first.foreign.saturating_add(second.foreign), ..second }
        }
        _ => first,
    }
}

async fn ask_once(
    question: &Question,
    server: SocketAddr,
    transport: Transport,
    patience: Duration,
) -> Exchange {
    let mut foreign = 0;
    let begun = Instant::now();
    let exchange = async {
        let octets = question.octets().ok_or(Silence::Malformed)?;
        // Also for TCP: tells a missing route of this machine from one elsewhere.
        let socket = datagrams(server).await?;
        match transport {
            Transport::Udp => over_udp(question, &octets, &socket, &mut foreign).await,
            Transport::Tcp => over_tcp(question, &octets, server, &mut foreign).await,
        }
    };
    let answer = timeout_at(begun + patience, exchange).await.unwrap_or(Err(Silence::Timeout));
    Exchange { answer: answer.map(|message| (message, begun.elapsed())), foreign }
}

async fn over_udp(
    question: &Question,
    octets: &[u8],
    socket: &UdpSocket,
    foreign: &mut u32,
) -> Result<Message, Silence> {
    socket.send(octets).await?;
    let mut datagram = vec![0; DATAGRAM_OCTETS];
    loop {
        let length = socket.recv(&mut datagram).await?;
        match question.read(datagram.get(..length).unwrap_or_default()) {
            Ok(message) => return Ok(message),
            Err(NoAnswer::Malformed) => return Err(Silence::Malformed),
            Err(NoAnswer::Foreign) => pass_over(foreign)?,
        }
    }
}

async fn over_tcp(
    question: &Question,
    octets: &[u8],
    server: SocketAddr,
    foreign: &mut u32,
) -> Result<Message, Silence> {
    let mut stream = TcpStream::connect(server).await?;
    // Length and message in one segment (RFC 7766, section 8).
    let length = u16::try_from(octets.len()).map_err(|_| Silence::Malformed)?;
    stream.write_all(&[&length.to_be_bytes(), octets].concat()).await?;
    loop {
        let length = stream.read_u16().await?;
        let mut message = vec![0; length.into()];
        stream.read_exact(&mut message).await?;
        match question.read(&message) {
            Ok(message) => return Ok(message),
            Err(NoAnswer::Malformed) => return Err(Silence::Malformed),
            Err(NoAnswer::Foreign) => pass_over(foreign)?,
        }
    }
}

fn pass_over(foreign: &mut u32) -> Result<(), Silence> {
    *foreign = foreign.saturating_add(1);
    if *foreign > MOST_FOREIGN { Err(Silence::Malformed) } else { Ok(()) }
}
