"""The gates between a published result and a score."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluations.results import Doubtful, Expected, read_result
from evaluations.sentences import REASONS
from tests.evaluations.published import CONTENT_HASH, TASK, documents, publish

Alter = Callable[[dict[str, Any], list[dict[str, Any]]], None]


def read(folder: Path, content_hash: str = "") -> Any:
    return read_result(
        folder / "result",
        fingerprint="f" * 64,
        key="eval-1",
        model="cesai-ngram-de",
        harness_version="0.4.13",
        tasks={TASK: Expected(("acc", "acc_norm"), 60, content_hash)},
    )


def lay_out(folder: Path, alter: Alter = lambda results, samples: None, **changes: Any) -> Path:
    results, samples = documents(right=24, questions=60)
    alter(results, samples)
    about = {"fingerprint": "f" * 64, "key": "eval-1", "model": "cesai-ngram-de"} | changes
    return publish(folder, results=results, samples=samples, **about)


def refused(folder: Path, **how: Any) -> str:
    with pytest.raises(Doubtful) as caught:
        read(folder, **how)
    assert caught.value.reason in REASONS
    return caught.value.reason


def test_a_clean_result_gives_each_metric_with_its_right_answers(tmp_path: Path) -> None:
    lay_out(tmp_path)
    result = read(tmp_path, CONTENT_HASH)
    assert [(f.metric, f.value, f.stderr, f.questions, f.right) for f in result.findings] == [
        ("acc", 0.4, 0.05, 60, 24),
        ("acc_norm", 0.25, 0.04, 60, 15),
    ]
    assert result.content_hashes == {TASK: CONTENT_HASH}


def _value(number: Any) -> Alter:
    return lambda results, samples: results["results"][TASK].update({"acc,none": number})


def _answer(number: Any) -> Alter:
    return lambda results, samples: samples[7].update({"acc": number})


def _drop_answer(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    samples.pop()


def _limit(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    del samples[10:]
    results["n-samples"][TASK]["effective"] = 10


def _twice(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    samples[1]["doc_id"] = 0


def _other_task(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    results["results"]["other"] = results["results"].pop(TASK)


def _no_hash(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    del results["task_hashes"]


@pytest.mark.parametrize(
    ("alter", "reason"),
    [
        (_value(0.41), "mean_differs"),
        (_value(float("nan")), "not_a_number"),
        (_value("0.4"), "not_a_number"),
        (_value(None), "not_a_number"),
        (_answer(float("inf")), "not_a_number"),
        (_answer(None), "not_a_number"),
        (_answer(True), "not_a_number"),
        (_drop_answer, "questions_missing"),
        (_limit, "questions_missing"),
        (_twice, "questions_missing"),
        (_other_task, "task_missing"),
        (_no_hash, "other_questions"),
    ],
)
def test_a_result_that_does_not_follow_from_its_answers_is_doubtful(
    tmp_path: Path, alter: Alter, reason: str
) -> None:
    lay_out(tmp_path, alter)
    assert refused(tmp_path) == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fingerprint": "e" * 64}, "foreign_result"),
        ({"key": "eval-2"}, "foreign_result"),
        ({"model": "another-model"}, "foreign_model"),
        ({"harness": {"version": "0.4.12"}}, "other_harness"),
        ({"files": {}}, "file_missing"),
        ({"files": {"../../etc/passwd": {"sha256": "0" * 64}}}, "file_missing"),
    ],
)
def test_a_result_of_something_else_is_doubtful(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    lay_out(tmp_path, **changes)
    assert refused(tmp_path) == reason


def test_an_edited_file_is_noticed(tmp_path: Path) -> None:
    place = lay_out(tmp_path)
    (samples,) = place.glob("samples_*")
    samples.write_text(samples.read_text().replace('"acc": 0.0', '"acc": 1.0', 1))
    assert refused(tmp_path) == "file_changed"


def test_a_missing_and_a_damaged_manifest_are_noticed(tmp_path: Path) -> None:
    assert refused(tmp_path) == "file_missing"
    place = lay_out(tmp_path)
    (place / "manifest.json").write_text("{")
    assert refused(tmp_path) == "file_damaged"


def test_other_questions_than_in_the_first_accepted_run_are_noticed(tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert refused(tmp_path, content_hash="d" * 64) == "other_questions"


def test_a_mean_of_shares_has_no_right_answers(tmp_path: Path) -> None:
    def halves(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
        for sample in samples:
            sample["acc"] = 0.5
        results["results"][TASK].update({"acc,none": 0.5, "acc_stderr,none": "N/A"})

    lay_out(tmp_path, halves)
    finding = read(tmp_path).findings[0]
    assert (finding.right, finding.stderr) == (None, None)
    assert json.loads(json.dumps(finding.value)) == 0.5
