"""Two people see and hear each other, and only if both of them want that."""

from playwright.sync_api import expect

from tests.web.calls import call
from tests.web.conftest import NewCaller


def test_two_people_see_and_hear_each_other_once_they_want_to(caller: NewCaller) -> None:
    ana, ben = caller(), caller()
    for person in (ana, ben):
        person.come_as_guest()
        person.seek_by_video()
    for person in (ana, ben):
        person.meets()
        person.is_not_shown()
    for person in (ana, ben):
        person.shows()
        person.sees_partner()
        person.hears_partner()
    ana.button("Hide video and sound").click()
    ana.is_not_shown()
    ben.sees_partner()


def test_who_wants_to_write_is_never_asked_for_a_camera(caller: NewCaller) -> None:
    ana, ben = caller(), caller()
    for person in (ana, ben):
        person.come_as_guest()
    ana.seek_by_video()
    ben.seek()
    ben_for_ana = ana.meets()
    ben.meets()
    ana.reads(f"{ben_for_ana} wanted to write only. They can see and hear you, if they choose to.")
    ben.is_not_shown()
    ben.shows()
    ben.sees_partner()
    ana.say("Do you see me?")
    ben.hears("Do you see me?")
    ben.say("I do, and I like to write")
    ana.hears("I do, and I like to write")
    assert ben.probe("asked") == {"getUserMedia": 0, "getDisplayMedia": 0}
    assert ben.probe("peers.at(-1).getSenders().filter(({ track }) => track !== null).length") == 0
    assert ana.probe("loudness()") == 0
    ana.sees_nobody()
    expect(ben.button("Turn camera off")).to_have_count(0)


def test_what_is_switched_off_is_told_to_the_partner(caller: NewCaller) -> None:
    ana, ben = caller(), caller()
    call(ana, ben)
    name = ben.meets()
    ben.sees_partner()

    ana.button("Turn microphone off").click()
    ben.reads(f"{name} is muted")
    ana.button("Turn camera off").click()
    ben.reads(f"{name} has the camera off.")
    ben.sees_nobody()
    assert ana.open_devices("video") == 0  # its light is out

    ana.button("Turn microphone off").click()
    expect(ben.page.get_by_text("is muted")).to_have_count(0)
    ben.hears_partner()
    ana.button("Turn camera off").click()
    ben.sees_partner()


def test_a_screen_is_shared_with_the_partner_until_that_is_stopped(caller: NewCaller) -> None:
    ana, ben = caller(), caller()
    call(ana, ben)
    name = ben.meets()
    ana.button("Turn camera off").click()
    ben.reads(f"{name} has the camera off.")

    ana.button("More for this call").click()
    ana.page.get_by_role("menuitem", name="Share my screen").click()
    ana.reads("sees your screen now.")
    ben.reads(f"{name} is sharing the screen")
    ben.sees_partner()  # with the camera off, nothing else could be seen
    assert ana.probe("asked.getDisplayMedia") == 1

    ana.button("Stop sharing").click()
    ben.reads(f"{name} has the camera off.")
    assert ana.open_devices("video") == 0


def test_next_shows_somebody_else_who_has_to_be_agreed_to_anew(caller: NewCaller) -> None:
    ana, ben, eve = caller(), caller(), caller()
    call(ana, ben)
    ana.sees_partner()
    eve.come_as_guest()
    eve.seek_by_video()
    eve.is_at("/waiting")

    ana.next()
    eve.meets()
    ana.is_not_shown()
    eve.shows()
    eve.sees_partner()
    ana.shows()
    ana.sees_partner()

    assert ana.probe("peers.map((peer) => peer.connectionState)") == ["closed", "connected"]
    assert ana.probe("received(0)") == ["ended", "ended"]
    ben.is_at("/waiting")
    ben.closes_devices()  # nobody is there to be shown anything
    assert ana.open_devices() == 2


def test_before_the_first_call_one_sees_and_hears_oneself(caller: NewCaller) -> None:
    ana = caller()
    ana.come_as_guest()
    ana.page.get_by_role("radio", name="Video").check()
    ana.button("Meet somebody").click()
    ana.is_at("/devices")
    ana.sees_self()
    assert ana.probe("levels()") >= 3  # the bar moves with the tone
    for kind in ("Camera", "Microphone"):
        expect(ana.page.get_by_label(kind, exact=True).get_by_role("option")).not_to_have_count(0)
    ana.button("Looks good, go on").click()
    ana.is_at("/waiting")
    ana.closes_devices()
    ana.button("Stop looking").click()
    ana.is_at("/start")
    ana.button("Meet somebody").click()
    ana.is_at("/waiting")  # it was tried before
