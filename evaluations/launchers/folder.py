"""Reading a run's folder from the portal's side of the contract."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RunFolder:
    """The files that a runner leaves; each may be missing, half of them may never come."""

    path: Path

    def document(self, name: str) -> dict[str, Any] | None:
        """A JSON object of the folder, or None when it is missing or not one."""
        try:
            content = json.loads((self.path / name).read_bytes())
        except (OSError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    @property
    def progress(self) -> dict[str, Any] | None:
        return self.document("progress.json")

    @property
    def exit(self) -> dict[str, Any] | None:
        return self.document("exit.json")

    @property
    def process(self) -> dict[str, Any] | None:
        return self.document("process.json")

    @property
    def manifest(self) -> dict[str, Any] | None:
        return self.document("result/manifest.json")

    def log_tail(self, lines: int = 14, limit_bytes: int = 32_768) -> str:
        """The last `lines` lines of the log; reads at most `limit_bytes`."""
        try:
            with (self.path / "log.txt").open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - limit_bytes))
                text = file.read().decode(errors="replace")
        except OSError:
            return ""
        if size > limit_bytes:
            text = text.partition("\n")[2]
        return "\n".join(text.splitlines()[-lines:])
