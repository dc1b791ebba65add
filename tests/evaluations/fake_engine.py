"""An engine whose jobs do what the test says. `test_fake_engine.py` holds it to the real launcher's shape."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evaluations.launchers.protocol import (
    AttemptUsage,
    Capabilities,
    EngineRef,
    EngineState,
    Job,
    Observation,
    Refused,
    Unreachable,
)
from evaluations.models import Engine

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


class FakeEngine:
    """Remembers what was submitted and cancelled; `down`, `refuses` and `crashes_after_submit` make trouble."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.submitted: list[tuple[str, int]] = []
        self.cancelled: list[str] = []
        self.jobs: dict[str, Job] = {}
        self.seen: dict[str, Observation] = {}
        self.questions = 0
        self.down = False
        self.refuses = ""
        self.crashes_after_submit = False
        self.accounts_are_late = False

    def capabilities(self) -> Capabilities:
        return Capabilities(name="fake", gpu_classes=(), preempts=True, measures_energy=False)

    def folder(self, key: str) -> Path:
        return self.root / key

    def submit(self, job: Job, key: str) -> EngineRef:
        self._answer()
        if self.refuses:
            raise Refused(self.refuses)
        restart = job.spec["restart"]
        if (key, restart) not in self.submitted:
            self.submitted.append((key, restart))
            self.jobs[key] = job
            self.say(key, EngineState.PENDING, restart=restart)
        if self.crashes_after_submit:
            raise KeyboardInterrupt
        return EngineRef(key, restart, f"job-{key[-4:]}-{restart}")

    def observe(self, keys: Iterable[str]) -> list[Observation]:
        self._answer()
        self.questions += 1
        return [self.seen[key] for key in keys if key in self.seen]

    def cancel(self, ref: EngineRef) -> None:
        self._answer()
        self.cancelled.append(ref.key)

    def usage(self, keys: Iterable[str]) -> list[AttemptUsage]:
        self._answer()
        return [
            AttemptUsage(
                *(key, restart, f"job-{restart}", NOW, NOW, 12.5, 3.0, 0.0, None, "node-1", ""),
                not self.accounts_are_late,
            )
            for key, restart in self.submitted
            if key in set(keys)
        ]

    def say(self, key: str, state: EngineState, **changes: Any) -> None:
        """From now on the job looks like this."""
        restart = changes.pop("restart", self.seen[key].restart if key in self.seen else 0)
        self.seen[key] = Observation(key, restart, state, NOW, node="node-1", started_at=NOW, **changes)

    def _answer(self) -> None:
        if self.down:
            raise Unreachable("the engine is switched off")


in_use: list[FakeEngine] = []


def current(engine: Engine) -> FakeEngine:
    return in_use[-1]
