//! Hashes, keyed hashes and random bytes: the functions in C below OTP's module `crypto`. Ciphers, keys, curves and engines are not
//! there, and `crypto:supports/1` says so.
//!
//! A context of a hash or of a keyed hash is a binary here, as `erlang:md5_init/0` has it in OTP, where these are references: so it is
//! a value that is never changed. Errors name the places in OTP 25's C code, which is what programs see there.
//!
//! Source: the documentation of `crypto`; RFC 2104 for HMAC, RFC 8018 for PBKDF2.

use super::arguments::{atom, bytes, count};
use super::iolists::each_run;
use crate::bif::table::natives;
use crate::bif::{Class, Ctx, EffectResult, PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::term::Atom;
use md5::digest::common::BlockSizeUser;
use md5::digest::common::hazmat::SerializableState;
use md5::{Digest, Md5};
use num_bigint::BigUint;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

natives! { ROWS:
    pure "crypto" "info_nif" 0 = info;
    pure "crypto" "info_fips" 0 = info_fips;
    pure "crypto" "hash_algorithms" 0 = hash_algorithms;
    pure "crypto" "mac_algorithms" 0 = mac_algorithms;
    pure "crypto" "cipher_algorithms" 0 = nothing;
    pure "crypto" "pubkey_algorithms" 0 = nothing;
    pure "crypto" "curve_algorithms" 0 = nothing;
    pure "crypto" "rsa_opts_algorithms" 0 = nothing;
    pure "crypto" "hash_info_nif" 1 = hash_info;
    pure "crypto" "hash_nif" 2 = hash;
    pure "crypto" "hash_init_nif" 1 = hash_init;
    pure "crypto" "hash_update_nif" 2 = hash_update;
    pure "crypto" "hash_final_nif" 1 = hash_final;
    pure "crypto" "mac_nif" 4 = mac;
    pure "crypto" "mac_init_nif" 3 = mac_init;
    pure "crypto" "mac_update_nif" 2 = mac_update;
    pure "crypto" "mac_final_nif" 1 = mac_final;
    pure "crypto" "pbkdf2_hmac_nif" 5 = pbkdf2_hmac;
    pure "crypto" "hash_equals_nif" 2 = hash_equals;
    pure "crypto" "do_exor" 2 = exor;
    pure "crypto" "mod_exp_nif" 4 = mod_exp;
    pure "crypto" "rand_seed_nif" 1 = rand_seed;
    effect "crypto" "strong_rand_bytes_nif" 1 = strong_rand_bytes, MakeCounters;
    effect "crypto" "strong_rand_range_nif" 1 = strong_rand_range, MakeCounters;
    effect "crypto" "rand_uniform_nif" 2 = rand_uniform, MakeCounters;
}

/// Bytes of a hash at most.
const DIGEST_BYTES_MAX: usize = 64;

/// A hash function. Its states are bytes: what was begun can go on from there.
struct Hash {
    /// OTP's name of it, and the number that OpenSSL gives it.
    name: &'static str,
    number: i64,
    count_bytes: usize,
    block_bytes: fn() -> usize,
    digest_bytes: fn() -> usize,
    whole: fn(&[u8]) -> Vec<u8>,
    /// The state after these bytes.
    begin: fn(&[u8]) -> Vec<u8>,
    /// The state after more bytes; `None` if it is none.
    go_on: fn(&[u8], &[u8]) -> Option<Vec<u8>>,
    /// The digest after the last bytes.
    end: fn(&[u8], &[u8]) -> Option<Vec<u8>>,
}

static HASHES: [Hash; 10] = [
    hash_of::<Sha3_512>("sha3_512", 1099, 0),
    hash_of::<Sha3_384>("sha3_384", 1098, 0),
    hash_of::<Sha3_256>("sha3_256", 1097, 0),
    hash_of::<Sha3_224>("sha3_224", 1096, 0),
    hash_of::<Sha512>("sha512", 674, 16),
    hash_of::<Sha384>("sha384", 673, 16),
    hash_of::<Sha256>("sha256", 672, 8),
    hash_of::<Sha224>("sha224", 675, 8),
    hash_of::<Sha1>("sha", 64, 8),
    hash_of::<Md5>("md5", 4, 8),
];

/// A function whose states have a count of blocks in so many bytes, before the block that is not full yet.
const fn hash_of<D: Digest + BlockSizeUser + SerializableState>(
    name: &'static str,
    number: i64,
    count_bytes: usize,
) -> Hash {
    fn state<D: SerializableState>(bytes: &[u8]) -> Option<D> {
        D::deserialize(bytes.try_into().ok()?).ok()
    }
    Hash {
        name,
        number,
        count_bytes,
        block_bytes: <D as BlockSizeUser>::block_size,
        digest_bytes: <D as Digest>::output_size,
        whole: |data| D::digest(data).to_vec(),
        begin: |first| D::new_with_prefix(first).serialize().to_vec(),
        go_on: |from, more| Some(state::<D>(from)?.chain_update(more).serialize().to_vec()),
        end: |from, last| Some(state::<D>(from)?.chain_update(last).finalize().to_vec()),
    }
}

impl Hash {
    fn named(name: Atom) -> Option<&'static Hash> {
        HASHES.iter().find(|hash| hash.name == name.text())
    }

    /// Whether a state can be one of so many blocks as anybody could have hashed: a program may have made it up.
    fn is_plausible(&self, state: &[u8]) -> bool {
        const COUNT_BYTES_USED: usize = 6;
        let counts = state.len().checked_sub((self.block_bytes)() + self.count_bytes);
        let count = counts.map(|at| &state[at..at + self.count_bytes]);
        count.is_some_and(|count| count.iter().skip(COUNT_BYTES_USED).all(|&byte| byte == 0))
    }

    /// A key as a block that is combined with a byte.
    fn padded(&self, key: &[u8], with: u8) -> Vec<u8> {
        let size = (self.block_bytes)();
        let mut block = if key.len() > size { (self.whole)(key) } else { key.to_vec() };
        block.resize(size, 0);
        block.iter_mut().for_each(|byte| *byte ^= with);
        block
    }
}

