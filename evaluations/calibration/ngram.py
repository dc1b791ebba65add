"""The reference of an n-gram release: its own file, read in this process, without any server."""

from collections.abc import Sequence
from pathlib import Path

from evaluations.ngram.model import NgramModel, encode

FILE = "model.ngram"


def reference(folder: Path, pairs: Sequence[tuple[str, str]]) -> list[list[float]]:
    """ln p of each byte of each continuation. OSError or ValueError when there is no such model in `folder`."""
    return likelihoods(NgramModel.from_bytes((folder / FILE).read_bytes()), pairs)


def likelihoods(model: NgramModel, pairs: Sequence[tuple[str, str]]) -> list[list[float]]:
    return [_likelihood(model, context, continuation) for context, continuation in pairs]


def _likelihood(model: NgramModel, context: str, continuation: str) -> list[float]:
    symbols = encode(context)
    values = []
    for symbol in encode(continuation):
        values.append(model.logprob(symbol, symbols))
        symbols.append(symbol)
    return values
