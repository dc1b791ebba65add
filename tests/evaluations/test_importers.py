"""Scores that were measured elsewhere: one meaning of an error bar, and nothing stored of what cannot be read."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from cesai.lib.refusals import Refused
from evaluations.actions.imports import import_scores
from evaluations.importers import reading
from evaluations.models import ImportedReport, ImportedScore
from portfolio.models import ModelRelease

# Ten rounds of one measurement, as both harnesses could have had them.
ROUNDS = [0.41, 0.44, 0.39, 0.42, 0.40, 0.43, 0.45, 0.38, 0.41, 0.42]
MEAN, STDERR = fmean(ROUNDS), stdev(ROUNDS) / len(ROUNDS) ** 0.5


def lm_eval(**changes: Any) -> dict[str, Any]:
    return {
        "results": {"sb10k": {"alias": "sb10k", "acc,none": MEAN, "acc_stderr,none": STDERR}},
        "n-samples": {"sb10k": {"original": 10, "effective": 10}},
        "higher_is_better": {"sb10k": {"acc": True}},
        "lm_eval_version": "0.4.13",
        "model_name": "some/model",
    } | changes


def euro_eval(scale: float = 100.0, **changes: Any) -> dict[str, Any]:
    return {
        "dataset": "sb10k",
        "task": "sentiment-classification",
        "model": "some/model",
        "euroeval_version": "18.3.0",
        "results": {
            "raw": [{"test_acc": each} for each in ROUNDS],
            "total": {
                "test_acc": scale * MEAN,
                "test_acc_se": scale * 1.96 * STDERR,
                "num_failed_instances": 0.0,
            },
        },
    } | changes


def written(folder: Path, content: Any, name: str = "results_1.json") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize("document", [lm_eval(), euro_eval(), euro_eval(scale=1.0)])
def test_all_harnesses_give_the_same_interval_for_the_same_measurement(
    tmp_path: Path, mira: User, release: ModelRelease, document: dict[str, Any]
) -> None:
    report = import_scores(by=mira, release=release, path=written(tmp_path, document), source="Aushang")
    score = report.scores.get()
    assert score.value == pytest.approx(MEAN, abs=1e-12)
    assert score.stderr == pytest.approx(STDERR, abs=1e-12)
    assert score.interval is not None
    assert (score.interval.low, score.interval.high) == pytest.approx(
        (MEAN - 1.95996 * STDERR, MEAN + 1.95996 * STDERR), abs=1e-6
    )


def test_several_lines_of_one_model_are_one_report(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(euro_eval(dataset=name)) for name in ("sb10k", "scala-de"))
    report = reading.read(written(tmp_path, lines.encode(), "euroeval_benchmark_results.jsonl"))
    assert [figure.task for figure in report.figures] == ["sb10k", "scala-de"]
    assert (report.harness, report.harness_version) == ("euroeval", "18.3.0")


def test_groups_of_lm_eval_are_left_out_and_filters_kept(tmp_path: Path) -> None:
    document = lm_eval()
    document["results"]["all"] = {"acc,none": 0.9}
    document["groups"] = {"all": {"acc,none": 0.9}}
    document["results"]["sb10k"]["acc,strict"] = 0.1
    figures = reading.read(written(tmp_path, document)).figures
    assert [(figure.task, figure.metric, figure.stderr is None) for figure in figures] == [
        ("sb10k", "acc", False),
        ("sb10k", "acc,strict", True),
    ]


def zipped(**files: Any) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), json.dumps(content))
    return held.getvalue()


def test_an_archive_with_one_result_is_taken(tmp_path: Path) -> None:
    path = written(
        tmp_path, zipped(**{"out__results_1.json": lm_eval(), "out__samples_x.jsonl": {}}), "x.zip"
    )
    assert reading.read(path).model == "some/model"


def broken(change: Callable[[dict[str, Any]], object], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    document = make()
    change(document)
    return document


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"PK\x03\x04nonsense", "not a zip archive"),
        (zipped(a={}), "0 result files"),
        (zipped(**{"results_1.json": {}, "results_2.json": {}}), "2 result files"),
        (zipped(**{"..__results_1.json": {}}), "leads out"),
        ({}, "no “results”"),
        ({"results": {}}, "no score"),
        ({"results": {"x": 7}}, "no row of scores"),
        ({"results": {"x": {"acc,none": "0.4"}}}, "not a number"),
        ({"results": {"x": {"acc,none": float("nan")}}}, "not a number"),
        ({"results": {"x": {"acc,none": 0.4, "acc_stderr,none": -0.1}}}, "negative"),
        (broken(lambda d: d["results"]["total"].update(test_acc=77.0), euro_eval), "does not follow"),
        (
            broken(lambda d: d["results"]["total"].update(test_acc_se=100 * STDERR), euro_eval),
            "does not follow",
        ),
        (broken(lambda d: d["results"].pop("raw"), euro_eval), "no “total” and “raw”"),
        (b"\n".join(json.dumps(euro_eval(model=name)).encode() for name in "ab"), "several models"),
    ],
)
def test_what_is_no_result_is_named_and_nothing_is_stored(
    tmp_path: Path, mira: User, release: ModelRelease, content: Any, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        import_scores(by=mira, release=release, path=written(tmp_path, content), source="Aushang")
    assert not ImportedReport.objects.exists()


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "results_1.json"
    with path.open("wb") as file:
        file.truncate(reading.LIMIT_BYTES + 1)
    with pytest.raises(Refused, match="larger than 16 MB"):
        reading.read(path)


def test_a_file_is_imported_once(tmp_path: Path, mira: User, release: ModelRelease) -> None:
    path = written(tmp_path, lm_eval())
    import_scores(by=mira, release=release, path=path, source="Aushang")
    with pytest.raises(Refused, match="already imported"):
        import_scores(by=mira, release=release, path=path, source="Aushang")
    assert ImportedScore.objects.count() == 1


def upload(content: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile("results_1.json", json.dumps(content).encode())


def test_a_manager_imports_on_the_page_and_everybody_sees_the_mark(
    client: Client, mira: User, jonas: User, release: ModelRelease
) -> None:
    client.force_login(mira)
    address = f"/evaluations/releases/{release.pk}/import/"
    response = client.post(address, {"document": upload(euro_eval()), "source": "Aushang"}, follow=True)
    assert "The scores have been imported." in response.content.decode()
    client.force_login(jonas)
    html = client.get(f"/evaluations/releases/{release.pk}/scores/").content.decode()
    assert "imported, not run here" in html
    assert "41.5%" in html
    assert client.get(address).status_code == 403


def test_the_page_says_what_is_wrong(client: Client, mira: User, release: ModelRelease) -> None:
    client.force_login(mira)
    response = client.post(
        f"/evaluations/releases/{release.pk}/import/", {"document": upload({}), "source": "Aushang"}
    )
    assert response.status_code == 422
    assert "The file is no result of lm-eval" in response.content.decode()
    assert not ImportedReport.objects.exists()


def test_the_api_takes_and_refuses_the_same_files(
    client: Client, mira: User, jonas: User, release: ModelRelease
) -> None:
    address = f"/api/v1/evaluations/releases/{release.pk}/import/"
    client.force_login(jonas)
    assert client.post(address, {"document": upload(lm_eval()), "source": "x"}).status_code == 403
    client.force_login(mira)
    assert client.post(address, {"document": upload({}), "source": "x"}).status_code in range(409, 423)
    assert client.post(address, {"document": upload(lm_eval()), "source": "x"}).status_code == 201
    (row,) = client.get("/api/v1/evaluations/imported-scores/").json()["results"]
    assert (row["harness"], row["metric"], row["value"]) == ("lm-eval", "acc", pytest.approx(MEAN))


def test_the_command_imports_and_refuses(tmp_path: Path, mira: User, release: ModelRelease) -> None:
    call = ["import_scores", "basislinie", "1.0.0"]
    how = {"source": "Aushang", "by": mira.email}
    call_command(*call, str(written(tmp_path, lm_eval())), **how)
    assert ImportedScore.objects.count() == 1
    with pytest.raises(CommandError, match="no “results”"):
        call_command(*call, str(written(tmp_path, {})), **how)
