"""Coming in and going out: passwords, codes of real letters, devices, and what somebody may do with their account."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.letters import Letterbox
from tests.support.server import running_server
from tests.web.conftest import Newcomer
from tests.web.people import PASSWORD, Person

NEW_PASSWORD = "another horse with a book"


def test_a_reload_keeps_one_signed_in_and_a_wrong_password_is_told_kindly(newcomer: Newcomer) -> None:
    ana = newcomer()
    ana.sign_up()
    ana.page.reload()
    ana.go_to_account()
    ana.reads(ana.email)
    ana.sign_out()
    ana.page.goto("/signin")
    with ana.troubled():
        ana.try_to_sign_in("not my password")
        ana.reads("The address or the password is not right.")
    ana.sign_in()


def test_a_wrong_code_is_told_and_another_one_is_sent_on_request(newcomer: Newcomer, letters: Letterbox) -> None:
    ana = newcomer()
    ana.page.clock.install()
    ana.ask_for_a_code()
    first = letters.code(ana.email)
    with ana.troubled():
        ana.page.get_by_label("Your code").fill("000000" if first != "000000" else "111111")
        ana.reads("This code is wrong or too old.")
    expect(ana.page.get_by_role("button", name="Send another code in")).to_be_disabled()
    ana.page.clock.fast_forward("01:00")
    ana.button("Send another code").click()
    ana.reads("Another code is on its way.")
    ana.page.get_by_label("Your code").fill(letters.code(ana.email))
    ana.is_at("/start")


def test_a_forgotten_password_is_set_anew_by_a_letter_and_other_devices_are_signed_out(
    newcomer: Newcomer, letters: Letterbox
) -> None:
    ana, phone = newcomer(), newcomer()
    ana.sign_up()
    phone.email = ana.email
    phone.page.goto("/signin")
    phone.button("I forgot my password").click()
    phone.page.get_by_label("E-mail address").fill(ana.email)
    phone.button("Send me a code").click()
    phone.page.get_by_label("Your code").fill(letters.code(ana.email))
    phone.page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    with ana.troubled():
        phone.button("Change it and sign in").click()
        phone.is_at("/start")
        ana.is_at("/signin")  # the page that was open
        ana.reads("You were signed out. Please sign in again.")
    phone.sign_out()
    phone.page.goto("/signin")
    with phone.troubled():
        phone.try_to_sign_in(PASSWORD)
        phone.reads("The address or the password is not right.")
    phone.sign_in(NEW_PASSWORD)


def test_a_device_that_is_ended_from_another_one_is_signed_out(newcomer: Newcomer) -> None:
    ana, lost = newcomer(), newcomer()
    ana.sign_up()
    lost.email = ana.email
    lost.page.goto("/signin")
    lost.sign_in()
    ana.go_to_account()
    ana.reads("This device")
    other = ana.page.get_by_role("listitem").filter(has_text="Last used")
    with lost.troubled():
        other.get_by_role("button", name="Sign out").click()
        lost.is_at("/signin")
        lost.reads("You were signed out. Please sign in again.")
    expect(other).to_have_count(0)
    ana.reads("This device")


def test_whom_one_has_blocked_stands_in_a_list_by_the_name_of_the_chat(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    ana.sign_up()
    ben.sign_up()
    for person in (ana, ben):
        person.seek()
    name = ana.meets()
    ben.meets()
    ana.choose("Block")
    ana.page.get_by_role("dialog").get_by_role("button", name="Block", exact=True).click()
    ana.reads("You left.")
    ana.page.goto("/blocked")
    expect(ana.page.get_by_role("main").get_by_role("listitem")).to_contain_text([name])


def test_one_takes_ones_data_along_and_deletes_the_account(newcomer: Newcomer) -> None:
    ana = newcomer()
    ana.sign_up()
    ana.go_to_account()
    with ana.page.expect_download() as download:
        ana.button("Download my data").click()
    assert json.loads(download.value.path().read_text())["account"]["email"] == ana.email

    ana.button("Delete my account").click()
    dialog = ana.page.get_by_role("dialog")
    with ana.troubled():
        dialog.get_by_label("Your password, to be sure it is you").fill("not my password")
        dialog.get_by_role("button", name="Delete for good").click()
        ana.reads("This password is not right.")
    dialog.get_by_label("Your password, to be sure it is you").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete for good").click()
    ana.reads("Your account is deleted.")
    ana.page.goto("/signin")
    with ana.troubled():
        ana.try_to_sign_in()
        ana.reads("The address or the password is not right.")


@pytest.fixture
def student(browser: Browser, letters: Letterbox) -> Iterator[Person]:
    """Somebody at the door of a college."""
    mail = f"smtp://127.0.0.1:{letters.port}"
    with running_server(
        AUTH="required", CAMPUSES="Example College=college.edu", SMTP_URL=mail, STUN_URLS=""
    ) as college:
        person = Person(browser, college.url, letters)
        yield person
        person.close()


def test_a_college_takes_its_own_addresses_and_no_guests(student: Person) -> None:
    own = student.email
    student.page.goto("/start")
    student.is_at("/signin")
    student.reads("Sign in")
    expect(student.page.get_by_role("button", name="guest")).to_have_count(0)
    student.email = "somebody@elsewhere.edu"
    with student.troubled():
        student.fill_in_sign_up()
        student.button("Send me a code").click()
        student.reads("Please use the address that your college gave you.")
    student.email = own
    student.sign_up()
    student.go_to_account()
    student.reads("Example College")
