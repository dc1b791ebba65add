"""The cache of answers and its seal: what model it belongs to. The harness itself does not look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .files import put_json, read_json
from .golden import deviation


class Cache:
    """Answers of earlier attempts, in files named after the fingerprint.

    The seal beside them says which model gave them: the SHA-256 that the endpoint reported and its log-probabilities
    of the golden continuations. Answers without their seal, or with another model's, are thrown away.
    """

    def __init__(self, folder: Path, fingerprint: str):
        self.path = folder / "cache" / fingerprint
        self._seal = folder / "cache" / f"{fingerprint}.seal.json"

    @property
    def files(self) -> list[Path]:
        return sorted(self.path.parent.glob(f"{self.path.name}_*"))

    def open(self, sha256: str | None, golden: list[list[float]] | None, tolerance: float) -> str:
        """Make sure that only this model's answers are there; `new`, `kept` or `discarded`."""
        self.path.parent.mkdir(exist_ok=True)
        verdict = "new"
        if self.files:
            verdict = "kept" if self._is_ours(sha256, golden, tolerance) else "discarded"
        if verdict != "kept":
            for path in self.files:
                path.unlink()
            put_json(self._seal, {"fingerprint": self.path.name, "sha256": sha256, "golden": golden})
        return verdict

    def _is_ours(self, sha256: str | None, golden: list[list[float]] | None, tolerance: float) -> bool:
        seal: Any = read_json(self._seal)
        if not isinstance(seal, dict) or seal.get("fingerprint") != self.path.name:
            return False
        if seal.get("sha256") != sha256 or (seal.get("golden") is None) != (golden is None):
            return False
        return golden is None or deviation(golden, seal["golden"], tolerance).largest <= tolerance
