"""Why a result is not believed."""

from collections.abc import Iterator
from contextlib import contextmanager


class Doubtful(Exception):
    """A result that must not become a score. `reason` is a key of `evaluations.sentences.REASONS`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@contextmanager
def shaped(what: str) -> Iterator[None]:
    """A document of another shape than the one that is read inside is a damaged file, whatever it trips over."""
    try:
        yield
    except (
        AttributeError,
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        RecursionError,
        OverflowError,
    ) as problem:
        raise Doubtful("file_damaged", f"{what}: {problem.__class__.__name__} {problem}"[:500]) from problem
