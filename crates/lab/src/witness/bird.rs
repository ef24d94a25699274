//! Talking to BIRD through its control socket: as birdc does, without a process a question.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

/// How long BIRD may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// A conversation with BIRD.
#[derive(Debug)]
pub(crate) struct Conversation {
    stream: BufReader<UnixStream>,
}

impl Conversation {
    /// Begins to talk.
    pub(crate) fn begin(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut conversation = Self { stream: BufReader::new(stream) };
        // BIRD greets first.
        conversation.answer()?;
        Ok(conversation)
    }

    /// Says something, and gives the lines of the answer.
    pub(crate) fn ask(&mut self, words: &str) -> Result<Vec<String>> {
        writeln!(self.stream.get_mut(), "{words}")?;
        self.answer()
    }

    /// The lines of an answer: all but the last have a code and a dash, or a space in front where the
    /// code is that of the line before.
    fn answer(&mut self) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                bail!("BIRD hung up");
            }
            let is_last = line.bytes().take(4).all(|octet| octet.is_ascii_digit())
                && line.as_bytes().get(4) == Some(&b' ');
            lines.push(line);
            if is_last {
                return Ok(lines);
            }
        }
    }
}
