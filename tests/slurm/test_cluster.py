"""The cluster of the tests is a real one: it counts GPUs and leaves nothing behind."""

import json
from pathlib import Path

from tests.evaluations.workshop import eventually
from tests.slurm.cluster import Cluster, require_cluster


def states(cluster: Cluster) -> list[str]:
    return [
        job["job_state"]
        for job in json.loads(cluster.ask("squeue", "--json"))["jobs"]
        if job["name"] == "third"
    ]


def test_a_third_job_waits_for_the_gpus_that_two_others_hold(cluster: Cluster) -> None:
    for name in ("first", "second", "third"):
        cluster.ask(
            "sbatch", "--job-name", name, "--gres=gpu:h100:1", "--wrap", "sleep 60", "--output=/dev/null"
        )
    eventually(lambda: "Resources" in cluster.ask("squeue", "-h", "-n", "third", "-o", "%r"))
    assert states(cluster) == ["PENDING"]
    assert cluster.ask("squeue", "-h", "-t", "RUNNING", "-o", "%b").split() == ["gres:gpu:h100:1"] * 2


def test_nothing_of_a_cluster_is_left(tmp_path: Path) -> None:
    require_cluster()
    cluster = Cluster()
    try:
        cluster.up()
        cluster.ask("sbatch", "--wrap", "sleep 60", "--output=/dev/null")
        eventually(lambda: cluster.ask("squeue", "-h", "-t", "RUNNING"))
    finally:
        cluster.down()
    assert not cluster.folder.exists()
    mark = str(cluster.folder).encode()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            assert mark not in (place / "cmdline").read_bytes()
        except OSError:
            continue
