"""Requests and answers of the double, and the errors in the Hub's own shape."""

import dataclasses
import json
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hub.double.tokens import Bearer

CHUNK = 1 << 20


@dataclasses.dataclass(slots=True)
class Answer:
    status: int = 200
    data: Any = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body: bytes | Path = b""
    content_type: str = "application/json; charset=utf-8"

    @classmethod
    def html(cls, text: str, *, status: int = 200) -> "Answer":
        return cls(status, body=text.encode(), content_type="text/html; charset=utf-8")

    @classmethod
    def redirect(cls, location: str, *, status: int = 307) -> "Answer":
        return cls(status, headers={"Location": location}, content_type="text/plain")

    def payload(self) -> bytes | Path:
        return self.body if self.data is None else json.dumps(self.data).encode()


class HubFault(Exception):
    """Leave the handler with an error answer: {"error": text}, X-Error-Message and, if known, X-Error-Code."""

    def __init__(
        self, status: int, text: str, *, code: str = "", headers: dict[str, str] | None = None, **data
    ):
        super().__init__(text)
        self.status, self.text, self.code, self.headers, self.data = status, text, code, headers or {}, data

    def answer(self) -> Answer:
        headers = {"X-Error-Message": self.text.encode("ascii", "replace").decode(), **self.headers}
        if self.code:
            headers["X-Error-Code"] = self.code
        return Answer(self.status, {"error": self.text, **self.data}, headers)


class ConnectionDropped(Exception):
    """End the connection without an answer."""


@dataclasses.dataclass(slots=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Any
    stream: BufferedIOBase
    origin: str
    secure: bool
    bearer: Bearer | None = None
    bad_token: bool = False
    consumed: bool = False

    @classmethod
    def parse(
        cls, method: str, target: str, headers: Any, stream: BufferedIOBase, *, secure: bool
    ) -> "Request":
        url = urlsplit(target)
        scheme = "https" if secure else "http"
        origin = f"{scheme}://{headers.get('Host', 'localhost')}"
        query = parse_qs(url.query, keep_blank_values=True)
        return cls(method, unquote(url.path), query, headers, stream, origin, secure)

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces, with a known length or in HTTP/1.1 chunks."""
        if self.consumed:
            return
        self.consumed = True
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            while size := int(self.stream.readline().split(b";")[0] or b"0", 16):
                yield self.stream.read(size)
                self.stream.readline()
            self.stream.readline()
            return
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            chunk = self.stream.read(min(CHUNK, left))
            if not chunk:
                raise ConnectionDropped
            left -= len(chunk)
            yield chunk

    def body(self) -> bytes:
        return b"".join(self.chunks())

    def json(self) -> dict:
        try:
            data = json.loads(self.body() or b"{}")
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise HubFault(400, "Invalid JSON body")
        return data

    def require_account(self) -> Bearer:
        if self.bearer is None:
            raise unauthorised()
        return self.bearer


def unauthorised() -> HubFault:
    """The Hub's answer to a bad, missing or revoked token: no error code, whatever was asked for."""
    return HubFault(
        401,
        "Invalid username or password.",
        headers={"WWW-Authenticate": 'Bearer realm="Authentication required", charset="UTF-8"'},
    )
