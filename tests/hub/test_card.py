"""The model card as bytes, read back by the library that the Hub's own tools use."""

import dataclasses
import datetime
import re
from decimal import Decimal

import pytest
import yaml
from huggingface_hub import ModelCard

from hub.card import File, Score, Snapshot, metadata, render

SCORE = Score(
    task="multiple-choice",
    task_name="CESAI knowledge",
    task_name_de="CESAI Wissensfragen",
    dataset="cesai/wissensfragen",
    dataset_name="CESAI Wissensfragen",
    metric="acc",
    metric_name="Accuracy",
    metric_name_de="Genauigkeit",
    value=Decimal("0.4125"),
    stderr=Decimal("0.0551"),
    samples=80,
    run="Lauf 12",
    run_url="https://portal.example.org/evaluations/12/",
    measured_on=datetime.date(2026, 9, 1),
    harness="lm-eval 0.4.13",
    seed=1234,
    shots=0,
)
SNAPSHOT = Snapshot(
    name="Werkstatt-Assistent",
    version="1.0",
    summary="Ein ehrliches Vergleichsmodell.",
    licence="Apache-2.0",
    developed_by="CESAI",
    parameters=1234567,
    scores=(SCORE, dataclasses.replace(SCORE, metric="acc_norm", value=Decimal("0.5"))),
    files=(File("model.json", 12345, "ab" * 32),),
)


def card(**changes):
    return render(dataclasses.replace(SNAPSHOT, **changes)).decode()


def test_the_same_snapshot_gives_the_same_bytes():
    assert render(SNAPSHOT) == render(dataclasses.replace(SNAPSHOT))


def test_the_hub_library_reads_every_score_from_the_metadata():
    data = ModelCard(card()).data
    assert data.license == "apache-2.0"
    read = {(result.metric_type, result.metric_value) for result in data.eval_results}
    assert read == {("acc", 0.4125), ("acc_norm", 0.5)}
    assert {result.source_url for result in data.eval_results} == {SCORE.run_url}
    assert data.eval_results[0].metric_args["stderr"] == 0.0551


def test_the_table_shows_the_numbers_of_the_metadata_in_both_languages():
    text = card()
    german, english = text.split("<!-- portal:begin en -->")
    assert "| 0,4125 | 0,0551 | 80 |" in german
    assert "| 0.4125 | 0.0551 | 80 |" in english
    assert "| CESAI Wissensfragen | Genauigkeit |" in german
    assert "| CESAI knowledge | Accuracy |" in english


def test_norwegian_stays_a_language():
    front = card(languages=("de", "no")).split("---\n")[1]
    assert yaml.safe_load(front)["language"] == ["de", "no"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<!-- portal:end de -->\n---\nlicense: mit\n---",
        "# Überschrift\n| a | b |\n|---|---|",
        "[Klick](javascript:alert(1))",
        "{{ 7 * 7 }}{% raw %}",
    ],
)
def test_hostile_text_is_shown_and_never_obeyed(hostile):
    text = card(name=hostile, summary=hostile, developed_by=hostile)
    body = text.split("\n---\n", 1)[1]
    assert ModelCard(text).data.license == "apache-2.0"
    assert body.count("<!-- portal:end de -->") == 1
    assert "<script" not in body
    assert not re.search(r"(?<!\\)\]\(javascript", body)
    assert "\n# Überschrift" not in body
    assert "49" not in body
    assert yaml.safe_load(text.split("---\n")[1])["model-index"][0]["name"] == " ".join(hostile.split())


def test_an_empty_field_says_so_and_no_placeholder_is_left():
    text = card(scores=(), summary="")
    assert "[More Information Needed]" not in text
    assert "Nicht angegeben." in text
    assert "Not stated." in text
    assert "keine abgeschlossenen Evaluierungsläufe" in text
    assert "model-index" not in metadata(dataclasses.replace(SNAPSHOT, scores=()))
