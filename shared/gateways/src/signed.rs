//! HMAC-SHA256 signatures in hexadecimal digits, as partners put them on what they send.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

const BYTES: usize = 32;

/// A signature.
#[derive(Clone, Copy, Debug)]
pub struct Digest([u8; BYTES]);

impl Digest {
    /// Reads 64 hexadecimal digits of either case.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let digits = hex.as_bytes();
        if digits.len() != 2 * BYTES {
            return None;
        }
        let value = |digit: u8| char::from(digit).to_digit(16);
        let mut bytes = [0; BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::try_from(value(pair[0])? * 16 + value(pair[1])?).ok()?;
        }
        Some(Self(bytes))
    }
}

/// Whether one of `given` is the signature of `parts`, one after the other, under one of `keys`.
/// Takes the same time whichever of them it is.
pub fn is_genuine<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>, parts: &[&[u8]], given: &[Digest]) -> bool {
    let mut genuine = Choice::from(0);
    for key in keys {
        let made = sign(key.as_ref(), parts);
        for Digest(given) in given {
            // No early way out: the time taken must not tell which key it was, or how much of a guess was right.
            genuine |= made.map_or(Choice::from(0), |Digest(made)| made.ct_eq(given));
        }
    }
    genuine.into()
}

fn sign(key: &[u8], parts: &[&[u8]]) -> Option<Digest> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(Digest(mac.finalize().into_bytes().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    const DIGEST: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    #[test]
    fn one_key_and_one_signature_of_many_are_enough() {
        let (right, wrong) = (Digest::from_hex(DIGEST).unwrap(), Digest([7; BYTES]));
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        #[rustfmt::skip]
        let table: [(&[&str], &[Digest], bool); 7] = [
            (&["Jefe"],        &[right],        true),  (&["new", "Jefe"], &[wrong, right], true),
            (&["Jefe", "old"], &[right, wrong], true),  (&["new", "old"],  &[right],        false),
            (&["Jefe"],        &[wrong],        false), (&["Jefe"],        &[],             false),
            (&[],              &[right],        false),
        ];
        for (keys, given, genuine) in table {
            assert_eq!(is_genuine(keys, &parts, given), genuine, "{keys:?} {given:?}");
        }
        assert!(!is_genuine(["Jefe"], &parts[..1], &[right]));
    }

    #[test]
    fn a_digest_has_64_hexadecimal_digits() {
        assert!(Digest::from_hex(&DIGEST.to_uppercase()).is_some());
        let (long, foreign) = (format!("{DIGEST}00"), "é".repeat(32));
        for text in ["", &DIGEST[1..], &long, &foreign, &DIGEST.replacen('5', "+", 1), &DIGEST.replacen('5', "g", 1)] {
            assert!(Digest::from_hex(text).is_none(), "{text}");
        }
    }
}
