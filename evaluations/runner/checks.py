"""What a run proves about the model that answers it: before the questions, and after them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable

from . import endpoint, golden
from .again import ask_again
from .asking import Asking
from .cache import Cache
from .device import Proof
from .files import put_json
from .reasons import Stopped
from .spec import Spec

# Where nothing says how exact the model's reference is.
TOLERANCE = 0.05


class Checked:
    """Identity, golden continuations, cache, device and a second look at some answers, of one opened endpoint."""

    def __init__(
        self,
        spec: Spec,
        folder: Path,
        opened: endpoint.Endpoint,
        proof: Proof,
        tick: Callable[[], None],
    ):
        self._spec = spec
        self._opened = opened
        self._proof = proof
        self._tick = tick
        self._token = os.environ.get(spec.token_variable) if spec.token_variable else None
        self._asking = Asking(opened.url, spec.model, self._token)
        self._cache = Cache(folder, spec.fingerprint)
        self._pairs = golden.load(folder / spec.golden.file) if spec.golden else []
        self._tolerance = spec.golden.tolerance if spec.golden else TOLERANCE
        self._image = endpoint.image_of(opened.url, opened.served)
        self._before: list[list[float]] = []
        self._after: list[list[float]] = []
        self._largest: float | None = None
        self._cached = ""
        self._again: dict[str, Any] = {}

    def before(self) -> str:
        """Ask for the golden continuations and open the cache; a sentence for the log. Stopped when it is not the model."""
        self._before = golden.probe(self._asking, self._pairs, self._tick)
        self._hold(self._before)
        known = self._before[: golden.ASKED_AFTERWARDS] if self._pairs else None
        self._cached = self._cache.open(self._opened.served.get("sha256"), known, self._tolerance)
        if self._opened.server is not None:
            self._proof.look(self._opened.server.pid)
        far = "" if self._largest is None else f", largest difference {self._largest:.3g}"
        return (
            f"{len(self._before)} golden continuations answered by {self._image}{far}; cache {self._cached}"
        )

    def after(self, output: Path) -> str:
        """The same questions again: a model that was exchanged in the middle answered with another one."""
        try:
            self._opened.served = endpoint.check_identity(
                self._opened.url, self._spec.model, self._spec.model_sha256, self._token
            )
        except endpoint.NotServing as problem:
            raise Stopped("endpoint_died", str(problem)) from problem
        self._after = golden.probe(self._asking, self._pairs[: golden.ASKED_AFTERWARDS], self._tick)
        golden.hold_against(
            self._after, self._before[: golden.ASKED_AFTERWARDS], self._tolerance, proven=False
        )
        self._again = ask_again(self._asking, output, self._spec.fingerprint, self._tick)
        if self._opened.server is not None:
            self._proof.look(self._opened.server.pid)
        return (
            f"{self._again['asked']} answers asked for again, largest difference {self._again['largest']:.3g}"
        )

    def facts(self, output: Path) -> dict[str, Any]:
        """For the manifest; the log-probabilities themselves become a file of the result."""
        spec, served = self._spec, self._opened.served
        if spec.golden is not None:
            told = golden.document(spec.files[spec.golden.file], self._image, self._before, self._after)
            put_json(output / "golden.json", told)
        return {
            "endpoint": {
                "url": self._opened.url,
                "model": spec.model,
                "sha256": served.get("sha256"),
                "proof": "sha256" if self._opened.is_proven(spec.model_sha256) else "name",
                "image": self._image,
            },
            "golden": {"asked": len(self._before), "largest": self._largest, "tolerance": self._tolerance},
            "cache": {"name": spec.fingerprint, "opened": self._cached},
            "again": self._again,
            "device": self._proof.facts(),
        }

    def _hold(self, found: list[list[float]]) -> None:
        if self._spec.golden is None or self._spec.golden.expected is None:
            return
        seen = golden.hold_against(
            found,
            self._spec.golden.expected,
            self._tolerance,
            proven=self._opened.is_proven(self._spec.model_sha256),
        )
        self._largest = seen.largest