/// A keyed hash with the key taken in: the states of the inner hash and of the outer one.
#[derive(Clone)]
struct Keyed {
    hash: &'static Hash,
    inner: Vec<u8>,
    outer: Vec<u8>,
}

impl Keyed {
    fn new(hash: &'static Hash, key: &[u8]) -> Keyed {
        let (inner, outer) = ((hash.begin)(&hash.padded(key, 0x36)), (hash.begin)(&hash.padded(key, 0x5c)));
        Keyed { hash, inner, outer }
    }

    fn of(&self, data: &[u8]) -> Option<Vec<u8>> {
        (self.hash.end)(&self.outer, &(self.hash.end)(&self.inner, data)?)
    }

    fn to_bytes(&self) -> Vec<u8> {
        context(KEYED, self.hash, &[&self.outer, &self.inner])
    }

    fn from_bytes(bytes: &[u8]) -> Option<Keyed> {
        let (hash, states) = states_of(KEYED, bytes)?;
        let (outer, inner) = states.split_at(states.len() / 2);
        Some(Keyed { hash, inner: inner.to_vec(), outer: outer.to_vec() })
    }
}

/// What the binary of a context begins with.
const PLAIN: u8 = b'h';
const KEYED: u8 = b'k';

fn context(kind: u8, hash: &Hash, states: &[&[u8]]) -> Vec<u8> {
    let place = HASHES.iter().position(|other| other.name == hash.name).expect("all are listed");
    let mut bytes = vec![kind, place as u8];
    states.iter().for_each(|state| bytes.extend_from_slice(state));
    bytes
}

fn states_of(kind: u8, bytes: &[u8]) -> Option<(&'static Hash, &[u8])> {
    let [of_kind, place, states @ ..] = bytes else { return None };
    let hash = HASHES.get(usize::from(*place))?;
    let count = if kind == KEYED { 2 } else { 1 };
    let plausible = states.len() % count == 0
        && states.chunks((states.len() / count).max(1)).all(|state| hash.is_plausible(state));
    (*of_kind == kind && plausible).then_some((hash, states))
}

