"""The page's types of every event, from the AsyncAPI document: `web/src/wire/events.ts`.

They fit the generics of socket.io-client: `Socket<ServerToClientEvents, ClientToServerEvents>`. An event may be sent
with fewer arguments where the last ones are optional, and its acknowledgement stays the last; so its parameters are a
union of tuples, through which `emitWithAck` finds the answer's type.
"""

import re
import textwrap
from itertools import takewhile
from typing import Any

WIDTH = 100  # characters of a line; longer ones are wrapped where that is simple
HEAD = """// Generated from src/meetmates/edge/events.py by `make docs`. Do not edit.

/** The answer to an event: what it adds to `ok: true`, or why not. */
export type Ack<T = unknown> = ({ ok: true } & T) | Refusal;

/** Takes the answer to an event. */
export type AckCallback<T = unknown> = (answer: Ack<T>) => void;

/** Why an event was refused. */
export type RefusalCode = Refusal["code"];

/** Why a connection was refused. */
export type DenialCode = ConnectRefused["code"];
"""


def typescript(document: dict[str, Any]) -> str:
    """The whole file."""
    messages = document["channels"]["root"]["messages"]
    heard = [_heard(message) for key, message in messages.items() if key.startswith("server.")]
    said = [_said(message) for key, message in messages.items() if key.startswith("client.")]
    parts = [HEAD]
    parts += [_schema(name, schema) for name, schema in sorted(document["components"]["schemas"].items())]
    parts.append(_events("ServerToClientEvents", "What the server sends.", heard))
    parts.append(_events("ClientToServerEvents", "What clients may send.", said))
    return "\n".join(parts)


def _schema(name: str, schema: dict[str, Any]) -> str:
    head = _comment(schema.get("description", ""))
    if not schema["properties"]:
        return f"{head}export type {name} = Record<string, never>;\n"
    required = schema["required"]
    fields = [
        f"  {_name(field)}{'' if field in required else '?'}: {_type(kind)};\n"
        for field, kind in schema["properties"].items()
    ]
    return f"{head}export interface {name} {{\n{''.join(fields)}}}\n"


def _events(name: str, about: str, events: list[str]) -> str:
    return f"{_comment(about)}export interface {name} {{\n{''.join(events)}}}\n"


def _heard(message: dict[str, Any]) -> str:
    """One event from the server: it has one argument, or none."""
    payload = message["payload"]
    argument = f"payload: {_type(payload)}" if payload else ""
    return f"{_comment(message['summary'], '  ')}  {_name(message['name'])}: ({argument}) => void;\n"


def _said(message: dict[str, Any]) -> str:
    """One event from a client."""
    kinds = message["payload"].get("prefixItems", [])
    arguments = [f"{name}: {_type(kind)}" for name, kind in zip(message["x-arguments"], kinds, strict=True)]
    adds = message["x-ack"].get("adds")
    ack = f"ack: AckCallback{f'<{_type(adds)}>' if adds else ''}"
    if message["x-ack"]["usual"]:
        fewest = message["payload"]["minItems"]
        forms = [", ".join([*arguments[:length], ack]) for length in range(fewest, len(arguments) + 1)]
    else:
        forms = [", ".join([*arguments, ack.replace(":", "?:", 1)])]
    taken = (
        f"({forms[0]})" if len(forms) == 1 else "(\n    ...args:\n" + "".join(f"      | [{f}]\n" for f in forms) + "  )"
    )
    return f"{_comment(message['summary'], '  ')}  {_name(message['name'])}: {taken} => void;\n"


def _type(kind: dict[str, Any]) -> str:
    """One schema as a type."""
    if "x-typescript" in kind:
        return str(kind["x-typescript"])
    if "$ref" in kind:
        return str(kind["$ref"]).rpartition("/")[2]
    if "enum" in kind:
        return " | ".join(_literal(value) for value in kind["enum"])
    if "const" in kind:
        return _literal(kind["const"])
    if "anyOf" in kind:
        return " | ".join(_type(option) for option in kind["anyOf"])
    match kind.get("type"):
        case "array":
            items = _type(kind["items"])
            return f"({items})[]" if " " in items else f"{items}[]"
        case "integer" | "number":
            return "number"
        case "string" | "boolean" | "null" as plain:
            return str(plain)
    return "unknown"


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def _name(name: str) -> str:
    """A name that is none of the language is quoted."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else f'"{name}"'


def _comment(text: str, indent: str = "") -> str:
    if not text:
        return ""
    paragraph = " ".join(takewhile(bool, (line.strip() for line in text.strip().splitlines())))
    if len(indent) + len(paragraph) + 7 <= WIDTH:
        return f"{indent}/** {paragraph} */\n"
    lines = textwrap.wrap(paragraph, WIDTH - len(indent) - 3)
    return f"{indent}/**\n" + "".join(f"{indent} * {line}\n" for line in lines) + f"{indent} */\n"
