"""Where the Hub token lies: read at the moment of use, kept nowhere."""

import os

from django.conf import settings


class TokenMissing(Exception):
    """There is no token at the place that the connection names."""


def read_token(source: str) -> str:
    """The token behind `env:NAME` or `file:PATH` (below the data folder unless absolute). Raises TokenMissing without naming any content."""
    kind, _, place = source.partition(":")
    try:
        token = os.environ.get(place, "") if kind == "env" else (settings.VAR_DIR / place).read_text().strip()
    except OSError as error:
        raise TokenMissing(f"{source}: {error.strerror}") from None
    if not token:
        raise TokenMissing(source)
    return token
