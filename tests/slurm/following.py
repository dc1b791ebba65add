"""Following a job at a launcher."""

from typing import Any

from evaluations.launchers.folder import RunFolder
from evaluations.launchers.protocol import EngineState, Job, Launcher, Observation
from tests.evaluations.workshop import eventually
from tests.slurm.cluster import Cluster


def changed(job: Job, **changes: Any) -> Job:
    return Job(job.spec | changes, job.files)


def halting(job: Job, answers: int, **changes: Any) -> Job:
    """The same job, waiting for ever after some answers."""
    return changed(job, environment={"STAND_IN_HALT": str(answers)}, **changes)


def look(launcher: Launcher, key: str) -> Observation:
    (observation,) = launcher.observe([key])
    return observation


def until(launcher: Launcher, state: EngineState, key: str, seconds: float = 60) -> Observation:
    seen: list[Observation] = []

    def reached() -> bool:
        seen.extend(launcher.observe([key]))
        return bool(seen) and seen[-1].state == state

    eventually(reached, seconds)
    return seen[-1]


def until_answered(launcher: Launcher, answers: int, key: str) -> None:
    # Read as the portal does: a copy of the file may be half there.
    folder = RunFolder(launcher.folder(key))
    eventually(lambda: (folder.progress or {}).get("done") == answers, 60)


def until_over(launcher: Launcher, key: str, cluster: Cluster, job: str) -> Observation:
    """However it ended; a job that is put back meanwhile need not wait."""

    def over() -> bool:
        cluster.hurry(job)
        return look(launcher, key).state in {EngineState.ENDED, EngineState.GONE}

    eventually(over, 90)
    return look(launcher, key)
