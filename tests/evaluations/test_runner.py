"""The runner's contract: what goes in, what comes out, and what a kill leaves behind."""

import ast
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluations.ngram.model import NgramModel, load_default
from evaluations.runner.harness import start_of
from evaluations.runner.progress import Progress
from tests.evaluations import workshop
from tests.evaluations.workshop import eventually, lay_out, read, serving, specification, stand_in, task_files

FILES = task_files(questions=6)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "run"
    place.mkdir()
    return place


@pytest.fixture
def spec(tmp_path: Path, running_endpoint: str) -> dict[str, Any]:
    return specification("eval-1", stand_in(tmp_path), FILES, endpoint={"url": running_endpoint})


def start(path: Path, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "evaluations.runner", str(path)],
        cwd=workshop.SOURCES.parent,
        env=os.environ | environment,
        start_new_session=True,
    )


def run(folder: Path, spec: dict[str, Any], files: dict[str, bytes] | None = None, **environment: str) -> int:
    with start(lay_out(folder, spec, FILES if files is None else files), **environment) as process:
        return process.wait(60)


@pytest.fixture(scope="module")
def running_endpoint() -> Iterator[str]:
    yield from serving(load_default())


@pytest.fixture
def endpoint_of_another_model() -> Iterator[str]:
    yield from serving(NgramModel.train("Ein anderer Text."))


