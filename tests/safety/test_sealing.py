"""What is sealed opens with the same key, about the same thing, unchanged; and never otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from meetmates.safety.sealing import Sealer, Unreadable

KEY = b"a key of thirty-two random bytes"
SEALER = Sealer(KEY)
PLAIN = b"what was said"


@given(some.binary(max_size=2000), some.text(max_size=50))
def test_it_opens_as_what_was_sealed(plain: bytes, about: str) -> None:
    assert Sealer(KEY).open(SEALER.seal(plain, about), about) == plain


def test_it_shows_nothing_and_never_looks_the_same() -> None:
    one, other = SEALER.seal(PLAIN, "a"), SEALER.seal(PLAIN, "a")
    assert one != other
    assert PLAIN not in one + other
    assert one[1:13] != other[1:13]  # a nonce that came twice would undo the cipher


def test_the_first_byte_is_the_version() -> None:
    assert SEALER.seal(PLAIN, "a")[0] == 1


def test_the_key_of_the_cipher_is_not_the_key_that_was_given() -> None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sealed = SEALER.seal(PLAIN, "a")
    with pytest.raises(InvalidTag):
        AESGCM(KEY).decrypt(sealed[1:13], sealed[13:], b"\x01a")


@pytest.mark.parametrize("key", [KEY[:-1] + b"?", KEY + b"\0", KEY[::-1]])
def test_another_key_opens_nothing(key: bytes) -> None:
    with pytest.raises(Unreadable):
        Sealer(key).open(SEALER.seal(PLAIN, "a"), "a")


@pytest.mark.parametrize("about", ["b", "", "a ", "A", "evidence a"])
def test_about_something_else_it_does_not_open(about: str) -> None:
    with pytest.raises(Unreadable):
        SEALER.open(SEALER.seal(PLAIN, "a"), about)


def test_no_bit_of_it_can_be_changed() -> None:
    sealed = SEALER.seal(PLAIN, "a")
    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises(Unreadable):
                SEALER.open(bytes(changed), "a")


def test_nothing_can_be_cut_off_or_added() -> None:
    sealed = SEALER.seal(PLAIN, "a")
    for length in range(len(sealed)):
        with pytest.raises(Unreadable):
            SEALER.open(sealed[:length], "a")
    with pytest.raises(Unreadable):
        SEALER.open(sealed + b"\0", "a")