/// Where in OTP's C code an error comes from: file, line, and the argument that was wrong, counted from 0.
type Place = (&'static str, i64, i64);

/// The error that `crypto`'s own code makes `{badarg, {File, Line}, Text}` of.
fn failed<'h>(m: &mut Mutator<'h>, (file, line, argument): Place, text: &str) -> Raise<'h> {
    let mut build = || -> PureResult<'h> {
        let key = |name| Term::atom(Atom::known(name));
        let file = m.text_list(file)?;
        let pairs = [
            (key("c_file_name"), file),
            (key("c_file_line_num"), Term::small(line)),
            (key("c_function_arg_num"), Term::small(argument)),
        ];
        let about = m.map(&pairs)?;
        let text = m.text_list(text)?;
        Ok(m.tuple(&[Term::atom(Atom::BADARG), about, text])?)
    };
    match build() {
        Ok(reason) => Raise::With(Class::Error, reason),
        Err(raise) => raise,
    }
}

fn hash_named<'h>(
    m: &mut Mutator<'h>,
    term: Term<'h>,
    place: Place,
    text: &str,
) -> Result<&'static Hash, Raise<'h>> {
    atom(term).ok().and_then(Hash::named).ok_or_else(|| failed(m, place, text))
}

fn info<'h>(m: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    let link = Term::atom(Atom::known("static"));
    let pairs = [(Term::atom(Atom::known("link_type")), link)];
    Ok(m.map(&pairs)?)
}

fn info_fips<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::atom(Atom::known("not_supported")))
}

fn hash_algorithms<'h>(m: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    let names = HASHES.each_ref().map(|hash| Term::atom(Atom::known(hash.name)));
    Ok(m.list(&names)?)
}

fn mac_algorithms<'h>(m: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(m.list(&[Term::atom(Atom::known("hmac"))])?)
}

fn nothing<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::nil())
}

fn hash_info<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let hash = Hash::named(atom(a[0])?).ok_or(Raise::BADARG)?;
    let key = |name| Term::atom(Atom::known(name));
    let pairs = [
        (key("block_size"), Term::small((hash.block_bytes)() as i64)),
        (key("size"), Term::small((hash.digest_bytes)() as i64)),
        (key("type"), Term::small(hash.number)),
    ];
    Ok(m.map(&pairs)?)
}

fn hash<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let hash = hash_named(m, a[0], ("hash.c", 108, 0), "Bad digest type")?;
    let digest = (hash.whole)(&joined(m, a[1])?);
    Ok(m.binary(&digest)?)
}

fn hash_init<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let hash = hash_named(m, a[0], ("hash.c", 142, 0), "Bad digest type")?;
    Ok(m.binary(&context(PLAIN, hash, &[&(hash.begin)(&[])]))?)
}

fn hash_update<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let more = joined(m, a[1])?;
    let next = bytes(m, a[0]).ok().and_then(|old| {
        let (hash, state) = states_of(PLAIN, &old)?;
        Some(context(PLAIN, hash, &[&(hash.go_on)(state, &more)?]))
    });
    let next = next.ok_or_else(|| failed(m, ("hash.c", 171, 0), "Bad state"))?;
    Ok(m.binary(&next)?)
}

fn hash_final<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let digest = bytes(m, a[0]).ok().and_then(|old| {
        let (hash, state) = states_of(PLAIN, &old)?;
        (hash.end)(state, &[])
    });
    let digest = digest.ok_or_else(|| failed(m, ("hash.c", 205, 0), "Bad state"))?;
    Ok(m.binary(&digest)?)
}

/// The keyed hash that the first three arguments say.
fn keyed<'h>(m: &mut Mutator<'h>, a: &[Term<'h>], unknown: Place, bad: Place) -> Result<Keyed, Raise<'h>> {
    if atom(a[0])?.text() != "hmac" {
        return Err(failed(m, unknown, "Unknown mac algorithm"));
    }
    let hash = hash_named(m, a[1], bad, "Bad digest algorithm for HMAC")?;
    Ok(Keyed::new(hash, &joined(m, a[2])?))
}

/// Bytes that may be an iolist.
fn joined<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Vec<u8>, Raise<'h>> {
    let mut all = Vec::new();
    each_run(m, term, |run| all.extend_from_slice(run))?;
    Ok(all)
}

