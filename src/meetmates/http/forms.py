"""What requests bring and answers say: every body of the REST API.

A field that is not named here is ignored: nothing of a body is ever taken over as a whole. Long because it is the one
page of bodies.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

EMAIL = "ana@college.edu"
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl"  # noqa: S105 - an example that opens nothing
REFRESH = "mmr_V3J5bG9uZ2FuZHJhbmRvbS1hbmQtbm90aGluZy1yZWFs"
TIME = "2026-01-31T23:59:59.999Z"

Email = Annotated[str, Field(examples=[EMAIL], description="In any spelling; at most 254 characters.")]
Password = Annotated[str, Field(examples=["correct horse battery"], description="10 to 256 characters.")]
Code = Annotated[str, Field(examples=["123456"], description="The six digits of the mail.")]
Cookie = Annotated[
    bool,
    Field(description="Whether the refresh token goes into a cookie that no script can read, and not into the answer."),
]
SecondFactor = Annotated[
    str | None, Field(examples=["123456"], description="The second factor, where the account has one.")
]
Time = Annotated[str, Field(examples=[TIME], description="ISO 8601, UTC.")]


class Form(BaseModel):
    """A body that somebody sends: JSON types are not bent into others."""

    model_config = ConfigDict(strict=True, extra="ignore")

    @field_validator("*")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        """JSON can name half a character, a lone surrogate, which no database and no letter can hold."""
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("is no text")
        return value


class SignUpForm(Form):
    """A new account."""

    email: Email
    password: Password


class SignInForm(Form):
    """An account and its password."""

    email: Email
    password: Annotated[str, Field(examples=["correct horse battery"])]
    cookie: Cookie = False
    totp: SecondFactor = None


class GoogleForm(Form):
    """What Google's button hands to the page."""

    credential: str = Field(examples=[TOKEN], description="The ID token.")
    withVideo: Any = Field(False, description="Taken and ignored: `findChat` says it.")  # noqa: N815 - as sent
    cookie: Cookie = False
    totp: SecondFactor = None


class EmailForm(Form):
    """A mailbox."""

    email: Email


class CodeForm(Form):
    """A mailbox and the code that was sent to it."""

    email: Email
    code: Code


class ResetForm(CodeForm):
    """A new password."""

    password: Password


class RefreshForm(Form):
    """The newest refresh token; without one, the cookie's."""

    refreshToken: str | None = Field(None, examples=[REFRESH])  # noqa: N815 - as sent


class DeleteForm(Form):
    """The password, for accounts that have one."""

    password: str | None = Field(None, examples=["correct horse battery"])


class AppealForm(Form):
    """Why a sanction is wrong, in one's own words."""

    appealToken: str = Field(examples=["hV8yQb3wZk1nT5rL"])  # noqa: N815 - as sent
    text: str = Field(examples=["It was a joke between friends."], description="1 to 4,000 characters.")


class Message(BaseModel):
    """A sentence for people."""

    msg: str


class Done(BaseModel):
    """It is done."""

    success: Literal[True] = True
    msg: str


class User(BaseModel):
    """An account as its owner sees it."""

    userId: str = Field(examples=["uq3fK2m8cT0bZ1nXvYw4Lpd"])  # noqa: N815
    email: str | None = Field(examples=[EMAIL])
    isGoogleUser: bool  # noqa: N815
    campus: str | None = Field(examples=["Example College"])
    role: str = Field(examples=["member"], description="member, moderator or administrator")
    createdAt: str | None = Field(None, examples=[TIME])  # noqa: N815


class TokensAnswer(BaseModel):
    """An access token and what renews it. `refreshToken` is absent where it went into the cookie."""

    token: str = Field(examples=[TOKEN])
    refreshToken: str | None = Field(None, examples=[REFRESH], exclude_if=lambda token: token is None)  # noqa: N815
    expiresAt: Time  # noqa: N815
    refreshExpiresAt: Time  # noqa: N815


class SignedInAnswer(TokensAnswer):
    """Somebody is signed in."""

    user: User


class GoogleAnswer(SignedInAnswer):
    """Somebody is signed in with Google."""

    success: Literal[True] = True
    message: str = "Google sign-in successful."


class UserAnswer(BaseModel):
    """Whose token it is."""

    success: Literal[True] = True
    user: User


class SessionAnswer(BaseModel):
    """One sign-in on one device."""

    id: str = Field(examples=["hV8yQb3wZk1nT5rL"])
    device: str = Field(examples=["Firefox on Linux"])
    createdAt: Time  # noqa: N815
    usedAt: Time  # noqa: N815
    current: bool = Field(description="Whether this is the one that asks.")


class SessionsAnswer(BaseModel):
    """Every sign-in of an account."""

    success: Literal[True] = True
    sessions: list[SessionAnswer]


class BlockAnswer(BaseModel):
    """Somebody whom one has blocked; `name` is null where none was shown in that chat."""

    name: str | None = Field(examples=["Otter"])
    at: Time


class BlocksAnswer(BaseModel):
    """Whom one has blocked, the newest first."""

    blocks: list[BlockAnswer]


class IceServerAnswer(BaseModel):
    """One entry of a browser's `iceServers`; TURN servers have name and credential."""

    urls: list[str] = Field(examples=[["turn:turn.college.edu:3478?transport=udp"]])
    username: str | None = Field(None, examples=["1767229200:Jb4xY0mZ3kq1d9Wc7Qe2"])
    credential: str | None = Field(None, examples=["u8Zt0pXw1mB3sQ7yR2kLhVfGdNo="])


class IceAnswer(BaseModel):
    """What a peer connection is made with."""

    iceServers: list[IceServerAnswer]  # noqa: N815
    iceTransportPolicy: Literal["all", "relay"]  # noqa: N815
    expiresAt: Time = Field(description="Until then the credentials open a relay.")  # noqa: N815


class GoogleOffer(BaseModel):
    """Sign-in with Google."""

    clientId: str = Field(examples=["1234-abc.apps.googleusercontent.com"])  # noqa: N815


class SingleSignOnOffer(BaseModel):
    """Sign-in at the campus's own provider."""

    name: str = Field(examples=["Example College"])
    start: str = "/api/auth/sso/start"


class SignInOffers(BaseModel):
    """The ways to sign in here; null where one is not set up."""

    password: Literal[True] = True
    google: GoogleOffer | None
    singleSignOn: SingleSignOnOffer | None  # noqa: N815


class ConfigAnswer(BaseModel):
    """What a page has to know before anybody has signed in. Holds no secret."""

    signIn: SignInOffers  # noqa: N815
    guests: bool = Field(description="Whether one may come in without an account.")
    campus: bool = Field(description="Whether only addresses of a configured campus are let in.")
