"""Refusals as problem details (RFC 9457), with `msg` and `error` beside: the names that older pages read."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from meetmates.accounts.errors import AccountRefused, Problem

MEDIA_TYPE = "application/problem+json"
CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "not_json",
    500: "failed",
}
DETAILS = {
    400: "This request cannot be read.",
    404: "There is nothing at this address. The page at /status says how to connect.",
    405: "This address does not take that method; the header Allow says which it takes.",
    408: "The rest of this request did not come in time.",
    413: "This request is larger than 64 KiB.",
    415: "Bodies are JSON: send content-type: application/json.",
    500: "Something went wrong here; the server's log says what.",
}
MAX_NAMED = 5  # fields that one answer complains of


class ProblemBody(BaseModel):
    """A refusal: `code` is for programs and never changes, `detail` is for people."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    msg: str
    error: str


def problem(
    status: int,
    detail: str | None = None,
    code: str | None = None,
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer; `data` goes beside the members that every problem has, and never over them."""
    text = detail or DETAILS.get(status, "This cannot be done.")
    body = {
        **(data or {}),
        "type": "about:blank",  # RFC 9457, section 4.2.1: then the title is the status's own
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text,
        "code": code or CODES.get(status, "refused"),
        "msg": text,
        "error": text,
    }
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def refusal(refused: AccountRefused) -> JSONResponse:
    """What a use case refused."""
    answer = refused.problem.value
    headers = {}
    if answer.status == 401:
        headers["www-authenticate"] = "Bearer"  # RFC 9110, section 15.5.2
    if refused.retry_after is not None or answer.status == 429:
        headers["retry-after"] = str(max(1, math.ceil(refused.retry_after or 1)))
    return problem(answer.status, answer.message, answer.code, refused.data, headers)


async def account_refused(request: Request, error: AccountRefused) -> JSONResponse:
    """The handler of `AccountRefused`."""
    return refusal(error)


async def request_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    """The handler of a body or a parameter of the wrong shape. It names fields, never their values."""
    named = [f"{_place(entry['loc'])}: {entry['msg']}" for entry in error.errors()[:MAX_NAMED]]
    return problem(400, f"This request is not as it should be. {'; '.join(named)}.")


async def http_refused(request: Request, error: HTTPException) -> JSONResponse:
    """The handler of what was asked for and is not here, or not in this way."""
    return problem(error.status_code, headers=error.headers)


async def failed(request: Request, error: Exception) -> JSONResponse:
    """The handler of our own mistakes: the log has it, the answer says no more than that."""
    return problem(500)


def _place(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in path if isinstance(part, str) and part.isascii())[:80] or "body"


def documented(*problems: Problem) -> dict[int | str, dict[str, Any]]:
    """These refusals for the OpenAPI document, under their statuses."""
    responses: dict[int | str, dict[str, Any]] = {}
    for kind in problems:
        answer = kind.value
        entry = responses.setdefault(answer.status, described(answer.status))
        entry["content"][MEDIA_TYPE]["examples"][answer.code] = {
            "value": {
                "type": "about:blank",
                "title": HTTPStatus(answer.status).phrase,
                "status": answer.status,
                "detail": answer.message,
                "code": answer.code,
                "msg": answer.message,
                "error": answer.message,
            }
        }
    return responses


def described(status: int) -> dict[str, Any]:
    """A refusal with this status, for the OpenAPI document."""
    schema = {"$ref": "#/components/schemas/Problem"}
    entry: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": schema, "examples": {}}},
    }
    if status == 429:
        wait = {"type": "integer", "minimum": 1}
        entry["headers"] = {"Retry-After": {"description": "Seconds to wait.", "required": True, "schema": wait}}
    return entry