/// That the states are a keyed hash's was seen when it was read.
const STATES: &str = "the states are those of a hash that has begun";

fn mac<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let keyed = keyed(m, a, ("mac.c", 233, 0), ("mac.c", 263, 1))?;
    let digest = keyed.of(&joined(m, a[3])?).expect(STATES);
    Ok(m.binary(&digest)?)
}

fn mac_init<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let keyed = keyed(m, a, ("mac.c", 587, 0), ("mac.c", 617, 1))?;
    Ok(m.binary(&keyed.to_bytes())?)
}

fn mac_update<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let more = joined(m, a[1])?;
    let next = bytes(m, a[0]).ok().and_then(|old| {
        let keyed = Keyed::from_bytes(&old)?;
        let inner = (keyed.hash.go_on)(&keyed.inner, &more)?;
        Some(Keyed { inner, ..keyed }.to_bytes())
    });
    let next = next.ok_or_else(|| failed(m, ("mac.c", 817, 0), "Bad ref"))?;
    Ok(m.binary(&next)?)
}

fn mac_final<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let digest = bytes(m, a[0]).ok().and_then(|old| Keyed::from_bytes(&old)?.of(&[]));
    let digest = digest.ok_or_else(|| failed(m, ("mac.c", 847, 0), "Bad ref"))?;
    Ok(m.binary(&digest)?)
}

/// Hash, password, salt, iterations, bytes wanted.
fn pbkdf2_hmac<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let hash = hash_named(m, a[0], ("pbkdf2_hmac.c", 34, 0), "Bad digest type")?;
    let binary = |m: &mut Mutator<'h>, at: usize, line| match bytes(m, a[at]).map(|bytes| bytes.into_owned())
    {
        Ok(bytes) => Ok(bytes),
        Err(_) => Err(failed(m, ("pbkdf2_hmac.c", line, at as i64), "Not binary")),
    };
    let (password, salt) = (binary(m, 1, 41)?, binary(m, 2, 44)?);
    let positive = |term: Term<'h>| term.as_small().and_then(|n| u32::try_from(n).ok()).filter(|&n| n > 0);
    let rounds = positive(a[3]).ok_or_else(|| failed(m, ("pbkdf2_hmac.c", 49, 3), "Must be > 0"))?;
    let wanted = positive(a[4]).ok_or_else(|| failed(m, ("pbkdf2_hmac.c", 54, 4), "Must be > 0"))? as usize;
    let keyed = Keyed::new(hash, &password);
    let mut key = Vec::new();
    for block in 1u32.. {
        if key.len() >= wanted {
            break;
        }
        let mut round = keyed.of(&[&salt[..], &block.to_be_bytes()].concat()).expect(STATES);
        let mut sum = round.clone();
        for _ in 1..rounds {
            round = keyed.of(&round).expect(STATES);
            sum.iter_mut().zip(&round).for_each(|(byte, other)| *byte ^= other);
        }
        key.try_reserve(DIGEST_BYTES_MAX).map_err(|_| Raise::SYSTEM_LIMIT)?;
        key.extend_from_slice(&sum);
    }
    key.truncate(wanted);
    Ok(m.binary(&key)?)
}

/// In a time that does not say where they differ.
fn hash_equals<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let (one, other) = (bytes(m, a[0])?, bytes(m, a[1])?);
    if one.len() != other.len() {
        return Err(Raise::BADARG);
    }
    let different = one.iter().zip(other.iter()).fold(0, |sum, (a, b)| sum | (a ^ b));
    Ok(Term::boolean(different == 0))
}

fn exor<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let (one, other) = (bytes(m, a[0])?, bytes(m, a[1])?);
    if one.len() != other.len() {
        return Err(Raise::BADARG);
    }
    let both: Vec<u8> = one.iter().zip(other.iter()).map(|(a, b)| a ^ b).collect();
    Ok(m.binary(&both)?)
}

