"""A real transformer: in the harness's own process, and behind HTTP through a job of the cluster, give the same answers."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from evaluations.calibration import golden, reference
from evaluations.launchers.protocol import EngineState, Job
from evaluations.launchers.slurm import SlurmLauncher
from tests.evaluations.llama import environment
from tests.evaluations.workshop import TASK, read, sha256_of, specification, task_files
from tests.slurm.following import until

HERE = Path(environment.__file__).parent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def python() -> Path:
    """Skips where torch is not to be had, also in a run that must leave nothing out: no package of Debian would help."""
    try:
        return environment.ensure()
    except environment.NotToBeHad as reason:
        pytest.skip(f"NO RUN WITH A REAL TRANSFORMER: {reason}")


def call(python: Path, *command: str, folder: Path) -> str:
    offline = {
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HOME": str(folder / "hub"),
        "OMP_NUM_THREADS": "1",
    }
    told = subprocess.run(
        [str(python), *command],
        cwd=folder,
        env=os.environ | offline,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    return told.stdout


def answers(folder: Path) -> list[list[float]]:
    (path,) = folder.rglob("samples_*.jsonl")
    samples = [json.loads(line) for line in path.read_text().splitlines()]
    return [[float(answer[0][0]) for answer in sample["resps"]] for sample in samples]


def accuracy(folder: Path) -> dict[str, float]:
    (path,) = folder.rglob("results_*.json")
    row = json.loads(path.read_text())["results"][TASK]
    return {name: row[f"{name},none"] for name in ("acc", "acc_norm")}


def test_a_tiny_llama_scores_the_same_in_process_and_on_the_cluster(
    python: Path, slurm_launcher: SlurmLauncher, key: str, tmp_path: Path
) -> None:
    files = task_files(questions=12)
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    model = tmp_path / "model"
    call(python, str(HERE / "build.py"), f"tasks/{TASK}.jsonl", str(model), folder=tmp_path)
    told = json.loads(call(python, reference.__file__, str(model), str(golden.FILE), folder=tmp_path))

    files[golden.NAME] = golden.content()
    spec = specification(
        key,
        str(python),
        files,
        golden={"file": golden.NAME, "tolerance": golden.TOLERANCE_CPU, "expected": told["values"]},
        model={
            "type": "local-completions",
            "name": "tiny-llama",
            "arguments": {"tokenizer_backend": "remote", "max_length": 512},
        },
        endpoint={
            "serve": {
                "command": [str(python), str(HERE / "server.py"), str(model), "{port}", "tiny-llama"],
                "ready_seconds": 300,
            }
        },
    )
    spec["files"] = {name: sha256_of(content) for name, content in files.items()}
    slurm_launcher.submit(Job(spec, files), key)
    # Meanwhile the same questions in one process.
    inside = tmp_path / "inside"
    call(
        python,
        *("-m", "lm_eval", "run", "--model", "hf", "--model_args", f"pretrained={model},dtype=float32"),
        *("--device", "cpu", "--batch_size", "1", "--tasks", TASK, "--include_path", str(tmp_path / "tasks")),
        *("--log_samples", "--seed", "42", "--output_path", str(inside)),
        folder=tmp_path / "tasks",
    )
    ended = until(slurm_launcher, EngineState.ENDED, key, 600)
    folder = slurm_launcher.folder(key)
    assert ended.reason == "published", (folder / "log.txt").read_text()[-3000:]

    manifest = read(folder / "result" / "manifest.json")
    assert manifest["golden"]["largest"] <= golden.TOLERANCE_CPU
    assert manifest["endpoint"]["image"].startswith("tiny-llama 2.13.0")
    own, served = answers(inside), answers(folder / "result")
    assert len(own) == len(served) == 12
    for these, those in zip(own, served, strict=True):
        assert those == pytest.approx(these, abs=1e-4)
    assert accuracy(folder / "result") == pytest.approx(accuracy(inside))
