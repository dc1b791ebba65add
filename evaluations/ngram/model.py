"""Interpolated Witten-Bell n-gram model over UTF-8 bytes."""

from __future__ import annotations

import hashlib
import json
import math
import random
from pathlib import Path

BYTES = 256
BOS = 256
EOS = 257
SYMBOLS = 258
SPECIAL = {"<|bos|>": BOS, "<|eos|>": EOS}
FORMAT = "cesai-ngram/1"
DEFAULT_ORDER = 6
CORPUS = Path(__file__).with_name("corpus.de.txt")
# Distributions kept in memory: 258 floats each, about 10 kB, so at most 80 MB.
REMEMBERED = 8000


class NgramModel:
    """p(next byte | up to `order - 1` previous bytes); the probabilities of all symbols sum to one.

    Smoothing is Witten-Bell interpolation (Witten and Bell 1991, method C, in the recursive form of Chen and
    Goodman 1998): with c(h) tokens and t(h) distinct symbols seen after h,
    p(w|h) = (c(h,w) + t(h) * p(w|h')) / (c(h) + t(h)), where h' is h without its oldest symbol.
    The recursion ends in the uniform distribution over 256 bytes and the end mark. The start mark is context
    only and has probability zero.
    """

    def __init__(self, order: int, counts: dict[tuple[int, ...], dict[int, int]]):
        self.order = order
        self.counts = counts
        self._distributions: dict[tuple[int, ...], list[float]] = {}

    @classmethod
    def train(cls, text: str, order: int = DEFAULT_ORDER) -> NgramModel:
        """Count the documents of `text`; a blank line ends a document."""
        counts: dict[tuple[int, ...], dict[int, int]] = {}
        for document in text.split("\n\n"):
            if not document.strip():
                continue
            symbols = [BOS] * (order - 1) + list(document.strip().encode()) + [EOS]
            for position in range(order - 1, len(symbols)):
                following = symbols[position]
                for length in range(order):
                    context = tuple(symbols[position - length : position])
                    after = counts.setdefault(context, {})
                    after[following] = after.get(following, 0) + 1
        return cls(order, counts)

    def to_bytes(self) -> bytes:
        """The model file: canonical JSON, the same bytes on every machine for the same text and order."""
        counts = {
            ".".join(map(str, context)): {str(symbol): after[symbol] for symbol in sorted(after)}
            for context, after in sorted(self.counts.items())
        }
        document = {"format": FORMAT, "order": self.order, "counts": counts}
        return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> NgramModel:
        """Read a model file. ValueError when it is not one."""
        document = json.loads(data)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError(f"not a model file of format {FORMAT}")
        counts = {
            tuple(int(symbol) for symbol in context.split(".") if symbol): {
                int(symbol): number for symbol, number in after.items()
            }
            for context, after in document["counts"].items()
        }
        return cls(document["order"], counts)

    @property
    def sha256(self) -> str:
        """Identity of the model: SHA-256 of the model file."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def distribution(self, context: list[int] | tuple[int, ...]) -> list[float]:
        """Probabilities of the 258 symbols after `context` (any length; missing history is start marks)."""
        width = self.order - 1
        padded = ([BOS] * width + list(context))[len(context) :] if width else []
        key = tuple(padded[-width:]) if width else ()
        return self._smoothed(key)

    def _smoothed(self, context: tuple[int, ...]) -> list[float]:
        known = self._distributions.get(context)
        if known is not None:
            return known
        if context:
            lower = self._smoothed(context[1:])
        else:
            lower = [1.0 / (SYMBOLS - 1)] * SYMBOLS
            lower[BOS] = 0.0
        after = self.counts.get(context)
        if not after:
            return lower
        distinct = len(after)
        total = sum(after.values()) + distinct
        mixed = [distinct * probability / total for probability in lower]
        for symbol, number in after.items():
            mixed[symbol] += number / total
        if len(self._distributions) >= REMEMBERED:
            self._distributions.clear()
        self._distributions[context] = mixed
        return mixed

    def logprob(self, symbol: int, context: list[int] | tuple[int, ...]) -> float:
        """Natural logarithm of p(symbol | context); minus infinity for the start mark."""
        probability = self.distribution(context)[symbol]
        return math.log(probability) if probability > 0 else -math.inf

    def log_likelihood(self, context: str, continuation: str) -> float:
        """ln p(continuation | context), bytes of `continuation` only."""
        symbols = encode(context)
        total = 0.0
        for symbol in encode(continuation):
            total += self.logprob(symbol, symbols)
            symbols.append(symbol)
        return total

    def generate(
        self, symbols: list[int], limit: int, temperature: float = 0.0, seed: int = 0
    ) -> list[tuple[int, float]]:
        """Up to `limit` (symbol, log-probability) pairs after `symbols`; ends with the end mark if drawn.

        Temperature 0 takes the likeliest symbol, ties go to the smallest number. The log-probability is the
        model's own, not that of the tempered distribution.
        """
        # Sampling text, not keys: the same seed has to give the same text.
        dice = random.Random(seed)  # noqa: S311
        history = list(symbols)
        drawn = []
        for _ in range(limit):
            probabilities = self.distribution(history)
            if temperature <= 0:
                symbol = max(range(SYMBOLS), key=lambda index: (probabilities[index], -index))
            else:
                weights = [p ** (1 / temperature) for p in probabilities]
                symbol = dice.choices(range(SYMBOLS), weights)[0]
            drawn.append((symbol, math.log(probabilities[symbol])))
            history.append(symbol)
            if symbol == EOS:
                break
        return drawn


def encode(text: str) -> list[int]:
    """UTF-8 bytes of `text` as numbers; a text that is exactly a special mark becomes that mark."""
    if text in SPECIAL:
        return [SPECIAL[text]]
    return list(text.encode())


def decode(symbols: list[int]) -> str:
    """Text of the bytes among `symbols`; incomplete characters become U+FFFD, marks vanish."""
    return bytes(symbol for symbol in symbols if symbol < BYTES).decode(errors="replace")


def load_default() -> NgramModel:
    """The model trained on the text that ships with the portal."""
    return NgramModel.train(CORPUS.read_text(encoding="utf-8"))
