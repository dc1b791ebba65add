"""Fifteen ways in which an evaluation goes wrong and looks right, planted into one real result: none becomes a score."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest

from evaluations.calibration import golden, ngram
from evaluations.launchers.local import LocalLauncher
from evaluations.launchers.protocol import EngineState, Job
from evaluations.models import GpuClass, Run, Score, Task
from evaluations.models.run import State
from evaluations.ngram.model import NgramModel, load_default
from evaluations.reconcile import tick
from evaluations.sentences import REASONS
from tests.evaluations.fake_engine import FakeEngine
from tests.evaluations.published import content_hash, sha256
from tests.evaluations.workshop import (
    NGRAM_SHA256,
    TASK,
    eventually,
    golden_of,
    read,
    real_harness,
    specification,
    task_files,
)

UUID = "7a3c1f7e-0000-4000-8000-000000000015"
KEY = f"eval-{UUID}"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the real harness and runner leave of 60 questions to the n-gram endpoint."""
    files = task_files()
    expected = golden_of(load_default())
    spec = specification(KEY, real_harness(), files, golden=expected, time_limit_seconds=3600)
    files = {**files, golden.NAME: golden.content()}
    spec["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    launcher = LocalLauncher(tmp_path_factory.mktemp("real"))
    launcher.submit(Job(spec, files), KEY)
    eventually(lambda: launcher.observe([KEY])[0].state == EngineState.ENDED, seconds=900)
    folder = launcher.folder(KEY)
    assert read(folder / "exit.json")["reason"] == "published", (folder / "log.txt").read_text()
    return folder / "result"


@dataclass
class Planted:
    """A copy of the real result; what is changed in it is hashed again, as somebody with bad luck or intent would."""

    place: Path
    run: Run
    manifest: dict[str, Any] = field(init=False)
    results: dict[str, Any] = field(init=False)
    samples: list[dict[str, Any]] = field(init=False)
    golden: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.manifest = read(self.place / "manifest.json")
        self.golden = read(self.place / "golden.json")
        (self._results,) = self.place.glob("results_*")
        (self._samples,) = self.place.glob("samples_*")
        self.results = read(self._results)
        self.samples = [json.loads(line) for line in self._samples.read_text().splitlines()]

    def save(self) -> None:
        self._results.write_text(json.dumps(self.results))
        self._samples.write_text(
            "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in self.samples)
        )
        (self.place / "golden.json").write_text(json.dumps(self.golden))
        for name in self.manifest["files"]:
            if (self.place / name).exists():
                self.manifest["files"][name]["sha256"] = sha256((self.place / name).read_text())
        (self.place / "manifest.json").write_text(json.dumps(self.manifest))

    def sum_up(self) -> None:
        """Scores, standard errors and hashes anew from the answers."""
        row = self.results["results"][TASK]
        for metric in ("acc", "acc_norm"):
            values = [sample[metric] for sample in self.samples]
            row |= {
                f"{metric},none": fmean(values),
                f"{metric}_stderr,none": stdev(values) / len(values) ** 0.5,
            }
        self.results["task_hashes"][TASK] = content_hash(self.samples)


def cpu_for_gpu(planted: Planted) -> None:
    run, release = planted.run, planted.run.release
    release.serve_command = ["serve-on-gpu", "--port", "{port}"]
    release.manifest = {"model.safetensors": {"size": 1, "sha256": NGRAM_SHA256}}
    release.save()
    run.gpu_class = GpuClass.objects.create(code="h100", title="H100", engine=run.engine, gres="gpu:h100")
    Run.objects.filter(pk=run.pk).update(gpu_class=run.gpu_class, gpus=1)
    planted.results["config"]["device"] = "cuda:0"


def shifted(planted: Planted) -> None:
    for name in ("before", "after"):
        planted.golden[name] = [[*row[1:], -3.0] for row in planted.golden[name]]


def other_model(planted: Planted) -> None:
    """The name is right, and nothing but the name: a server without a hash, with the answers of a smaller model."""
    model = NgramModel.train("Ein ganz anderer Text. Noch ein Satz.")
    planted.golden["before"] = golden_of(model)["expected"]
    planted.golden["after"] = planted.golden["before"][:8]
    planted.manifest["endpoint"] |= {"sha256": None, "proof": "name"}


def foreign_cache(planted: Planted) -> None:
    """As the runner notes it when an answer comes out differently; `test_runner_proofs.py` lets it happen."""
    planted.manifest["again"]["largest"] = 1.7


def missing_task(planted: Planted) -> None:
    planted.results["results"]["another_task"] = planted.results["results"].pop(TASK)


def truncated_file(planted: Planted) -> None:
    planted.save()
    (path,) = planted.place.glob("samples_*")
    path.write_bytes(path.read_bytes()[:-2000])


def limit(planted: Planted) -> None:
    del planted.samples[10:]
    planted.results["config"]["limit"] = 10
    planted.results["n-samples"][TASK]["effective"] = 10
    planted.sum_up()


def template(planted: Planted) -> None:
    planted.results |= {"chat_template": "{{ messages }}", "chat_template_sha": "e" * 64}


def drift(planted: Planted) -> None:
    doc = planted.samples[0]["doc"] | {"frage": "Welche neue Frage ist das?"}
    planted.samples[0] |= {"doc": doc, "doc_hash": sha256(json.dumps(doc, indent=2, ensure_ascii=False))}
    planted.sum_up()


def empty(planted: Planted) -> None:
    """A server that leaves the log-probabilities out: each choice sums up to 0."""
    for sample in planted.samples[:6]:
        sample["resps"] = [[["0.0", "True"]] for _answer in sample["resps"]]
        sample["acc"] = sample["acc_norm"] = float(sample["target"] == "0")
    planted.sum_up()


def not_a_number(planted: Planted) -> None:
    planted.results["results"][TASK]["acc,none"] = float("nan")


def wrong_scale(planted: Planted) -> None:
    planted.results["results"][TASK]["acc_stderr,none"] *= 1.96


def dead_endpoint(planted: Planted) -> None:
    """A result behind which no endpoint stands: nothing was served, nothing was asked."""
    planted.manifest |= {"endpoint": None, "golden": {}, "again": {}}


def no_result(planted: Planted) -> None:
    shutil.rmtree(planted.place)


def edited(planted: Planted) -> None:
    """Some wrong answers are called right, and everything is summed up and hashed anew."""
    for sample in planted.samples:
        sample["acc"] = 1.0
        if sample["doc_id"] > 20:
            break
    planted.sum_up()


FAULTS: dict[Callable[[Planted], None], str] = {
    cpu_for_gpu: "device_unproven",
    shifted: "logprobs_shifted",
    other_model: "calibration_failed",
    foreign_cache: "foreign_cache",
    missing_task: "task_missing",
    truncated_file: "file_changed",
    limit: "limited",
    template: "other_template",
    drift: "other_questions",
    empty: "answers_empty",
    not_a_number: "not_a_number",
    wrong_scale: "stderr_differs",
    dead_endpoint: "foreign_model",
    no_result: "file_missing",
    edited: "answers_edited",
}


@pytest.fixture
def planted(real: Path, run: Run, fake: FakeEngine) -> Planted:
    """The run that the real result is of, in front of the gates, and an accepted run's hash that binds it."""
    release = run.release
    release.folder.mkdir(parents=True, exist_ok=True)
    (release.folder / ngram.FILE).write_bytes(load_default().to_bytes())
    release.manifest = {ngram.FILE: {"size": 1, "sha256": NGRAM_SHA256}}
    release.save()
    fingerprint = read(real / "manifest.json")["fingerprint"]
    Run.objects.filter(pk=run.pk).update(uuid=UUID, fingerprint=fingerprint)
    run.refresh_from_db()
    tick()
    place = fake.folder(KEY) / "result"
    shutil.copytree(real, place)
    fake.say(KEY, EngineState.ENDED, reason="published")
    found = Planted(place, run)
    Task.objects.update(content_hash=found.results["task_hashes"][TASK])
    return found


def settled(planted: Planted) -> Run:
    tick()
    planted.run.refresh_from_db()
    return planted.run


@pytest.mark.slow
def test_the_real_result_becomes_a_score(planted: Planted) -> None:
    planted.save()
    run = settled(planted)
    assert run.state == State.SUCCEEDED, (run.reason, run.detail)
    assert run.scores.get(metric="acc").right == 12


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_ends_in_quarantine_and_publishes_nothing(
    planted: Planted, fault: Callable[[Planted], None]
) -> None:
    fault(planted)
    if fault not in (truncated_file, no_result):
        planted.save()
    run = settled(planted)
    assert (run.state, run.reason) == (State.QUARANTINED, FAULTS[fault]), run.detail
    assert run.reason in REASONS
    assert not Score.objects.exists()


def test_there_are_fifteen_of_them() -> None:
    assert len(FAULTS) == 15
