"""The golden continuations that ship with the portal: short German texts of our own, CC0-1.0."""

import hashlib
import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("golden.de.json")
# Where the file lies in a run's folder.
NAME = "golden/golden.de.json"
LEAST = 64
# Largest allowed difference of a token's log-probability from the reference, in nats: the same arithmetic on a CPU
# gives the same numbers, a GPU rounds differently from batch to batch.
TOLERANCE_CPU = 1e-4
TOLERANCE_GPU = 0.05


@cache
def content() -> bytes:
    return FILE.read_bytes()


@cache
def sha256() -> str:
    """Names the set: a reference and a probe belong together only if they are about the same one."""
    return hashlib.sha256(content()).hexdigest()


@cache
def pairs() -> tuple[tuple[str, str], ...]:
    """Context and continuation; the continuation begins with the space between them."""
    return tuple((context, continuation) for context, continuation in json.loads(content()))
