"""The real lm-eval through launcher and runner against the n-gram endpoint."""

import json
import os
import signal
from pathlib import Path

import pytest

from evaluations.launchers.local import LocalLauncher
from evaluations.launchers.protocol import EngineState, Job
from evaluations.ngram.model import load_default
from tests.evaluations.workshop import TASK, eventually, read, real_harness, specification, task_files

pytestmark = pytest.mark.slow


def test_scores_of_the_real_harness_are_the_models_own_even_after_a_kill(tmp_path: Path) -> None:
    files = task_files()
    python = real_harness()
    launcher = LocalLauncher(tmp_path / "runs")
    job = Job(specification("eval-real", python, files), files)
    launcher.submit(job, "eval-real")
    folder = launcher.folder("eval-real")
    eventually(lambda: read(folder / "progress.json").get("done", 0) >= 20, seconds=180)
    os.kill(read(folder / "process.json")["pid"], signal.SIGKILL)
    eventually(lambda: launcher.observe(["eval-real"])[0].state == EngineState.GONE)

    launcher.submit(Job(job.spec | {"restart": 1}, files), "eval-real")
    eventually(lambda: launcher.observe(["eval-real"])[0].state == EngineState.ENDED, seconds=180)
    (ended,) = launcher.observe(["eval-real"])
    assert ended.reason == "published", (folder / "log.txt").read_text()

    manifest = read(folder / "result" / "manifest.json")
    assert manifest["harness"] == {"name": "lm-eval", "version": "0.4.13"}
    assert manifest["samples"] == {TASK: {"original": 60, "effective": 60}}
    assert manifest["reused"] >= 10

    model = load_default()
    (samples_file,) = (folder / "result").glob("samples_*.jsonl")
    samples = [json.loads(line) for line in samples_file.read_text().splitlines()]
    right = 0
    for sample in samples:
        question = f"Frage: {sample['doc']['frage']}\nAntwort:"
        own = [model.log_likelihood(question, f" {option}") for option in sample["doc"]["optionen"]]
        told = [float(answer[0][0]) for answer in sample["resps"]]
        assert told == pytest.approx(own, abs=1e-9)
        right += own.index(max(own)) == sample["doc"]["antwort"]
    (results_file,) = (folder / "result").glob("results_*.json")
    results = json.loads(results_file.read_text())["results"][TASK]
    assert results["acc,none"] == pytest.approx(right / len(samples))
