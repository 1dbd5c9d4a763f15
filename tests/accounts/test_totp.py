"""Six digits: set up once, good once, and the secret never lies around."""

import asyncio

import pyotp
import pytest
from sqlalchemy import insert, select, update

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.totp import STEP, Totp
from meetmates.safety.sealing import Sealer
from meetmates.store.database import Database
from meetmates.store.schema import accounts
from tests.support.clock import HandClock

ANA, BEN = "u-ana", "u-ben"
SEALER = Sealer(b"a key for evidence, 32 bytes long!")


class Phone:
    """Ana's, beside the server's own clock."""

    def __init__(self, database: Database) -> None:
        self.clock = HandClock()
        self.database = database
        self.totp = Totp(database, self.clock, SEALER)
        self.secret = ""

    async def set_up(self) -> None:
        self.secret = (await self.totp.begin(ANA)).secret
        await self.totp.confirm(ANA, self.code())

    def code(self, later: float = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.clock.wall() + later)

    async def refused(self, code: str | None, problem: Problem = Problem.SECOND_FACTOR) -> None:
        with pytest.raises(AccountRefused) as refused:
            await self.totp.second_factor(ANA, code)
        assert refused.value.problem is problem


@pytest.fixture
async def phone(database: Database) -> Phone:
    async with database.begin() as connection:
        for id in (ANA, BEN):
            row = {"id": id, "email": f"{id}@college.edu", "mailbox": f"{id}@college.edu", "created_at": 0.0}
            await connection.execute(insert(accounts).values(role="moderator", **row))
    return Phone(database)


async def test_who_has_none_is_asked_for_none(phone: Phone) -> None:
    assert await phone.totp.second_factor(ANA, None) is False
    assert await phone.totp.second_factor(ANA, "123456") is False


async def test_the_uri_is_what_an_authenticator_app_reads(phone: Phone) -> None:
    enrolment = await phone.totp.begin(ANA)
    app = pyotp.parse_uri(enrolment.uri)
    assert isinstance(app, pyotp.TOTP)
    assert (app.secret, app.issuer, app.name, app.digits, app.interval) == (
        enrolment.secret, "MeetMates", "u-ana@college.edu", 6, 30
    )  # fmt: skip
    assert len(enrolment.secret) * 5 >= 160  # bits, RFC 4226, section 4


async def test_it_counts_from_its_first_code_on(phone: Phone) -> None:
    phone.secret = (await phone.totp.begin(ANA)).secret
    assert await phone.totp.second_factor(ANA, None) is False
    assert not await phone.totp.is_set(ANA)
    await phone.totp.confirm(ANA, phone.code())
    assert await phone.totp.is_set(ANA)
    await phone.refused(None)


async def test_a_code_works_once(phone: Phone) -> None:
    await phone.set_up()
    await phone.refused(phone.code())  # spent on setting it up
    phone.clock.advance(STEP)
    code = phone.code()
    assert await phone.totp.second_factor(ANA, code) is True
    await phone.refused(code)
    phone.clock.advance(STEP)
    await phone.refused(code)  # it would still be near enough


async def test_a_code_works_once_for_many_who_come_at_once(phone: Phone) -> None:
    await phone.set_up()
    phone.clock.advance(STEP)
    code = phone.code()
    came = await asyncio.gather(*(phone.totp.second_factor(ANA, code) for _ in range(8)), return_exceptions=True)
    assert came.count(True) == 1
    assert sum(isinstance(each, AccountRefused) for each in came) == 7


async def test_an_earlier_code_is_spent_with_a_later_one(phone: Phone) -> None:
    await phone.set_up()
    phone.clock.advance(3 * STEP)
    earlier, later = phone.code(-STEP), phone.code()
    assert await phone.totp.second_factor(ANA, later)
    await phone.refused(earlier)


async def test_clocks_may_differ_by_one_step(phone: Phone) -> None:
    await phone.set_up()
    for later in (-STEP, 0, STEP):
        phone.clock.advance(10 * STEP)
        assert await phone.totp.second_factor(ANA, phone.code(later))
    phone.clock.advance(10 * STEP)
    for later in (-2 * STEP - 1, 2 * STEP + 1):
        await phone.refused(phone.code(later))


async def test_spaces_do_not_matter(phone: Phone) -> None:
    await phone.set_up()
    for shape in ("{}{}{} {}{}{}", " {}{}{}{}{}{}\n", "{} {} {} {} {} {}"):
        phone.clock.advance(STEP)
        assert await phone.totp.second_factor(ANA, shape.format(*phone.code()))


