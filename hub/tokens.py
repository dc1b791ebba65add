"""Where the Hub token lies: read at the moment of use, kept nowhere."""

import os
from pathlib import Path


class TokenMissing(Exception):
    """There is no token at the place that the connection names."""


def read_token(source: str) -> str:
    """The token behind `env:NAME` or `file:/path`. Raises TokenMissing without naming any content."""
    kind, _, place = source.partition(":")
    try:
        token = os.environ.get(place, "") if kind == "env" else Path(place).read_text().strip()
    except OSError as error:
        raise TokenMissing(f"{source}: {error.strerror}") from None
    if not token:
        raise TokenMissing(source)
    return token
