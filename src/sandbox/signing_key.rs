//! The key that signs tokens: a file in the user's own folder, so that a token is valid in all sandboxes of the same
//! user, and nowhere else. It is created once, which takes a tenth of a second.
//!
//! An RSA key: the service uses RS256. ring creates no RSA keys, and the crate `rsa` adds 23 crates to the build, which
//! makes a first build 15 seconds longer.

use std::io::{self, Read, Write};
use std::path::Path;

use num_bigint::BigUint;
use ring::rand::{SecureRandom, SystemRandom};
use ring::rsa::KeyPair;

use crate::files;

/// The name of the key's file.
const FILE: &str = "signing-key.der";

/// The size of a prime; a key has two primes.
const PRIME_BYTES: usize = 128;

/// The usual public exponent.
const EXPONENT: u32 = 65_537;

/// The upper bound of the small primes.
const SIEVE: usize = 1 << 14;

/// The number of rounds of the Miller-Rabin test with random bases. For random numbers of this size, a composite number
/// passes 8 rounds with a probability of less than 2^-100 (Damgard, Landrock and Pomerance, 1993).
const ROUNDS: usize = 8;

/// Returns the key in a folder; creates a new one if the key is missing or invalid.
///
/// # Errors
/// The folder cannot be written, or the key belongs to another user.
pub(super) fn in_folder(folder: &Path) -> io::Result<Vec<u8>> {
    let path = folder.join(FILE);
    if let Some(known) = read(&path)? {
        return Ok(known);
    }
    let key = new().ok_or_else(|| io::Error::other("no random numbers"))?;
    files::private_folder(folder)?;
    let mut file = files::temporary_beside(&path)?;
    file.write_all(&key)?;
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(key),
        // Another process created the key first, or the file is not a valid key.
        Err(error) => match read(&path)? {
            Some(known) => Ok(known),
            // The file belongs to another user, as with `sudo`. It stays, because that user still needs it.
            None if !files::is_trusted_owner(&path.symlink_metadata()?) => Err(error.error),
            None => error.file.persist(&path).map(|_| key).map_err(|error| error.error),
        },
    }
}

