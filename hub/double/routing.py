"""Which function answers which request."""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from hub.double.http import Answer

NAME = r"[A-Za-z0-9][\w.\-]*"
REPO = rf"(?P<repo>{NAME}/{NAME})"
SHA256 = r"(?P<oid>[0-9a-f]{64})"


@dataclasses.dataclass(frozen=True, slots=True)
class Route:
    """`name` is what faults and the request log call the operation. Pages may be read without TLS."""

    name: str
    methods: tuple[str, ...]
    pattern: re.Pattern[str]
    handler: Callable[..., Answer]
    is_page: bool = False

    def match(self, method: str, path: str) -> re.Match[str] | None:
        return self.pattern.fullmatch(path) if method in self.methods else None


def route(name: str, methods: str, pattern: str, handler: Callable[..., Answer], **options: Any) -> Route:
    return Route(name, tuple(methods.split("|")), re.compile(pattern), handler, **options)
