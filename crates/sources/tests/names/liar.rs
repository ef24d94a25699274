//! A name server of our own, over UDP alone, that answers as no real one would.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, NS, SOA};
use hickory_proto::rr::{Name, RData, Record};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// Answers as it should.
    None,
    /// Without authority.
    Lame,
    /// Cut off.
    Truncated,
    /// Names that point at themselves.
    PointerLoop,
    /// Another number first, then the truth.
    OtherNumberFirst,
    /// Another question first, then the truth.
    OtherQuestionFirst,
    /// Does not know EDNS.
    OldServer,
    /// Never answers.
    Silent,
    /// Answers to something else, by the thousand.
    Flood,
    /// Each delegation is to servers elsewhere.
    DelegatesForEver,
    /// This address for any name but those that begin with `nowhere`.
    Address(IpAddr),
}

/// The server.
pub(crate) struct Liar {
    pub(crate) address: SocketAddr,
    asked: Arc<AtomicU32>,
    task: JoinHandle<()>,
}

impl Liar {
    pub(crate) async fn start(address: IpAddr, port: u16, lie: Lie) -> Self {
        let socket = UdpSocket::bind((address, port)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicU32::new(0));
        let task = tokio::spawn(serve(socket, lie, Arc::clone(&asked)));
        Self { address, asked, task }
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(socket: UdpSocket, lie: Lie, asked: Arc<AtomicU32>) {
    let mut datagram = vec![0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
        let number = asked.fetch_add(1, Ordering::SeqCst);
        let question = Message::from_vec(&datagram[..length]).unwrap();
        for octets in answers(lie, &question, number) {
            let _sent = socket.send_to(&octets, from).await;
        }
    }
}

fn answers(lie: Lie, question: &Message, number: u32) -> Vec<Vec<u8>> {
    let name = question.queries[0].name().clone();
    let mut truth = question.clone();
    let has_edns = truth.edns.take().is_some();
    truth.metadata.message_type = MessageType::Response;
    truth.metadata.authoritative = true;
    let mut changed = truth.clone();
    let host = |text: &str| Name::from_ascii(text).unwrap();
    let soa = SOA::new(host("ns.kp."), host("who.kp."), 7, 1, 1, 1, 1);
    truth.add_answer(Record::from_rdata(name.clone(), 60, RData::SOA(soa)));
    let octets = |message: &Message| message.to_vec().unwrap();
    match lie {
        Lie::Lame => {
            truth.metadata.authoritative = false;
            vec![octets(&truth)]
        }
        Lie::Truncated => {
            changed.metadata.truncation = true;
            vec![octets(&changed)]
        }
        Lie::PointerLoop => {
            let mut octets = octets(&changed);
            octets.truncate(12);
            octets.extend([0xC0, 12, 0, 6, 0, 1]);
            vec![octets]
        }
        Lie::OtherNumberFirst => {
            changed.metadata.id = changed.metadata.id.wrapping_add(1);
            vec![octets(&changed), octets(&truth)]
        }
        Lie::OtherQuestionFirst => {
            changed.queries[0].set_name(host("kr."));
            vec![octets(&changed), octets(&truth)]
        }
        Lie::OldServer if has_edns => {
            changed.metadata.response_code = ResponseCode::FormErr;
            vec![octets(&changed)]
        }
        Lie::None | Lie::OldServer => vec![octets(&truth)],
        Lie::Silent => vec![],
        Lie::Flood => {
            changed.metadata.id = changed.metadata.id.wrapping_add(1);
            vec![octets(&changed); 1000]
        }
        Lie::DelegatesForEver => {
            changed.metadata.authoritative = false;
            for server in 0..13 {
                let server = host(&format!("ns{server}.{number}.a.b.c.d.e.elsewhere."));
                let zone = name.base_name();
                changed.add_authority(Record::from_rdata(zone, 60, RData::NS(NS(server))));
            }
            vec![octets(&changed)]
        }
        Lie::Address(IpAddr::V4(address)) if !name.to_ascii().starts_with("nowhere") => {
            changed.add_answer(Record::from_rdata(name, 60, RData::A(A(address))));
            vec![octets(&changed)]
        }
        Lie::Address(_) => {
            changed.metadata.response_code = ResponseCode::NXDomain;
            vec![octets(&changed)]
        }
    }
}
