//! Compressed input: told by its first octets, decoded ahead of its reader.
