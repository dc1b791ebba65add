"""One Slurm for all tests of this folder."""

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluations.launchers.protocol import Job
from evaluations.launchers.slurm import SlurmLauncher
from evaluations.launchers.slurm_commands import Commands
from evaluations.launchers.slurm_facts import GpuClass
from evaluations.launchers.slurm_rest import Rest
from evaluations.models import Engine, SuiteVersion
from evaluations.ngram.model import load_default
from evaluations.ngram.server import Server
from tests.evaluations.conftest import release, suite_version  # noqa: F401
from tests.evaluations.workshop import specification, stand_in, task_files
from tests.slurm.cluster import Cluster, require_cluster

FILES = task_files(questions=4)
CLASSES = {
    "h100": GpuClass(minutes=10, gres="gpu:h100:1", partition="low"),
    "two": GpuClass(minutes=10, gres="gpu:h100:2", partition="low"),
    "urgent": GpuClass(minutes=10, gres="gpu:h100:2", partition="high"),
    "brief": GpuClass(minutes=1, gres="gpu:a100:1", partition="low"),
    "nowhere": GpuClass(minutes=10, partition="nowhere"),
    "impossible": GpuClass(minutes=10, gres="gpu:b200:1"),
    "strangers": GpuClass(minutes=10, account="strangers"),
}


@pytest.fixture(scope="session")
def slurm() -> Iterator[Cluster]:
    """Up at first use, gone at the end whatever happened in between."""
    require_cluster()
    cluster = Cluster()
    try:
        yield cluster.up()
    finally:
        cluster.down()


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


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = Server(load_default())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def key() -> str:
    """A name that no other test gave to a job: the accounts remember all of them."""
    return f"eval-{uuid.uuid4()}"


@pytest.fixture
def job(tmp_path: Path, endpoint: str, key: str) -> Job:
    return Job(specification(key, stand_in(tmp_path), FILES, endpoint={"url": endpoint}), FILES)


@pytest.fixture
def engine(cluster: Cluster, settings: Any, suite_version: SuiteVersion) -> Engine:  # noqa: F811
    """The cluster as the portal's administrators enter it."""
    settings.SLURM_CONF = cluster.environment["SLURM_CONF"]
    engine = Engine(
        slug="cluster",
        title="Rechenzentrum",
        kind=Engine.Kind.SLURM,
        most_at_once=20,
        configuration={
            "default": "h100",
            "classes": {
                "h100": {"minutes": 10, "gres": "gpu:h100:2", "partition": "low"},
                "nowhere": {"minutes": 10, "partition": "nowhere"},
                "impossible": {"minutes": 10, "gres": "gpu:b200:1"},
            },
        },
    )
    engine.full_clean()
    engine.save()
    return engine
