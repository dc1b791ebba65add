"""Scores as files, each held against what the database holds."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import arro3.io
import jsonschema
import pytest
import yaml
from django.test import Client
from huggingface_hub import eval_result_entries_to_yaml, parse_eval_result_entries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from evaluations.exports import parquet
from evaluations.exports.tables import Column, Kind, Table
from evaluations.models import Run, Score, SuiteVersion
from portfolio.models import ModelRelease
from tests.evaluations.measuring import accepted_run, another_release, right, suite_of

SCHEMA = json.loads(Path(__file__).with_name("every_eval_ever_0_2_1.schema.json").read_text())


@pytest.fixture
def version(db: None) -> SuiteVersion:
    return suite_of({"lesen": 30, "wissen": 60})


@pytest.fixture
def measured(mira: User, release: ModelRelease, version: SuiteVersion) -> Run:
    return accepted_run(release, version, {"lesen": right(7, 30), "wissen": right(20, 60)}, mira)


def get(client: Client, run: Run, extension: str) -> Any:
    answer = client.get(f"/evaluations/{run.code}/export.{extension}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="{run.code}.{extension}"'
    return answer


def test_csv_and_json_hold_every_score_with_its_interval(client: Client, jonas: User, measured: Run) -> None:
    client.force_login(jonas)
    told = json.loads(get(client, measured, "json").content)
    assert [(row["task"], row["value"], row["right"]) for row in told] == [
        ("lesen", 7 / 30, 7),
        ("wissen", 1 / 3, 20),
    ]
    interval = Score.objects.get(run=measured, task__name="wissen").interval
    assert interval is not None
    assert (told[1]["low"], told[1]["high"]) == (interval.low, interval.high)
    rows = list(csv.DictReader(io.StringIO(get(client, measured, "csv").content.decode())))
    assert [float(row["value"]) for row in rows] == [row["value"] for row in told]
    assert rows[0]["higher_is_better"] == "true"


def test_a_cell_that_a_spreadsheet_would_run_is_text(
    client: Client, mira: User, release: ModelRelease, version: SuiteVersion
) -> None:
    hostile = another_release(release, "=1+1")
    run = accepted_run(hostile, version, {"lesen": right(7, 30)}, mira)
    client.force_login(mira)
    (row,) = csv.DictReader(io.StringIO(get(client, run, "csv").content.decode()))
    assert row["version"] == "'=1+1"


def test_all_scores_and_those_of_one_suite(
    client: Client, jonas: User, mira: User, measured: Run, release: ModelRelease
) -> None:
    other = accepted_run(release, suite_of({"rechnen": 10}), {"rechnen": right(3, 10)}, mira)
    client.force_login(jonas)
    everything = json.loads(client.get("/evaluations/scores.json").content)
    assert {row["run"] for row in everything} == {measured.code, other.code}
    some = json.loads(client.get(f"/evaluations/scores.json?suite={other.suite_version.suite.slug}").content)
    assert [row["task"] for row in some] == ["rechnen"]


def test_too_many_scores_for_one_file_are_refused_with_a_way_out(
    client: Client, jonas: User, measured: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluations.views.exports.MOST_ROWS", 1)
    client.force_login(jonas)
    answer = client.get("/evaluations/scores.csv")
    assert answer.status_code == 422
    assert "suite=" in answer.content.decode()


def test_the_leaderboard_as_a_file(client: Client, jonas: User, measured: Run, version: SuiteVersion) -> None:
    client.force_login(jonas)
    address = f"/evaluations/suites/{version.suite.slug}/1/leaderboard"
    (row,) = json.loads(client.get(f"{address}.json").content)
    assert (row["run"], row["best_rank"], row["worst_rank"], row["wissen"]) == (measured.code, 1, 1, 1 / 3)
    assert client.get(f"{address}.exe").status_code == 404


@pytest.mark.parametrize("extension", ["exe", "xlsx", "json.gz"])
def test_formats_that_there_are_not_are_not_found(
    client: Client, jonas: User, measured: Run, extension: str
) -> None:
    client.force_login(jonas)
    assert client.get(f"/evaluations/{measured.code}/export.{extension}").status_code == 404
    assert client.get(f"/evaluations/scores.{extension}").status_code == 404


def test_a_run_without_a_result_has_no_file(client: Client, mira: User, run: Run) -> None:
    client.force_login(mira)
    assert client.get(f"/evaluations/{run.code}/export.csv").status_code == 404


def test_every_eval_ever_is_valid_and_holds_the_same_numbers(
    client: Client, jonas: User, measured: Run
) -> None:
    client.force_login(jonas)
    document = json.loads(get(client, measured, "eee.json").content)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    reading, knowledge = document["evaluation_results"]
    assert knowledge["score_details"]["score"] == 1 / 3
    uncertainty = knowledge["score_details"]["uncertainty"]
    assert (uncertainty["num_samples"], uncertainty["standard_error"]["value"]) == (60, 0.02)
    interval = Score.objects.get(run=measured, task__name="lesen").interval
    assert interval is not None
    assert reading["score_details"]["uncertainty"]["confidence_interval"]["lower"] == interval.low
    assert document["dedupe_identity"]["run_fingerprint"] == measured.fingerprint
    assert json.loads(get(client, measured, "eee.json").content) == document


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: document.pop("eval_library"),
        lambda document: document.update(something_else=1),
        lambda document: document["source_metadata"].update(source_type="guess"),
        lambda document: document["evaluation_results"][0]["metric_config"].pop("max_score"),
        lambda document: document["evaluation_results"][0]["score_details"].update(score="high"),
        lambda document: document["dedupe_identity"].pop("hash_algorithm"),
    ],
)
def test_the_schema_of_every_eval_ever_refuses_what_is_wrong(
    client: Client, jonas: User, measured: Run, damage: Any
) -> None:
    client.force_login(jonas)
    document = json.loads(get(client, measured, "eee.json").content)
    damage(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(document)


@pytest.fixture
def measured_on_the_hub(mira: User, release: ModelRelease) -> Run:
    version = suite_of(
        {"belebele_deu_Latn": 30},
        files={},
        dataset="facebook/belebele",
        configuration="deu_Latn",
        revision="d" * 40,
    )
    return accepted_run(release, version, {"belebele_deu_Latn": right(7, 30)}, mira)


def test_the_hubs_own_library_reads_our_results_for_its_folder(
    client: Client, jonas: User, measured_on_the_hub: Run
) -> None:
    client.force_login(jonas)
    written = yaml.safe_load(get(client, measured_on_the_hub, "eval_results.yaml").content)
    (entry,) = parse_eval_result_entries(written)
    assert (entry.dataset_id, entry.task_id, entry.dataset_revision) == (
        *("facebook/belebele", "deu_Latn"),
        "d" * 40,
    )
    assert entry.value == 7 / 30
    assert entry.source_url is not None
    assert entry.source_url.endswith(measured_on_the_hub.get_absolute_url())
    assert measured_on_the_hub.finished_at is not None
    assert datetime.fromisoformat(str(entry.date)) == measured_on_the_hub.finished_at.replace(microsecond=0)
    assert "belebele_deu_Latn, acc, standard error 0.02, 30 questions" in str(entry.notes)
    assert eval_result_entries_to_yaml([entry]) == written
    assert "export.eval_results.yaml" in client.get(measured_on_the_hub.get_absolute_url()).content.decode()


def test_results_on_questions_that_the_hub_does_not_have_are_refused(
    client: Client, jonas: User, measured: Run
) -> None:
    client.force_login(jonas)
    answer = client.get(f"/evaluations/{measured.code}/export.eval_results.yaml")
    assert answer.status_code == 422
    assert "own data sets only" in answer.content.decode()
    assert "export.eval_results.yaml" not in client.get(measured.get_absolute_url()).content.decode()


def rows_of(content: bytes) -> list[dict[str, Any]]:
    """A Parquet file as a foreign reader understands it."""
    table = arro3.io.read_parquet(io.BytesIO(content)).read_all()
    names = [field.name for field in table.schema]
    columns = [[value.as_py() for value in table.column(name)] for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def test_parquet_holds_what_json_holds(client: Client, jonas: User, measured: Run) -> None:
    client.force_login(jonas)
    told = json.loads(get(client, measured, "json").content)
    found = rows_of(get(client, measured, "parquet").content)
    assert [row["finished_at"] for row in found] == [measured.finished_at] * 2
    for row in (*found, *told):
        row.pop("finished_at")
    assert found == told


def test_parquet_holds_unknown_values_and_every_kind_to_the_last_bit() -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    columns = [Column(kind.name.lower(), kind) for kind in Kind]
    full = ("Größe \u0000 😀", -(2**63), 0.1 + 0.2, True, moment)
    rows = [full, (None,) * 5, ("", 2**63 - 1, float("inf"), False, datetime(1969, 12, 31, tzinfo=UTC))] * 40
    assert [tuple(row.values()) for row in rows_of(parquet.render(Table(columns, rows)))] == rows


def test_parquet_of_no_rows_and_of_many_columns_can_be_read() -> None:
    columns = [Column(f"c{number}", Kind.INTEGER) for number in range(40)]
    assert rows_of(parquet.render(Table(columns, []))) == []
    assert rows_of(parquet.render(Table(columns, [tuple(range(40))]))) == [
        {f"c{number}": number for number in range(40)}
    ]


# How long a busy machine takes to think of rows says nothing about them.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.none() | st.text("aß😀\n", max_size=5), st.none() | st.booleans())))
def test_parquet_reads_back_whatever_was_written(rows: list[tuple[str | None, bool | None]]) -> None:
    columns = [Column("text", Kind.TEXT), Column("flag", Kind.YES_NO)]
    assert [tuple(row.values()) for row in rows_of(parquet.render(Table(columns, rows)))] == rows
