//! Lists of prefixes: NLRI and withdrawn routes (RFC 4271, section 4.3), with path identifiers
//! where those were agreed on (RFC 7911).
//!
//! ```text
//! +--------------------------------+
//! | Path Identifier (4 octets)     |   only with add-path
//! +--------------------------------+
//! | Length (1 octet)               |   in bits
//! +--------------------------------+
//! | Prefix (variable)              |   as many octets as hold the bits
//! +--------------------------------+
//! ```

use falter_model::{Family, Prefix};

use crate::Malformed;
use crate::cursor::Cursor;

/// A list of prefixes that is read one by one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nlri<'a> {
    octets: Cursor<'a>,
    family: Family,
    add_path: bool,
}

impl<'a> Nlri<'a> {
    /// A list as its record announces it.
    ///
    /// Some writers (BIRD before it knew RFC 8050) put lists with path identifiers into records that
    /// are said to have none. Identifiers are small in practice, so such a list begins with a zero
    /// octet, which else is a default route; it is taken for what it is where only that makes sense.
    #[inline]
    pub(crate) fn new(octets: Cursor<'a>, family: Family, add_path: bool) -> Self {
        let list = Self { octets, family, add_path };
        if !add_path && octets.rest().first() == Some(&0) && list.has_hidden_identifiers() {
            return Self { add_path: true, ..list };
        }
        list
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    pub(crate) const fn family(&self) -> Family {
        self.family
    }

    /// The next prefix with its path identifier. After an error there is nothing more to read: the
    /// place of the next prefix is unknown.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<Result<(Prefix, Option<u32>), Malformed>> {
        if self.octets.is_empty() {
            return None;
        }
        let route = self.route();
        if route.is_err() {
            self.octets = Cursor::new(&[], self.octets.offset());
        }
        Some(route)
    }

    #[inline]
    fn route(&mut self) -> Result<(Prefix, Option<u32>), Malformed> {
        let path_id = if self.add_path { Some(self.octets.u32("path identifier")?) } else { None };
        Ok((prefix(&mut self.octets, self.family)?, path_id))
    }

    /// Without identifiers it can't be read, or tells the default route more than once; with
    /// identifiers it can be read to the end.
    #[cold]
    fn has_hidden_identifiers(self) -> bool {
        let as_it_says = self.read_through();
        let is_senseless = as_it_says.is_none_or(|default_routes| default_routes > 1);
        is_senseless && Self { add_path: true, ..self }.read_through().is_some()
    }

    /// How many default routes it tells; `None` where it can't be read to the end.
    fn read_through(mut self) -> Option<usize> {
        let mut default_routes = 0_usize;
        while let Some(route) = self.next() {
            let (prefix, _) = route.ok()?;
            default_routes = default_routes.saturating_add((prefix.length() == 0).into());
        }
        Some(default_routes)
    }
}

/// A prefix: its length in bits, then as many octets as hold them. Bits beyond the length are
/// dropped, whatever they are.
#[inline]
pub(crate) fn prefix(cursor: &mut Cursor<'_>, family: Family) -> Result<Prefix, Malformed> {
    let length = cursor.u8("prefix length")?;
    let (expected, made) = match family {
        Family::V4 => ("at most 32", v4(cursor, length)?),
        Family::V6 => ("at most 128", v6(cursor, length)?),
    };
    made.ok_or_else(|| cursor.value_before(1, "prefix length", expected, length.into()))
}

fn v4(cursor: &mut Cursor<'_>, length: u8) -> Result<Option<Prefix>, Malformed> {
    if length > 32 {
        return Ok(None);
    }
    let address = u32::from_be_bytes(padded(cursor, length)?);
    Ok(Prefix::v4(address, length).ok())
}

fn v6(cursor: &mut Cursor<'_>, length: u8) -> Result<Option<Prefix>, Malformed> {
    if length > 128 {
        return Ok(None);
    }
    let address = u128::from_be_bytes(padded(cursor, length)?);
    Ok(Prefix::v6(address, length).ok())
}

/// The octets that hold `length` bits, as the first of an address.
#[inline]
fn padded<const N: usize>(cursor: &mut Cursor<'_>, length: u8) -> Result<[u8; N], Malformed> {
    let octets = usize::from(length).div_ceil(8);
    // Where more octets follow than the address has, all are copied at once: what is too much is
    // masked away by the prefix.
    if let Some(address) = cursor.rest().first_chunk::<N>() {
        let address = *address;
        cursor.take(octets, "prefix")?;
        return Ok(address);
    }
    let mut address = [0; N];
    for (to, from) in address.iter_mut().zip(cursor.take(octets, "prefix")?) {
        *to = *from;
    }
    Ok(address)
}
