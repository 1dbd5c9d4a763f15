"""What two people in a chat pass to each other: messages, typing, media state, how to keep in touch."""

from meetmates.domain.chat import Chat
from meetmates.domain.effects import KeptInTouch, PartnerMedia, PartnerTyping, Said
from meetmates.domain.errors import Refusal, Refused
from meetmates.domain.people import Person

TEXT_LIMIT = 2_000  # code points without the white space at both ends
RAW_TEXT_LIMIT = 4_000  # with it
CLIENT_ID_LIMIT = 64  # code points


def members(person: Person) -> tuple[Chat, Person]:
    """The chat of `person` and its partner; refused with `not_in_chat` when there is none that it can know of."""
    chat, partner = person.chat, person.partner
    if chat is None or partner is None or person.parting:
        raise Refused(Refusal.NOT_IN_CHAT)
    return chat, partner


def say(person: Person, text: str, client_id: str | None = None) -> Said:
    """One message to both. A repeated `client_id` is answered with a `Said` that has no new number: see `is_repeat`.

    Raises `Refused`: `not_in_chat`, `bad_argument` for an empty text or a bad client id, `too_long`.
    """
    chat, partner = person.chat, person.partner
    if chat is None or partner is None or person.parting:
        raise Refused(Refusal.NOT_IN_CHAT)
    if not (0 < len(text) <= TEXT_LIMIT) or text[0].isspace():  # else it is sound at first sight
        check_text(text)
    if client_id is None:
        chat.seq = seq = chat.seq + 1
        return Said(chat, person, partner, text, chat.message_id(seq), seq)
    return _say_once(person, chat, partner, text, client_id)


def check_text(text: str) -> None:
    """Raises `Refused` unless `text` is 1 to 2,000 code points between its white space, 4,000 with it."""
    if len(text) > RAW_TEXT_LIMIT:
        raise Refused(Refusal.TOO_LONG, f"A message has at most {TEXT_LIMIT} characters.")
    stripped = len(text.strip())
    if stripped == 0:
        raise Refused(Refusal.BAD_ARGUMENT, "A message is not empty.")
    if stripped > TEXT_LIMIT:
        raise Refused(Refusal.TOO_LONG, f"A message has at most {TEXT_LIMIT} characters.")


def _say_once(person: Person, chat: Chat, partner: Person, text: str, client_id: str) -> Said:
    if not 1 <= len(client_id) <= CLIENT_ID_LIMIT:
        raise Refused(Refusal.BAD_ARGUMENT, f"A clientId has 1 to {CLIENT_ID_LIMIT} characters.")
    seq = chat.recall(person, client_id)
    if seq is None:
        chat.seq = seq = chat.seq + 1
        chat.remember(person, client_id, seq)
        return Said(chat, person, partner, text, chat.message_id(seq), seq)
    return Said(chat, person, partner, "", chat.message_id(seq), seq)


def is_repeat(said: Said) -> bool:
    """True when this message was delivered before: it is acknowledged again and delivered to nobody."""
    return not said.text  # a text that was accepted is never empty


def typing(person: Person, on: bool) -> PartnerTyping:
    """Tells the partner that `person` types, or has stopped. Raises `Refused` `not_in_chat`."""
    _, partner = members(person)
    return PartnerTyping(partner, on)


def media(person: Person, audio: bool, video: bool, screen: bool) -> PartnerMedia:
    """Tells the partner what `person` sends. Raises `Refused` `not_in_chat`."""
    _, partner = members(person)
    return PartnerMedia(partner, audio, video, screen)


def keep_in_touch(person: Person, yes: bool) -> tuple[KeptInTouch, ...]:
    """Notes whether `person` would keep in touch. Once both would, each is told, once; until then nobody is.

    Raises `Refused` `not_in_chat`.
    """
    chat, partner = members(person)
    if chat.in_touch:
        return ()
    if yes and chat.willing == partner.id:
        chat.willing, chat.in_touch = None, True
        pairs = ((person, partner), (partner, person))
        return tuple(KeptInTouch(one, chat.name_of(other), other.email) for one, other in pairs)
    if yes:
        chat.willing = person.id
    elif chat.willing == person.id:
        chat.willing = None
    return ()