async def test_what_is_no_code(phone: Phone) -> None:
    await phone.set_up()
    phone.clock.advance(STEP)
    code = phone.code()
    arabic = code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for spoilt in ("", code[:5], f"{code}0", f"-{code[1:]}", arabic, "9" * 12, f"{code[:5]}x", "\x00" * 6):
        await phone.refused(spoilt)
    assert await phone.totp.second_factor(ANA, code)  # nothing was spent


async def test_a_wrong_code_confirms_nothing(phone: Phone) -> None:
    phone.secret = (await phone.totp.begin(ANA)).secret
    with pytest.raises(AccountRefused) as refused:
        await phone.totp.confirm(ANA, f"{(int(phone.code()) + 1) % 10**6:06}")
    assert refused.value.problem is Problem.WRONG_CODE
    assert not await phone.totp.is_set(ANA)


async def test_nothing_begun_is_nothing_to_confirm(phone: Phone) -> None:
    with pytest.raises(AccountRefused) as refused:
        await phone.totp.confirm(ANA, "123456")
    assert refused.value.problem is Problem.WRONG_CODE
    assert await phone.totp.begun(ANA) is None


async def test_what_was_begun_can_be_shown_again_and_begun_anew(phone: Phone) -> None:
    first = await phone.totp.begin(ANA)
    assert await phone.totp.begun(ANA) == first
    second = await phone.totp.begin(ANA)
    assert second.secret != first.secret
    phone.secret = first.secret
    with pytest.raises(AccountRefused):
        await phone.totp.confirm(ANA, phone.code())


async def test_nobody_puts_another_one_over_it(phone: Phone) -> None:
    await phone.set_up()
    phone.clock.advance(STEP)
    for attempt in (phone.totp.begin(ANA), phone.totp.confirm(ANA, phone.code())):
        with pytest.raises(AccountRefused) as refused:
            await attempt
        assert refused.value.problem is Problem.FORBIDDEN
    assert await phone.totp.begun(ANA) is None  # nor is it ever shown again
    assert await phone.totp.second_factor(ANA, phone.code())


async def test_after_a_reset_the_old_phone_opens_nothing(phone: Phone) -> None:
    await phone.set_up()
    await phone.totp.reset(ANA)
    await phone.totp.reset(ANA)
    assert await phone.totp.second_factor(ANA, None) is False
    old, phone.secret = phone.secret, (await phone.totp.begin(ANA)).secret
    assert phone.secret != old
    await phone.totp.confirm(ANA, phone.code())
    phone.clock.advance(STEP)
    await phone.refused(pyotp.TOTP(old).at(phone.clock.wall()))


async def test_an_account_that_is_gone(phone: Phone) -> None:
    for attempt in (phone.totp.is_set("u-zoe"), phone.totp.second_factor("u-zoe", "123456"), phone.totp.begin("u-zoe")):
        with pytest.raises(AccountRefused) as refused:
            await attempt
        assert refused.value.problem is Problem.NOT_FOUND


async def test_the_secret_is_sealed_for_its_account_alone(phone: Phone) -> None:
    await phone.set_up()
    async with phone.database.begin() as connection:
        sealed = (await connection.execute(select(accounts.c.totp_secret).where(accounts.c.id == ANA))).scalar_one()
        await connection.execute(update(accounts).where(accounts.c.id == BEN).values(totp_secret=sealed, totp_step=0))
    assert phone.secret.encode() not in sealed
    with pytest.raises(AccountRefused) as refused:  # a row that was copied to another account is worth nothing there
        await phone.totp.second_factor(BEN, phone.code(STEP))
    assert refused.value.problem is Problem.SECOND_FACTOR_UNREADABLE


async def test_with_another_key_it_is_refused_until_it_is_reset(phone: Phone) -> None:
    await phone.set_up()
    right, phone.totp = phone.totp, Totp(phone.database, phone.clock, Sealer(b"another key, of 32 bytes as well"))
    phone.clock.advance(STEP)
    for code in (None, "123456", phone.code()):
        await phone.refused(code, Problem.SECOND_FACTOR_UNREADABLE)
    assert await right.second_factor(ANA, phone.code()) is True  # with the right key all is as it was
    await phone.totp.reset(ANA)
    assert await phone.totp.second_factor(ANA, None) is False
    await phone.set_up()


async def test_one_that_waits_for_its_first_code_and_another_key(phone: Phone) -> None:
    await phone.totp.begin(ANA)
    phone.totp = Totp(phone.database, phone.clock, Sealer(b"another key, of 32 bytes as well"))
    for attempt in (phone.totp.begun(ANA), phone.totp.confirm(ANA, "123456")):
        with pytest.raises(AccountRefused) as refused:
            await attempt
        assert refused.value.problem is Problem.SECOND_FACTOR_UNREADABLE
    await phone.set_up()
