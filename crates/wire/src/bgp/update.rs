//! The UPDATE message (RFC 4271, section 4.3): what is withdrawn, the attributes, what is announced.
//!
//! ```text
//! +-----------------------------------------------------+
//! |   Withdrawn Routes Length (2 octets)                |
//! +-----------------------------------------------------+
//! |   Withdrawn Routes (variable)                       |
//! +-----------------------------------------------------+
//! |   Total Path Attribute Length (2 octets)            |
//! +-----------------------------------------------------+
//! |   Path Attributes (variable)                        |
//! +-----------------------------------------------------+
//! |   Network Layer Reachability Information (variable) |
//! +-----------------------------------------------------+
//! ```

use falter_model::{Family, Prefix};

use super::nlri::Nlri;
use super::{Attributes, Context};
use crate::cursor::Cursor;
use crate::{Cost, Fault, Malformed};

/// An update whose parts are known, but not yet read.
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    withdrawn: Cursor<'a>,
    attributes: Cursor<'a>,
    announced: Cursor<'a>,
    context: Context,
    /// A length that does not fit, found while the parts were looked for.
    broken: Option<Malformed>,
}

/// A route of an update.
#[derive(Debug, Clone, Copy)]
pub struct UpdateRoute<'r> {
    /// What it is about.
    pub prefix: Prefix,
    /// Which of several paths to it (RFC 7911); `None` where there is one.
    pub path_id: Option<u32>,
    /// How it is reached; `None` where it is withdrawn.
    pub attributes: Option<&'r Attributes<'r>>,
}

impl<'a> Update<'a> {
    /// Finds the parts. Where their lengths do not fit the message, those before are kept.
    pub(crate) fn find(mut body: Cursor<'a>, context: Context) -> Result<Self, Malformed> {
        let nothing = Cursor::new(&[], body.offset());
        let length = body.u16("length of withdrawn routes")?;
        let withdrawn = body.split(length.into(), "withdrawn routes")?;
        let mut update =
            Self { withdrawn, attributes: nothing, announced: nothing, context, broken: None };
        match Self::attributes_of(&mut body) {
            Ok(attributes) => {
                update.attributes = attributes;
                update.announced = body;
            }
            Err(what) => update.broken = Some(what),
        }
        Ok(update)
    }

    fn attributes_of(body: &mut Cursor<'a>) -> Result<Cursor<'a>, Malformed> {
        let length = body.u16("length of attributes")?;
        body.split(length.into(), "attributes")
    }

    /// Tells every route, withdrawn ones first, and every fault where it occurs.
    ///
    /// An update should not hold a prefix both as withdrawn and as announced; where one does, the
    /// announcement counts (RFC 4271, section 4.3), so it comes last.
    #[inline]
    pub fn visit(&self, mut tell: impl FnMut(Result<UpdateRoute<'_>, Fault>)) {
        let Context { add_path, .. } = self.context;
        let v4 = |octets| Nlri::new(octets, Family::V4, add_path);
        routes(v4(self.withdrawn), None, &mut tell);
        if self.attributes.is_empty() && self.announced.is_empty() {
            if let Some(what) = self.broken {
                tell(Err(what.costs(Cost::Rest)));
            }
            return;
        }
        let (attributes, usable) =
            Attributes::read(self.attributes, self.context, &mut |fault| tell(Err(fault)));
        if let Some(withdrawn) = attributes.unreachable() {
            routes(withdrawn, None, &mut tell);
        }
        for announced in [Some(v4(self.announced)), attributes.reachable()].into_iter().flatten() {
            if announced.is_empty() {
                continue;
            }
            let missing = attributes.missing(announced.family());
            if let Some(expected) = missing
                && usable
            {
                let offset = self.attributes.offset();
                let field = "mandatory attribute";
                let found = 0;
                let what = Malformed::Value { offset, field, expected, found };
                tell(Err(what.costs(Cost::Routes)));
            }
            let shown = (usable && missing.is_none()).then_some(&attributes);
            routes(announced, shown, &mut tell);
        }
    }
}

/// Tells the routes of one list, and where it can't be read any further.
#[inline]
fn routes<'r>(
    mut list: Nlri<'_>,
    attributes: Option<&'r Attributes<'r>>,
    tell: &mut impl FnMut(Result<UpdateRoute<'r>, Fault>),
) {
    while let Some(route) = list.next() {
        tell(match route {
            Ok((prefix, path_id)) => Ok(UpdateRoute { prefix, path_id, attributes }),
            Err(what) => Err(what.costs(Cost::Rest)),
        });
    }
}