/// Base, exponent, modulus, all without a sign and big-endian, and the bytes of length before the result: 0 or 4.
fn mod_exp<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let number = |term| Ok::<_, Raise<'h>>(BigUint::from_bytes_be(&bytes(m, term)?));
    let (base, exponent, modulus) = (number(a[0])?, number(a[1])?, number(a[2])?);
    if modulus == BigUint::ZERO {
        return Err(Raise::BADARG);
    }
    let power = base.modpow(&exponent, &modulus).to_bytes_be();
    let answer = if a[3].as_small() == Some(4) { with_length(power) } else { power };
    Ok(m.binary(&answer)?)
}

/// A number as OpenSSL writes it: four bytes of length, and no bit that could be a sign.
fn with_length(mut number: Vec<u8>) -> Vec<u8> {
    if number.first().is_some_and(|byte| byte & 0x80 != 0) {
        number.insert(0, 0);
    }
    let mut bytes = (number.len() as u32).to_be_bytes().to_vec();
    bytes.append(&mut number);
    bytes
}

/// The number that was written so.
fn number_of(bytes: &[u8]) -> Option<BigUint> {
    let (length, number) = bytes.split_first_chunk()?;
    (u32::from_be_bytes(*length) as usize == number.len()).then(|| BigUint::from_bytes_be(number))
}

/// The source needs no seed.
fn rand_seed<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let _ = bytes(m, a[0])?;
    Ok(Term::atom(Atom::OK))
}

fn drawn<'h>(ctx: &mut Ctx<'h, '_>, length: usize) -> Result<Vec<u8>, Raise<'h>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| Raise::SYSTEM_LIMIT)?;
    bytes.resize(length, 0);
    ctx.world.strong_random(ctx.control.pid, &mut bytes);
    Ok(bytes)
}

fn strong_rand_bytes<'h>(ctx: &mut Ctx<'h, '_>, a: &[Term<'h>]) -> EffectResult<'h> {
    let length = count(a[0])?;
    let bytes = drawn(ctx, length)?;
    Ok(ctx.m.binary(&bytes)?.into())
}

/// A number below this one. The bytes are so many that the remainder favours none noticeably.
fn below<'h>(ctx: &mut Ctx<'h, '_>, range: &BigUint) -> Result<BigUint, Raise<'h>> {
    const BYTES_MORE: u64 = 16;
    if *range == BigUint::ZERO {
        return Err(Raise::BADARG);
    }
    let bytes = drawn(ctx, (range.bits() / 8 + BYTES_MORE) as usize)?;
    Ok(BigUint::from_bytes_be(&bytes) % range)
}

/// Of a range that is written big-endian.
fn strong_rand_range<'h>(ctx: &mut Ctx<'h, '_>, a: &[Term<'h>]) -> EffectResult<'h> {
    let range = BigUint::from_bytes_be(&bytes(&ctx.m, a[0])?);
    let number = below(ctx, &range)?;
    Ok(ctx.m.binary(&number.to_bytes_be())?.into())
}

fn rand_uniform<'h>(ctx: &mut Ctx<'h, '_>, a: &[Term<'h>]) -> EffectResult<'h> {
    let number = |term| number_of(&bytes(&ctx.m, term)?).ok_or(Raise::BADARG);
    let (from, to) = (number(a[0])?, number(a[1])?);
    if to <= from {
        return Err(Raise::BADARG);
    }
    let drawn = below(ctx, &(&to - &from))?;
    Ok(ctx.m.binary(&with_length((from + drawn).to_bytes_be()))?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contexts are binaries, so a program can make any up.
    #[test]
    fn states_that_are_made_up_are_refused_or_go_on() {
        for hash in &HASHES {
            let state = (hash.begin)(b"some bytes");
            assert!(hash.is_plausible(&state), "{}", hash.name);
            for at in 0..state.len() {
                let mut changed = state.clone();
                changed[at] = 0xff;
                if hash.is_plausible(&changed) {
                    let more = (hash.go_on)(&changed, &[0; 300]);
                    assert_eq!(more.is_some(), (hash.end)(&changed, b"").is_some(), "{} {at}", hash.name);
                }
            }
        }
    }
}
