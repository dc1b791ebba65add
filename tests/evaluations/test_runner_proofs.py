"""What the runner proves by itself before anything is published: the model, its log-probabilities, the cache, the device."""

import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluations.calibration import golden, ngram
from evaluations.ngram.model import NgramModel, load_default
from evaluations.ngram.server import Completions
from evaluations.runner import device
from evaluations.runner.device import Proof
from evaluations.runner.golden import deviation
from evaluations.runner.reasons import Stopped
from tests.evaluations.test_runner import run, start
from tests.evaluations.workshop import (
    eventually,
    golden_of,
    lay_out,
    read,
    serving,
    sha256_of,
    specification,
    stand_in,
    task_files,
)

FILES = {**task_files(questions=20), golden.NAME: golden.content()}
OTHER = NgramModel.train("Ein ganz anderer Text. Und noch ein Satz über Hunde.")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    yield from serving(load_default())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "run"
    place.mkdir()
    return place


@pytest.fixture
def spec(tmp_path: Path, url: str) -> dict[str, Any]:
    return specification(
        "eval-1", stand_in(tmp_path), FILES, endpoint={"url": url}, golden=golden_of(load_default())
    )


def test_the_manifest_says_what_was_proven(folder: Path, spec: dict[str, Any]) -> None:
    assert run(folder, spec, FILES) == 0
    manifest = read(folder / "result" / "manifest.json")
    assert manifest["endpoint"]["proof"] == "sha256"
    assert manifest["endpoint"]["image"].startswith("cesai-ngram@sha256:")
    assert manifest["golden"]["asked"] == len(golden.pairs()) >= golden.LEAST
    assert manifest["golden"]["largest"] <= golden.TOLERANCE_CPU
    assert manifest["cache"] == {"name": spec["fingerprint"], "opened": "new"}
    assert manifest["again"] | {"asked": 24, "largest": 0.0} == manifest["again"]
    assert manifest["device"] == {"asked": 0, "used": "cpu", "gpus": []}
    assert manifest["warnings"] == []


class Shifted(Completions):
    """The well-known fault: every echoed log-probability is that of the token before."""

    def complete(self, body: dict[str, Any]) -> dict[str, Any]:
        told = super().complete(body)
        for choice in told["choices"]:
            values = choice["logprobs"]["token_logprobs"]
            choice["logprobs"]["token_logprobs"] = [None, None, *values[1:-1]]
        return told


class Silent(Completions):
    def complete(self, body: dict[str, Any]) -> dict[str, Any]:
        told = super().complete(body)
        for choice in told["choices"]:
            choice["logprobs"] = None
        return told


@pytest.mark.parametrize(
    ("server", "reason", "words"),
    [(Shifted, "logprobs_wrong", "token before"), (Silent, "no_logprobs", "log-probability for each token")],
)
def test_a_server_with_wrong_log_probabilities_is_found_before_the_questions(
    folder: Path, spec: dict[str, Any], server: type[Completions], reason: str, words: str
) -> None:
    with_server = serving(load_default(), completions=server)
    spec["endpoint"] = {"url": next(with_server)}
    assert run(folder, spec, FILES) != 0
    ended = read(folder / "exit.json")
    assert (ended["reason"], words in ended["message"]) == (reason, True), ended
    assert not (folder / "result").exists()
    next(with_server, None)


def test_another_model_behind_the_right_name_is_found_by_its_answers(
    folder: Path, spec: dict[str, Any]
) -> None:
    """No hash is declared, as with most servers: only the answers give it away."""
    other = serving(OTHER)
    spec |= {"endpoint": {"url": next(other)}, "model": spec["model"] | {"sha256": []}}
    assert run(folder, spec, FILES) == 76
    assert "as by another model" in read(folder / "exit.json")["message"]
    next(other, None)


def test_a_cache_without_its_seal_is_thrown_away(tmp_path: Path, folder: Path, spec: dict[str, Any]) -> None:
    assert run(folder, spec, FILES) == 0
    plain = (folder / "result" / "manifest.json").read_text()
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "cache").mkdir(parents=True)
    (cache,) = (folder / "cache").glob(f"{spec['fingerprint']}_*")
    (elsewhere / "cache" / cache.name).write_bytes(cache.read_bytes())
    assert run(elsewhere, spec, FILES) == 0
    manifest = read(elsewhere / "result" / "manifest.json")
    assert (manifest["cache"]["opened"], manifest["reused"]) == ("discarded", 0)
    assert json.loads(plain)["samples"] == manifest["samples"]


