"""The last of the cluster's tests, because everything that runs on the node dies with it."""

from evaluations.launchers.protocol import EngineState, Job
from evaluations.launchers.slurm import SlurmLauncher
from tests.slurm.cluster import Cluster
from tests.slurm.following import changed, halting, until, until_answered, until_over


def test_a_job_whose_node_died_is_put_back_and_finishes(
    slurm_launcher: SlurmLauncher, cluster: Cluster, job: Job, key: str
) -> None:
    ref = slurm_launcher.submit(halting(job, 2), key)
    until_answered(slurm_launcher, 2, key)
    cluster.kill_node()
    waiting = until(slurm_launcher, EngineState.PENDING, key)
    assert waiting.restart == 1
    spec = slurm_launcher.folder(key) / "spec.json"
    spec.write_text(spec.read_text().replace('"STAND_IN_HALT"', '"STAND_IN_IGNORED"'))
    cluster.start_node()
    ended = until_over(slurm_launcher, key, cluster, ref.job)
    if ended.reason != "published":
        # Slurm still had a kill for the lost start in its drawer, which a longer wait would have spared the new one.
        assert ended.state == EngineState.GONE or ended.reason == "stopped"
        again = slurm_launcher.submit(changed(job, restart=ended.restart + 1), key)
        ended = until_over(slurm_launcher, key, cluster, again.job)
    assert ended.reason == "published"
    usages = slurm_launcher.usage([key])
    assert (usages[0].restart, usages[0].reason, usages[-1].reason) == (0, "node_fail", "published")
    assert all(usage.measured for usage in usages)
