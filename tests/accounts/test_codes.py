"""Codes in letters: six digits that fit one thing only."""

from meetmates.accounts.codes import code_hash, fits, new_code

KEY = b"k" * 32


def test_a_code_is_six_digits() -> None:
    codes = [new_code() for _ in range(500)]
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    assert len(set(codes)) > 450
    assert any(code.startswith("0") for code in codes)


def test_a_code_fits_its_own_purpose_and_thing_only() -> None:
    kept = code_hash(KEY, "signup", "one", "123456")
    assert fits(KEY, kept, "signup", "one", "123456")
    assert not fits(KEY, kept, "signup", "other", "123456")
    assert not fits(KEY, kept, "reset", "one", "123456")
    assert not fits(b"j" * 32, kept, "signup", "one", "123456")


def test_a_code_may_be_typed_with_spaces() -> None:
    assert fits(KEY, code_hash(KEY, "signup", "one", "123456"), "signup", "one", " 123 456\n")


def test_what_is_no_code_fits_nothing_and_breaks_nothing() -> None:
    kept = code_hash(KEY, "signup", "one", "123456")
    for text in ("", "12345", "1234567", "٠٠٠٠٠٠", "１２３４５６", "\ud800", "\x00", "9" * 1_000_000, "123456\x00"):
        assert not fits(KEY, kept, "signup", "one", text)


def test_nothing_of_a_code_can_be_read_from_what_is_kept() -> None:
    assert len(code_hash(KEY, "signup", "one", "123456")) == 32
    assert b"123456" not in code_hash(KEY, "signup", "one", "123456")