def processes_of(folder: Path) -> list[int]:
    """Processes whose command line names the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in command:
            found.append(int(entry.name))
    return found


def test_a_run_publishes_its_files_with_their_hashes(folder: Path, spec: dict[str, Any]) -> None:
    assert run(folder, spec) == 0
    manifest = read(folder / "result" / "manifest.json")
    assert manifest["fingerprint"] == spec["fingerprint"]
    assert manifest["endpoint"]["sha256"] == workshop.NGRAM_SHA256
    assert manifest["endpoint"]["proof"] == "sha256"
    assert manifest["endpoint"]["url"] == spec["endpoint"]["url"]
    names = {path.name for path in (folder / "result").iterdir()} - {"manifest.json"}
    assert names == set(manifest["files"])
    assert len(names) == 2
    for name, file in manifest["files"].items():
        assert file["sha256"] == hashlib.sha256((folder / "result" / name).read_bytes()).hexdigest()
    assert read(folder / "exit.json")["reason"] == "published"
    assert read(folder / "progress.json") | {"phase": "done", "done": 6, "total": 6} == read(
        folder / "progress.json"
    )
    log = (folder / "log.txt").read_text()
    assert "published" in log
    assert "Requesting API" not in log


def test_the_endpoint_that_was_started_for_the_run_is_gone_afterwards(
    folder: Path, spec: dict[str, Any]
) -> None:
    assert run(folder, spec | {"endpoint": {"serve": workshop.serve_ngram()}}) == 0
    url = read(folder / "result" / "manifest.json")["endpoint"]["url"]
    with socket.socket() as caller:
        assert caller.connect_ex(("127.0.0.1", int(url.split(":")[2].split("/")[0]))) != 0


def test_a_copy_of_the_folder_runs_without_the_portal(
    tmp_path: Path, folder: Path, spec: dict[str, Any]
) -> None:
    copy = tmp_path / "elsewhere" / "runner"
    shutil.copytree(workshop.SOURCES / "runner", copy, ignore=shutil.ignore_patterns("__pycache__"))
    path = lay_out(folder, spec, FILES)
    subprocess.run([sys.executable, str(copy), str(path)], cwd=tmp_path, check=True, timeout=60)
    assert read(folder / "exit.json")["reason"] == "published"


def test_the_runner_is_written_for_python_3_9() -> None:
    for path in (workshop.SOURCES / "runner").glob("*.py"):
        ast.parse(path.read_text(), feature_version=(3, 9))


def test_a_second_start_finds_the_published_result_and_does_nothing(
    folder: Path, spec: dict[str, Any]
) -> None:
    assert run(folder, spec) == 0
    before = (folder / "result" / "manifest.json").read_bytes()
    assert run(folder, spec | {"restart": 1}) == 0
    assert (folder / "result" / "manifest.json").read_bytes() == before
    assert [path.name for path in (folder / "attempts").iterdir()] == ["000"]


def test_a_failed_restart_is_not_run_twice_but_the_next_one_is(folder: Path, spec: dict[str, Any]) -> None:
    assert run(folder, spec, STAND_IN="fail") == 71
    assert run(folder, spec) == 71
    assert run(folder, spec | {"restart": 1}) == 0


def test_two_runners_never_work_in_one_folder(folder: Path, spec: dict[str, Any]) -> None:
    with start(lay_out(folder, spec, FILES), STAND_IN_HALT="0") as first:
        eventually(lambda: read(folder / "progress.json").get("phase") == "evaluating")
        with start(folder / "spec.json") as second:
            assert second.wait(30) == 75
        first.terminate()
        assert first.wait(30) == 143


def test_nobody_at_the_address_ends_the_run_before_it_starts(folder: Path, spec: dict[str, Any]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        assert run(folder, spec | {"endpoint": {"url": url}}) == 69
    ended = read(folder / "exit.json")
    assert ended["reason"] == "endpoint_unreachable"
    assert url in ended["message"]
    assert not (folder / "result").exists()


def test_another_models_answers_are_never_scored(
    folder: Path, spec: dict[str, Any], endpoint_of_another_model: str
) -> None:
    assert run(folder, spec | {"endpoint": {"url": endpoint_of_another_model}}) == 76
    assert read(folder / "exit.json")["reason"] == "wrong_model"
    assert not (folder / "result").exists()


def test_a_model_that_is_not_served_is_named(folder: Path, spec: dict[str, Any]) -> None:
    spec["model"] |= {"name": "teuken"}
    assert run(folder, spec) == 76
    assert "serves cesai-ngram-de, asked for was teuken" in read(folder / "exit.json")["message"]


def test_an_endpoint_that_cannot_start_is_told_with_its_last_words(
    folder: Path, spec: dict[str, Any]
) -> None:
    spec["endpoint"] = {"serve": workshop.serve_ngram("--model", "/nowhere/model.json")}
    assert run(folder, spec) == 68
    assert "cannot load the model" in read(folder / "exit.json")["message"]


def test_changed_questions_are_refused(folder: Path, spec: dict[str, Any]) -> None:
    changed = FILES | {"tasks/cesai_smoke_de.jsonl": FILES["tasks/cesai_smoke_de.jsonl"] + b"\n"}
    assert run(folder, spec, changed) == 65
    assert "cesai_smoke_de.jsonl has SHA-256" in read(folder / "exit.json")["message"]


@pytest.mark.parametrize(
    ("mode", "code", "reason", "words"),
    [
        ("fail", 71, "harness_failed", "told to fail"),
        ("missing_task", 72, "result_invalid", "no result for cesai_smoke_de"),
        ("no_result", 72, "result_invalid", "0 result files"),
    ],
)
def test_success_is_a_result_and_not_an_exit_status(
    folder: Path, spec: dict[str, Any], mode: str, code: int, reason: str, words: str
) -> None:
    assert run(folder, spec, STAND_IN=mode) == code
    ended = read(folder / "exit.json")
    assert ended["reason"] == reason
    assert words in ended["message"]
    assert not (folder / "result").exists()


def test_a_gpu_asked_for_and_not_used_is_a_failed_run(folder: Path, spec: dict[str, Any]) -> None:
    assert run(folder, spec | {"device": "cuda:0"}) == 70
    assert read(folder / "exit.json")["reason"] == "wrong_device"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"contract": 7}, "contract 1"),
        ({"fingerprint": "abc"}, "fingerprint"),
        ({"endpoint": {}}, "either url or serve"),
        ({"tasks": []}, "at least one task"),
        ({"files": {"../outside": "0" * 64}}, "must lie in the run's folder"),
        ({"harness": {}}, "KeyError 'name'"),
    ],
)
def test_a_wrong_specification_is_named(folder: Path, spec: dict[str, Any], change: dict, words: str) -> None:
    assert run(folder, spec | change) == 64
    assert words in read(folder / "exit.json")["message"]


def test_the_time_limit_ends_the_run(folder: Path, spec: dict[str, Any]) -> None:
    assert run(folder, spec | {"time_limit_seconds": 2}, STAND_IN_HALT="0") == 74
    assert read(folder / "exit.json")["reason"] == "time_limit"
    assert processes_of(folder) == []


def test_term_reaches_all_children_and_a_restart_goes_on_where_it_stopped(
    folder: Path, spec: dict[str, Any]
) -> None:
    with start(lay_out(folder, spec, FILES), STAND_IN_HALT="3") as process:
        eventually(lambda: read(folder / "progress.json").get("done") == 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
    ended = read(folder / "exit.json")
    assert (ended["reason"], ended["signal"]) == ("stopped", signal.SIGTERM)
    assert processes_of(folder) == []
    assert run(folder, spec | {"restart": 1}) == 0
    manifest = read(folder / "result" / "manifest.json")
    assert manifest["restart"] == 1
    assert manifest["reused"] == 3
    assert manifest["samples"]["cesai_smoke_de"]["effective"] == 6


def test_a_child_that_ignores_term_is_killed(folder: Path, spec: dict[str, Any]) -> None:
    with start(lay_out(folder, spec, FILES), STAND_IN_HALT="1", STAND_IN="stubborn") as process:
        eventually(lambda: read(folder / "progress.json").get("done") == 1)
        process.terminate()
        assert process.wait(40) == 143
    assert processes_of(folder) == []


def test_a_killed_runner_takes_its_children_with_it_and_leaves_the_folder_free(
    folder: Path, spec: dict[str, Any]
) -> None:
    with start(lay_out(folder, spec, FILES), STAND_IN_HALT="2") as process:
        eventually(lambda: read(folder / "progress.json").get("done") == 2)
        process.kill()
        process.wait(10)
    eventually(lambda: processes_of(folder) == [])
    assert not (folder / "exit.json").exists()
    assert run(folder, spec | {"restart": 1}) == 0
    assert read(folder / "result" / "manifest.json")["reused"] == 2


def test_a_run_ends_with_the_process_it_follows(folder: Path, spec: dict[str, Any]) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as followed:
        path = lay_out(folder, spec, FILES)
        with start(path, STAND_IN_HALT="0", RUNNER_FOLLOWS=str(followed.pid)) as process:
            eventually(lambda: read(folder / "progress.json").get("phase") == "evaluating")
            followed.kill()
            followed.wait(10)
            assert process.wait(30) == 143
    assert "is gone" in read(folder / "exit.json")["message"]


def test_a_missing_harness_is_prepared_and_a_silent_index_is_named(
    tmp_path: Path, folder: Path, spec: dict[str, Any]
) -> None:
    missing = tmp_path / "made-later"
    made = spec["harness"] | {
        "python": str(missing),
        "prepare": ["cp", spec["harness"]["python"], str(missing)],
    }
    silent = made | {"prepare": [sys.executable, "-c", "import sys; print('no answer'); sys.exit(67)"]}
    assert run(folder, spec | {"harness": silent}) == 67
    assert read(folder / "exit.json")["reason"] == "index_unreachable"
    assert run(folder, spec | {"harness": made, "restart": 1}) == 0


def test_progress_counts_what_an_earlier_attempt_answered(tmp_path: Path) -> None:
    progress = Progress(tmp_path, 1, "node")
    assert not progress.read(b"2026 INFO [api.model:329] Cached requests: 100, Requests remaining: 140")
    assert progress.read("Requesting API:  50%|█████     | 70/140 [00:02<00:01, 62.29it/s]".encode())
    assert progress.read(b"100%|##########| 60/60 [00:00<00:00, 540.23it/s]")
    assert progress.read(b"Tokenizing inputs:  13%|#   | 31/240 [00:00<00:00, 308.15it/s]")
    progress.beat(force=True)
    written = json.loads((tmp_path / "progress.json").read_text())
    assert (written["done"], written["total"], written["reused"]) == (170, 240, 100)


def test_the_harness_reads_all_it_brings_only_for_a_task_that_the_run_does_not_define(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("task: own\n")
    assert start_of(["own"], tmp_path)[0] == "-c"
    assert start_of(["own", "theirs"], tmp_path) == ["-m", "lm_eval"]
