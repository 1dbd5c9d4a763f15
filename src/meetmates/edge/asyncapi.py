"""The AsyncAPI 3.0 document of the wire contract, made from the declarations in `events`."""

from typing import Any, get_args

import msgspec

from meetmates.edge.events import SERVER_EVENTS, ClientEvent

ACKS: dict[str, str] = {
    "findChat": "position: 1-based place in the queue, 0 when paired at once; estimate: seconds or null",
    "next": "position: 1-based place in the queue, 0 when paired at once; estimate: seconds or null",
    "sendMessage": "id and seq of the message",
    "iceKey": "key, and expiresIn in seconds",
}
PREFIX = "#/components/schemas/"


def document(version: str) -> dict[str, Any]:
    """The whole document as plain data; `version` is the product's."""
    client = {str(kind.__struct_config__.tag): kind for kind in get_args(ClientEvent)}
    kinds = [kind for kind, _ in SERVER_EVENTS.values() if kind is not None]
    schemas, components = msgspec.json.schema_components([*client.values(), *kinds], ref_template=PREFIX + "{name}")
    client_messages = {name: _client_message(name, kind, components) for name, kind in client.items()}
    by_kind = dict(zip([id(kind) for kind in kinds], schemas[len(client) :], strict=True))
    server_messages = {
        name: {"name": name, "summary": text, "payload": {} if kind is None else by_kind[id(kind)]}
        for name, (kind, text) in SERVER_EVENTS.items()
    }
    for kind in client.values():
        components.pop(kind.__name__, None)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "MeetMates",
            "version": version,
            "description": "Socket.IO events of the namespace `/`, at `/socket.io/` (Engine.IO v4, Socket.IO v5).",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "root": {
                "address": "/",
                "messages": {f"client.{name}": message for name, message in client_messages.items()}
                | {f"server.{name}": message for name, message in server_messages.items()},
            }
        },
        "operations": {
            "receive": _operation("receive", "What clients may send.", "client", client_messages),
            "send": _operation("send", "What the server sends.", "server", server_messages),
        },
        "components": {"schemas": components},
    }


def _operation(action: str, summary: str, side: str, messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/root"},
        "messages": [{"$ref": f"#/channels/root/messages/{side}.{name}"} for name in messages],
    }


def _client_message(name: str, kind: Any, components: dict[str, Any]) -> dict[str, Any]:
    """One event; its payload is the array of its arguments, without the name."""
    items = components[kind.__name__]["prefixItems"][1:]
    required = components[kind.__name__].get("minItems", 1) - 1
    message: dict[str, Any] = {
        "name": name,
        "summary": (kind.__doc__ or "").strip(),
        "payload": {"type": "array", "minItems": required} | ({"prefixItems": items} if items else {}),
    }
    if name in ACKS:
        message["description"] = f"Acknowledged with `ok` and {ACKS[name]}; or with `ok: false`, `code`, `message`."
    else:
        message["description"] = "Acknowledged with `ok: true`; or with `ok: false`, `code`, `message`."
    return message