def test_answers_of_another_model_under_the_right_seal_show_when_asked_again(
    tmp_path: Path, folder: Path, spec: dict[str, Any]
) -> None:
    other = serving(OTHER)
    wrong = spec | {
        "endpoint": {"url": next(other)},
        "golden": golden_of(OTHER),
        "model": spec["model"] | {"sha256": []},
    }
    assert run(tmp_path / "other", wrong, FILES) == 0
    next(other, None)
    with start(lay_out(folder, spec, FILES), STAND_IN_HALT="2") as process:
        eventually(lambda: read(folder / "progress.json").get("done") == 2)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    (cache,) = (folder / "cache").glob(f"{spec['fingerprint']}_*")
    (foreign,) = (tmp_path / "other" / "cache").glob(f"{spec['fingerprint']}_*")
    cache.write_bytes(foreign.read_bytes())
    assert run(folder, spec | {"restart": 1}, FILES) == 0
    manifest = read(folder / "result" / "manifest.json")
    assert manifest["cache"]["opened"] == "kept"
    assert manifest["again"]["largest"] > golden.TOLERANCE_GPU


def test_kills_at_random_points_lose_no_answer_and_change_none(
    tmp_path: Path, folder: Path, spec: dict[str, Any]
) -> None:
    assert run(tmp_path / "whole", spec, FILES) == 0
    dice = random.Random(20261122)
    answered = 0
    for restart, more in enumerate(dice.randint(1, 5) for _ in range(3)):
        with start(lay_out(folder, spec | {"restart": restart}, FILES), STAND_IN_HALT=str(more)) as process:
            eventually(
                lambda known=answered, more=more: (
                    read(folder / "progress.json").get("done", 0) >= known + more
                )
            )
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        answered += more
    assert run(folder, spec | {"restart": 3}, FILES) == 0
    assert read(folder / "result" / "manifest.json")["reused"] >= 0.95 * answered
    (whole,) = (tmp_path / "whole" / "result").glob("samples_*")
    (resumed,) = (folder / "result").glob("samples_*")
    assert resumed.read_bytes() == whole.read_bytes()


def nvidia_smi(folder: Path, monkeypatch: pytest.MonkeyPatch, used: int, pids: str) -> None:
    """A driver's program that shows two GPUs."""
    program = folder / "nvidia-smi"
    program.write_text(
        "#!/bin/sh\ncase $1 in\n"
        f"--query-gpu*) printf '0, GPU-aa, NVIDIA H100, %s, 570.1\\n1, GPU-bb, NVIDIA H100, 3, 570.1\\n' {used};;\n"
        f"*) printf '{pids}';;\nesac\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")


def test_a_gpu_is_proven_by_the_process_that_computes_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nvidia_smi(tmp_path, monkeypatch, 3, f"GPU-aa, {os.getpid()}\\n")
    proof = Proof(1)
    proof.begin(serves_here=True)
    proof.look(os.getsid(0))
    facts = proof.facts()
    assert (facts["used"], [(gpu["uuid"], gpu["by"]) for gpu in facts["gpus"]]) == (
        "gpu",
        [("GPU-aa", "process")],
    )


def test_in_a_container_the_memory_that_the_model_took_is_the_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nvidia_smi(tmp_path, monkeypatch, 3, "")
    proof = Proof(1)
    proof.begin(serves_here=True)
    nvidia_smi(tmp_path, monkeypatch, 16_000, "")
    proof.look(os.getsid(0))
    assert proof.facts()["gpus"][0]["by"] == "memory"


def test_a_gpu_that_is_there_and_idle_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia_smi(tmp_path, monkeypatch, 3, "GPU-bb, 1\\n")
    proof = Proof(1)
    proof.begin(serves_here=True)
    proof.look(os.getsid(0))
    with pytest.raises(Stopped, match="only 0 worked"):
        proof.facts()


def test_more_gpus_than_are_visible_and_an_endpoint_elsewhere_are_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nvidia_smi(tmp_path, monkeypatch, 3, "")
    with pytest.raises(Stopped, match="2 GPUs were asked for"):
        Proof(2).begin(serves_here=True)
    with pytest.raises(Stopped, match="somewhere else"):
        Proof(1).begin(serves_here=False)
    assert [gpu["uuid"] for gpu in device.gpus()] == ["GPU-aa"]


def test_a_deviation_knows_a_shift_from_another_model() -> None:
    expected = ngram.likelihoods(load_default(), golden.pairs())
    assert deviation(expected, expected, 1e-4).largest == 0
    delayed = [[-9.0, *row[:-1]] for row in expected]
    early = [[*row[1:], -9.0] for row in expected]
    assert (deviation(delayed, expected, 1e-4).shift, deviation(early, expected, 1e-4).shift) == (1, -1)
    assert deviation(ngram.likelihoods(OTHER, golden.pairs()), expected, 1e-4).shift == 0
    assert deviation([[0.0]], [[0.0, 0.0]], 1).largest == float("inf")
    assert sha256_of(golden.content()) == golden.sha256()
