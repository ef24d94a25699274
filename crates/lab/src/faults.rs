//! Every way in which the country can be broken.
