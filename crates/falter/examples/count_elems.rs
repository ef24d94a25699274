//! Counts the elements of an MRT file with bgpkit-parser, as its users would: the peer that `make
//! bench` compares with. Reads through a buffer, since the parser itself does not.

#![expect(clippy::print_stdout, reason = "a tool prints")]

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read};

use bgpkit_parser::BgpkitParser;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: count_elems FILE")?;
    let mut head = [0; 3];
    File::open(&path)?.read_exact(&mut head)?;
    let file = BufReader::with_capacity(1 << 20, File::open(&path)?);
    let reader: Box<dyn Read> = match &head {
        [0x1f, 0x8b, _] => {
            Box::new(BufReader::with_capacity(1 << 20, flate2::bufread::MultiGzDecoder::new(file)))
        }
        b"BZh" => {
            Box::new(BufReader::with_capacity(1 << 20, bzip2::bufread::MultiBzDecoder::new(file)))
        }
        _ => Box::new(file),
    };
    println!("{}", BgpkitParser::from_reader(reader).into_elem_iter().count());
    Ok(())
}
