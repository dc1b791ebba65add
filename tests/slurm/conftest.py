"""One Slurm for all tests of this folder."""

import json
import os
import shutil
import signal
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from evaluations.launchers.protocol import Job
from evaluations.launchers.slurm import SlurmLauncher
from evaluations.launchers.slurm_commands import Commands
from evaluations.launchers.slurm_facts import GpuClass as Wanted
from evaluations.launchers.slurm_rest import Rest
from evaluations.models import Engine, GpuClass, SuiteVersion
from evaluations.ngram.model import NgramModel, load_default
from evaluations.ngram.server import Completions
from tests.evaluations.conftest import release, suite_version  # noqa: F401
from tests.evaluations.workshop import eventually, read, serving, specification, stand_in, task_files
from tests.slurm.cluster import Cluster, require_cluster

FILES = task_files(questions=4)
CLASSES = {
    "h100": Wanted(minutes=10, gres="gpu:h100:1", partition="low"),
    "two": Wanted(minutes=10, gres="gpu:h100:2", partition="low"),
    "urgent": Wanted(minutes=10, gres="gpu:h100:2", partition="high"),
    "brief": Wanted(minutes=1, gres="gpu:a100:1", partition="low"),
    "nowhere": Wanted(minutes=10, partition="nowhere"),
    "impossible": Wanted(minutes=10, gres="gpu:b200:1"),
    "strangers": Wanted(minutes=10, account="strangers"),
}
# The same as rows. Without a wish a run gets the first by name, with as few GPUs as it allows.
PORTAL_CLASSES = {
    "a100": {"gres": "gpu:a100", "most_gpus": 2},
    "cores": {"most_gpus": 0},
    "h100": {"gres": "gpu:h100", "most_gpus": 2},
    "impossible": {"gres": "gpu:b200"},
    "tiny": {"most_gpus": 0, "memory_mb": 5},
    "shared": {"gres": "gpu:a100", "qos": "narrow"},
    "strict": {"gres": "gpu:h100", "most_gpus": 2, "qos": "strict"},
    "nowhere": {"most_gpus": 0, "partition": "nowhere"},
    "strangers": {"most_gpus": 0, "account": "strangers"},
}


@pytest.fixture(scope="session")
def slurm() -> Iterator[Cluster]:
    """Up at first use, gone at the end whatever happened in between."""
    require_cluster()
    cluster = Cluster()
    try:
        cluster.up()
        cluster.overtime = begin_overtime(cluster)
        yield cluster
    finally:
        cluster.down()


def begin_overtime(cluster: Cluster) -> dict[str, str]:
    """Keys of jobs with a limit of one minute, in a partition that no test clears.

    One hears nothing and has to be killed; the other hangs until Slurm warns it, and ends without knowing why.
    """
    root = django_settings.VAR_DIR / "runs"
    root.mkdir(parents=True, exist_ok=True)
    deaf = root.parent / "deaf-python"
    deaf.write_text("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n")
    deaf.chmod(0o755)
    keys = {"deaf": f"eval-{uuid.uuid4()}", "hanging": f"eval-{uuid.uuid4()}"}
    serve = {"command": ["sleep", "600"], "ready_seconds": 600}
    for name, python in (("deaf", str(deaf)), ("hanging", sys.executable)):
        launcher = SlurmLauncher(
            root,
            Commands(cluster.environment["SLURM_CONF"]),
            {"minute": Wanted(minutes=1, partition="aside")},
            "minute",
            python=python,
        )
        spec = specification(keys[name], sys.executable, {}, endpoint={"serve": serve})
        launcher.submit(Job(spec), keys[name])
    process = root / keys["hanging"] / "process.json"
    eventually(lambda: read(process))
    os.kill(read(process)["pid"], signal.SIGSTOP)
    return keys


@pytest.fixture
def overtime(slurm: Cluster) -> dict[str, str]:
    return slurm.overtime


@pytest.fixture
def cluster(slurm: Cluster) -> Iterator[Cluster]:
    """The cluster with nothing in its queue, before and after."""
    yield slurm
    slurm.clear()


def rest_of(cluster: Cluster) -> Rest:
    return Rest(cluster.start_rest(), "root", cluster.token)


@pytest.fixture
def slurm_launcher(cluster: Cluster, tmp_path: Path) -> SlurmLauncher:
    return SlurmLauncher(tmp_path / "runs", Commands(cluster.environment["SLURM_CONF"]), CLASSES, "h100")


@pytest.fixture
def rest_launcher(cluster: Cluster, tmp_path: Path) -> SlurmLauncher:
    """The same launcher over the cluster's REST service."""
    return SlurmLauncher(tmp_path / "runs", rest_of(cluster), CLASSES, "h100")


@pytest.fixture
def staged_launcher(cluster: Cluster, tmp_path: Path) -> SlurmLauncher:
    """The same launcher for nodes that have the runs' folders only as copies, made by the script for such sites."""
    place = tmp_path / "node"
    place.mkdir()
    script = shutil.copy(django_settings.BASE_DIR / "deploy" / "slurm" / "staged-python", place)
    (place / "staging.conf").write_text(
        f"PYTHON={sys.executable}\nSCRATCH={place / 'scratch'}\nEVERY=0.3\n"
        'fetch() { cp -r "$1/." "$2"; }\nstore() { cp -r "$1/." "$2"; }\n'
    )
    commands = Commands(cluster.environment["SLURM_CONF"])
    return SlurmLauncher(tmp_path / "runs", commands, CLASSES, "h100", python=script, shared=False)


class Remembering(Completions):
    """Every run asks the same golden continuations: what was computed once is only said again."""

    def __init__(self, model: NgramModel, name: str) -> None:
        super().__init__(model, name)
        self._said: dict[str, dict[str, Any]] = {}

    def complete(self, body: dict[str, Any]) -> dict[str, Any]:
        asked = json.dumps(body, sort_keys=True)
        if asked not in self._said:
            self._said[asked] = super().complete(body)
        return self._said[asked]


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    yield from serving(load_default(), completions=Remembering)


@pytest.fixture
def key() -> str:
    """A name that no other test gave to a job: the accounts remember all of them."""
    return f"eval-{uuid.uuid4()}"


@pytest.fixture
def job(tmp_path: Path, endpoint: str, key: str) -> Job:
    return Job(specification(key, stand_in(tmp_path), FILES, endpoint={"url": endpoint}), FILES)


@pytest.fixture
def engine(cluster: Cluster, settings: Any, suite_version: SuiteVersion) -> Engine:  # noqa: F811
    """The cluster as the portal's administrators enter it, with classes of what jobs ask for."""
    settings.SLURM_CONF = cluster.environment["SLURM_CONF"]
    engine = Engine.objects.create(
        slug="cluster", title="Rechenzentrum", kind=Engine.Kind.SLURM, most_at_once=20
    )
    for code, values in PORTAL_CLASSES.items():
        gpu_class = GpuClass(
            **{"code": code, "title": code, "engine": engine, "minutes": 10, "partition": "low"} | values
        )
        gpu_class.full_clean()
        gpu_class.save()
    return engine