/// Copies the key of one folder to another folder.
///
/// # Errors
/// The key cannot be read or created, or the other folder cannot be written.
pub(super) fn share(from: &Path, to: &Path) -> io::Result<()> {
    let key = in_folder(from)?;
    files::private_folder(to)?;
    files::replace(&to.join(FILE), &key)
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut key = Vec::new();
    match files::open_own(path) {
        Ok(Some(file)) => drop(file.take(1 << 16).read_to_end(&mut key)?),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    Ok(Some(key).filter(|key| KeyPair::from_der(key).is_ok()))
}

/// Returns a new key of 2048 bits, as PKCS#1; `None` if the system has no random numbers.
pub(super) fn new() -> Option<Vec<u8>> {
    let random = SystemRandom::new();
    let small = small_primes();
    let one = BigUint::from(1_u32);
    let exponent = BigUint::from(EXPONENT);
    loop {
        let (p, q) = (prime(&random, &small)?, prime(&random, &small)?);
        let (p, q) = if p > q { (p, q) } else { (q, p) };
        let (of_p, of_q) = (&p - &one, &q - &one);
        // There is no inverse if the exponent divides p-1 or q-1.
        let (Some(private), Some(inverse)) = (exponent.modinv(&(&of_p * &of_q)), q.modinv(&p)) else { continue };
        let (modulus, private_of_p, private_of_q) = (&p * &q, &private % of_p, &private % of_q);
        let zero = BigUint::ZERO;
        let numbers = [&zero, &modulus, &exponent, &private, &p, &q, &private_of_p, &private_of_q, &inverse];
        let key = sequence(&numbers);
        // Checks that the numbers are consistent.
        if KeyPair::from_der(&key).is_ok() {
            return Some(key);
        }
    }
}

/// Returns the odd primes below [`SIEVE`].
fn small_primes() -> Vec<u32> {
    let mut is_composite = vec![false; SIEVE];
    let mut primes = Vec::new();
    for number in (3..SIEVE).step_by(2) {
        if !is_composite[number] {
            primes.extend(u32::try_from(number));
            (number * number..SIEVE).step_by(number).for_each(|multiple| is_composite[multiple] = true);
        }
    }
    primes
}

/// Returns a random prime with its two highest bits set, so that the product of two such primes has the full length.
fn prime(random: &SystemRandom, small: &[u32]) -> Option<BigUint> {
    loop {
        let start = random_odd(random)?;
        let rests: Vec<u32> =
            small.iter().map(|prime| (&start % *prime).iter_u32_digits().next().unwrap_or_default()).collect();
        let is_divisible =
            |step: u32| small.iter().zip(&rests).any(|(prime, rest)| (rest + step).is_multiple_of(*prime));
        for step in (0..4096).step_by(2).filter(|step| !is_divisible(*step)) {
            let number = &start + step;
            if is_probable_prime(&number, random)? {
                return Some(number);
            }
        }
    }
}

fn random_odd(random: &SystemRandom) -> Option<BigUint> {
    let mut bytes = [0; PRIME_BYTES];
    random.fill(&mut bytes).ok()?;
    bytes[0] |= 0b1100_0000;
    bytes[PRIME_BYTES - 1] |= 1;
    Some(BigUint::from_bytes_be(&bytes))
}

/// Performs a Miller-Rabin test, with base 2 first and then with random bases.
fn is_probable_prime(number: &BigUint, random: &SystemRandom) -> Option<bool> {
    let one = BigUint::from(1_u32);
    let minus_one = number - &one;
    let twos = minus_one.trailing_zeros().unwrap_or_default();
    let odd = &minus_one >> twos;
    let passes = |base: &BigUint| {
        let mut power = base.modpow(&odd, number);
        if power == one || power == minus_one {
            return true;
        }
        (1..twos).any(|_| {
            power = &power * &power % number;
            power == minus_one
        })
    };
    // Nearly every composite number fails this first test, which is fast.
    if !passes(&BigUint::from(2_u32)) {
        return Some(false);
    }
    for _ in 0..ROUNDS {
        if !passes(&(random_odd(random)? >> 1_u32)) {
            return Some(false);
        }
    }
    Some(true)
}

/// Encodes integers as a DER sequence.
fn sequence(numbers: &[&BigUint]) -> Vec<u8> {
    let integers = numbers.iter().flat_map(|number| {
        let mut bytes = number.to_bytes_be();
        if bytes[0] >= 0x80 {
            bytes.insert(0, 0);
        }
        tagged(0x02, &bytes)
    });
    tagged(0x30, &integers.collect::<Vec<_>>())
}

/// Encodes a DER value: tag, length, content. The content is always shorter than 64 KiB.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    let head = match (high, low) {
        (0, short) if short < 0x80 => vec![tag, short],
        (0, long) => vec![tag, 0x81, long],
        _ => vec![tag, 0x82, high, low],
    };
    [head, content.to_vec()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_told_from_other_numbers() {
        let random = SystemRandom::new();
        let number = |text: &str| text.parse::<BigUint>().unwrap();
        let small = small_primes();
        assert_eq!((&small[..4], small.len()), (&[3, 5, 7, 11][..], 1899));
        // 2^127-1 is prime; the others pass the test with base 2 alone, or are products of large primes.
        for (text, is_prime) in [
            ("170141183460469231731687303715884105727", true),
            ("3215031751", false),
            ("2047", false),
            ("1373653", false),
            ("340282366920938463463374607431768211457", false),
        ] {
            assert_eq!(is_probable_prime(&number(text), &random), Some(is_prime), "{text}");
        }
    }

    #[test]
    fn a_key_is_made_once_and_one_that_is_none_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("sandbox");
        let first = in_folder(&inner).unwrap();
        assert_eq!(KeyPair::from_der(&first).unwrap().public().modulus_len(), 256);
        assert_eq!(in_folder(&inner).unwrap(), first);
        std::fs::write(inner.join(FILE), "no key").unwrap();
        let second = in_folder(&inner).unwrap();
        assert_ne!(second, first);
        assert_eq!(in_folder(&inner).unwrap(), second);
    }
}
