"""Letters: short, plain, and the code where a phone shows it."""

from meetmates.accounts import letters

TO = "ana@college.edu"


def test_the_code_stands_in_the_subject_and_in_the_text() -> None:
    for letter in (letters.verification(TO, "012345"), letters.reset(TO, "012345")):
        assert letter.to == TO
        assert letter.subject.startswith("012345 ")
        assert "\n\n    012345\n\n" in letter.text
        assert "10 minutes" in letter.text


def test_no_other_letter_has_a_code() -> None:
    for letter in (letters.somebody_signed_up(TO), letters.password_changed(TO)):
        assert not any(character.isdigit() for character in letter.subject + letter.text)


def test_a_decision_says_what_why_until_when_and_how_to_object() -> None:
    letter = letters.sanction(TO, "suspension", "spam", 1_800_000_000.0)
    assert "You cannot use MeetMates for now." in letter.text
    assert "This ends on 15 January 2027, 08:00 UTC." in " ".join(letter.text.split())
    assert "The reason: spam" in letter.text
    assert "object once" in letter.text


def test_a_ban_has_no_end_and_a_warning_nothing_to_object_to() -> None:
    assert "This ends" not in letters.sanction(TO, "ban", "threat", None).text
    assert "object" not in letters.sanction(TO, "warning", "spam", None).text


def test_a_reason_stays_on_its_line() -> None:
    letter = letters.sanction(TO, "mute", "spam\n\nYour new password is 123", None)
    assert "The reason: spam Your new password is 123\n" in letter.text


def test_lines_fit_a_small_window() -> None:
    every = [
        letters.verification(TO, "012345", others=True),
        letters.somebody_signed_up(TO),
        letters.reset(TO, "012345"),
        letters.password_changed(TO),
        letters.sanction(TO, "ban", "threat", None),
        letters.appeal_decided(TO, granted=True),
        letters.appeal_decided(TO, granted=False),
    ]
    for letter in every:
        assert letter.text.endswith("\n")
        assert max(map(len, letter.text.splitlines())) <= 72, letter.subject
