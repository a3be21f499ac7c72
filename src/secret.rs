//! Values that must not be seen: keys, tokens. `Debug` prints a fixed word, there is no `Display`,
//! memory is cleared on drop, and [`ExposeSecret::expose_secret`] is the one way to the value.

pub use secrecy::{ExposeSecret, SecretString};
