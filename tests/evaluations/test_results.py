"""The gates between a published result and a score."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluations.results import SOFT, Asked, Doubtful, Expected, read_result
from evaluations.sentences import REASONS
from tests.evaluations.published import GOLDEN_VALUES, TASK, content_hash, documents, publish, sha256

Alter = Callable[[dict[str, Any], list[dict[str, Any]]], None]


ASKED = Asked(fingerprint="f" * 64, key="eval-1", model="cesai-ngram-de", harness_version="0.4.13", seed=42)
CONTENT_HASH = content_hash(documents(24, 60)[1])


def read(
    folder: Path, content_hash: str = "", metrics: tuple[str, ...] = ("acc", "acc_norm"), **asked: Any
) -> Any:
    return read_result(
        folder / "result", replace(ASKED, **asked), {TASK: Expected(metrics, 60, content_hash)}
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
        ("acc", 0.4, pytest.approx(0.06378, abs=1e-5), 60, 24),
        ("acc_norm", 0.25, pytest.approx(0.05637, abs=1e-5), 60, 15),
    ]
    assert result.probe.values == GOLDEN_VALUES
    assert result.doubts == []
    assert result.content_hashes == {TASK: CONTENT_HASH}


def _value(number: Any) -> Alter:
    return lambda results, samples: results["results"][TASK].update({"acc,none": number})


def _answer(number: Any) -> Alter:
    return lambda results, samples: samples[7].update({"acc": number})


def _drop_answer(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    samples.pop()


def _fewer(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    del samples[10:]
    results["n-samples"][TASK]["effective"] = 10


def _limit(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    results["config"]["limit"] = 10


def _result(**changes: Any) -> Alter:
    return lambda results, samples: results.update(changes)


def _scale(factor: float) -> Alter:
    def alter(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
        results["results"][TASK]["acc_stderr,none"] *= factor

    return alter


def _edit(**changes: Any) -> Alter:
    """An answer is changed, and everything that sums up with it."""

    def alter(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
        samples[59] |= changes
        values = [sample["acc"] for sample in samples]
        results["results"][TASK] |= {
            "acc,none": sum(values) / 60,
            "acc_stderr,none": (sum(values) / 60 * (1 - sum(values) / 60) / 59) ** 0.5,
        }

    return alter


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
        (_fewer, "questions_missing"),
        (_limit, "limited"),
        (_scale(1.96), "stderr_differs"),
        (_scale(100), "stderr_differs"),
        (_edit(acc=1.0), "answers_edited"),
        (_edit(target="1"), "answers_edited"),
        (_edit(doc={"frage": "Eine andere?"}), "answers_edited"),
        (_result(chat_template="{{ messages }}", chat_template_sha="e" * 64), "other_template"),
        (_result(system_instruction="Sei klug."), "other_template"),
        (_result(config={"limit": None, "fewshot_seed": 7}), "other_questions"),
        (_result(results=[]), "file_damaged"),
        (_edit(resps=None), "file_damaged"),
        (_edit(arguments={}), "file_damaged"),
        (_twice, "questions_missing"),
        (_other_task, "task_missing"),
        (_no_hash, "answers_edited"),
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
        ({"cache": {"name": "e" * 64}}, "foreign_cache"),
        ({"again": {}}, "foreign_cache"),
        ({"again": {"asked": 24, "largest": 0.3, "generated": 0}}, "foreign_cache"),
        ({"again": {"asked": 24, "largest": 0.0, "generated": 20, "alike": 9}}, "foreign_cache"),
        ({"values": GOLDEN_VALUES[:63]}, "calibration_missing"),
        ({"values": [["x"]] * 72}, "file_damaged"),
        ({"endpoint": 7}, "file_damaged"),
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
        results["configs"] = {}

    lay_out(tmp_path, halves)
    finding = read(tmp_path).findings[0]
    assert (finding.right, finding.stderr) == (None, None)
    assert json.loads(json.dumps(finding.value)) == 0.5


def test_gpus_that_were_not_seen_working_are_doubtful(tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert refused(tmp_path, gpus=1) == "device_unproven"


def test_gpus_that_were_seen_working_are_believed(tmp_path: Path) -> None:
    lay_out(tmp_path, device={"asked": 1, "used": "gpu", "gpus": [{"uuid": "GPU-1", "by": "process"}]})
    assert read(tmp_path, gpus=1).findings


def test_a_model_file_of_another_release_is_doubtful(tmp_path: Path) -> None:
    lay_out(tmp_path, endpoint={"model": "cesai-ngram-de", "sha256": "b" * 64})
    assert refused(tmp_path, model_sha256=["a" * 64]) == "foreign_model"


def test_a_suite_that_wants_a_template_gets_one(tmp_path: Path) -> None:
    lay_out(tmp_path, _result(chat_template_sha="e" * 64))
    assert read(tmp_path, chat_template=True).findings
    assert refused(tmp_path) == "other_template"


def test_an_endpoint_that_changed_its_mind_is_another_model(tmp_path: Path) -> None:
    place = lay_out(tmp_path)
    told = json.loads((place / "golden.json").read_text())
    told["after"] = [[-1.5, -0.6]] * 8
    (place / "golden.json").write_text(json.dumps(told))
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["files"]["golden.json"]["sha256"] = sha256((place / "golden.json").read_text())
    (place / "manifest.json").write_text(json.dumps(manifest))
    assert refused(tmp_path) == "foreign_model"


@pytest.mark.parametrize(
    ("alter", "changes", "reason"),
    [
        (lambda results, samples: samples[4].update(resps=[[["0.0", "True"]]] * 2), {}, "answers_empty"),
        (
            None,
            {"again": {"asked": 24, "largest": 0, "generated": 24, "alike": 24, "truncated": 2}},
            "answers_truncated",
        ),
        (None, {"warnings": ["Left truncating context."]}, "log_warning"),
    ],
)
def test_what_is_only_odd_is_a_doubt_for_people(
    tmp_path: Path, alter: Alter | None, changes: dict[str, Any], reason: str
) -> None:
    lay_out(tmp_path, alter or (lambda results, samples: None), **changes)
    (doubt,) = read(tmp_path).doubts
    assert doubt.reason == reason
    assert doubt.reason in SOFT
    assert doubt.reason in REASONS


def test_another_filter_of_a_metric_is_read_by_its_name(tmp_path: Path) -> None:
    def filters(results: dict[str, Any], samples: list[dict[str, Any]]) -> None:
        samples += [sample | {"filter": "strict", "acc": 0.0} for sample in samples]
        results["results"][TASK] |= {"acc,strict": 0.0, "acc_stderr,strict": 0.0}
        results["task_hashes"][TASK] = content_hash(samples)
        results["configs"] = {}

    lay_out(tmp_path, filters)
    result = read(tmp_path, metrics=("acc", "acc,strict"))
    assert [(found.metric, found.right) for found in result.findings] == [("acc", 24), ("acc,strict", 0)]
