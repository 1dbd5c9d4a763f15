"""The AsyncAPI 3.0 document of the wire contract, made from the declarations in `events`."""

from typing import Any, get_args

import msgspec

from meetmates.edge.events import ACKS, QUIET, SERVER_EVENTS, ClientEvent, ConnectRefused, Refusal

PREFIX = "#/components/schemas/"


def document(version: str) -> dict[str, Any]:
    """The whole document as plain data; `version` is the product's."""
    client = {str(kind.__struct_config__.tag): kind for kind in get_args(ClientEvent)}
    kinds = [kind for kind, _ in SERVER_EVENTS.values() if kind is not None]
    besides = [*ACKS.values(), Refusal, ConnectRefused]
    schemas, components = msgspec.json.schema_components(
        [*client.values(), *kinds, *besides], ref_template=PREFIX + "{name}"
    )
    client_messages = {name: _client_message(name, kind, components) for name, kind in client.items()}
    by_kind = dict(zip([id(kind) for kind in kinds], schemas[len(client) :], strict=False))
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
    adds = f" and what `{ACKS[name].__name__}` says" if name in ACKS else ""
    message["description"] = f"Acknowledged with `ok: true`{adds}, or as `{Refusal.__name__}` says."
    # AsyncAPI has no words for the arguments of an event and its acknowledgement.
    message["x-arguments"] = [_camel(field) for field in kind.__struct_fields__]
    message["x-ack"] = {"usual": name not in QUIET}
    if name in ACKS:
        message["x-ack"]["adds"] = {"$ref": PREFIX + ACKS[name].__name__}
    return message


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
