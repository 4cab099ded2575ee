//! The one place secrets are drawn from. No generator is passed in: a secret that repeats is none.

use zeroize::Zeroizing;

/// Bytes nobody can foresee.
pub(crate) fn draw<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).expect("the operating system never runs out of randomness");
    bytes
}
