"""The model card: a pure function from a snapshot to bytes. Same snapshot, same bytes.

The text stands between `<!-- portal:begin NAME -->` and `<!-- portal:end NAME -->`: the portal owns these
blocks, everything around them belongs to people at the Hub.
"""

import dataclasses
import datetime
import functools
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import jinja2
import yaml

TEMPLATE_VERSION = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Score:
    """One result with its provenance. `value` and `stderr` are on the scale of the metric (0 to 1 for accuracy)."""

    task: str
    task_name: str
    task_name_de: str
    dataset: str
    dataset_name: str
    metric: str
    metric_name: str
    metric_name_de: str
    value: Decimal
    stderr: Decimal | None
    samples: int
    run: str
    run_url: str
    measured_on: datetime.date
    harness: str
    seed: int | None = None
    shots: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    path: str
    size: int
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a card says. Texts are user-written plain text in one language; an empty one means "not stated"."""

    name: str
    version: str
    summary: str
    licence: str
    developed_by: str
    text_language: str = "de"
    commissioned_by: str = ""
    funded_by: str = ""
    contact: str = ""
    portal_url: str = ""
    released_on: datetime.date | None = None
    languages: tuple[str, ...] = ("de",)
    pipeline_tag: str = "text-generation"
    library_name: str = ""
    base_model: str = ""
    tags: tuple[str, ...] = ()
    architecture: str = ""
    parameters: int | None = None
    intended_use: str = ""
    out_of_scope: str = ""
    training_data: str = ""
    limitations: str = ""
    notes: str = ""
    proposal: str = ""
    use_cases: int = 0
    organisations: int = 0
    voted_in: str = ""
    scores: tuple[Score, ...] = ()
    files: tuple[File, ...] = ()


def render(snapshot: Snapshot) -> bytes:
    """The card's bytes: YAML metadata with every score as a model-index, then German and English text."""
    template = _environment().get_template("card_template.md.j2")
    body = template.render(card=snapshot, template_version=TEMPLATE_VERSION)
    return f"---\n{_front_matter(snapshot)}---\n{body}".encode()


def metadata(snapshot: Snapshot) -> dict[str, Any]:
    """The metadata that the Hub reads, without empty keys."""
    fields: dict[str, Any] = {
        "language": list(snapshot.languages),
        "license": snapshot.licence.lower(),
        "library_name": snapshot.library_name,
        "pipeline_tag": snapshot.pipeline_tag,
        "base_model": snapshot.base_model,
        "tags": sorted({*snapshot.tags, "cesai"}),
    }
    if snapshot.scores:
        fields["model-index"] = [
            {"name": " ".join(snapshot.name.split()), "results": _results(snapshot.scores)}
        ]
    return {key: value for key, value in fields.items() if value}


def _results(scores: tuple[Score, ...]) -> list[dict[str, Any]]:
    """One result per task and data set, its metrics together, as the Hub's metadata specification wants it."""
    grouped: dict[tuple[str, str, str, str], list[Score]] = {}
    for score in scores:
        grouped.setdefault((score.task, score.dataset, score.run, score.run_url), []).append(score)
    return [
        {
            "task": {"type": task, "name": members[0].task_name},
            "dataset": {"type": dataset, "name": members[0].dataset_name},
            "metrics": [_metric(score) for score in members],
            "source": {"name": f"CESAI Portal, {run}", "url": url},
        }
        for (task, dataset, run, url), members in grouped.items()
    ]


def _metric(score: Score) -> dict[str, Any]:
    arguments: dict[str, Any] = {"samples": score.samples, "harness": score.harness}
    if score.stderr is not None:
        arguments["stderr"] = float(score.stderr)
    if score.seed is not None:
        arguments["seed"] = score.seed
    if score.shots is not None:
        arguments["shots"] = score.shots
    return {"type": score.metric, "name": score.metric_name, "value": float(score.value), "args": arguments}


def _front_matter(snapshot: Snapshot) -> str:
    # safe_dump quotes what YAML would read as something else, the language code "no" above all.
    return yaml.safe_dump(metadata(snapshot), sort_keys=False, allow_unicode=True, width=1000)


def plain(text: str) -> str:
    """User-written text as Markdown that shows it literally: no tags, comments, links or headings of its own."""
    text = _defused(text.replace("\r\n", "\n").strip())
    text = re.sub(r"(?m)^(\s*)([#=+\-])", r"\1\\\2", text)
    return re.sub(r"(?m)^(\s*\d+)([.)])", r"\1\\\2", text)


def cell(text: str) -> str:
    """User-written text for one line: a cell of a table, the title."""
    return _defused(" ".join(text.split()))


def _defused(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~])", r"\\\1", text)


def number(value: int, language: str) -> str:
    grouped = f"{value:,}"
    return grouped.replace(",", ".") if language == "de" else grouped


def decimal(value: Decimal | None, language: str) -> str:
    if value is None:
        return "–"
    text = f"{value:.4f}"
    return text.replace(".", ",") if language == "de" else text


def day(value: datetime.date, language: str) -> str:
    return value.strftime("%d.%m.%Y") if language == "de" else value.isoformat()


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (the result is Markdown; `plain` and `cell` defuse what users wrote)
    )
    environment.filters |= {"plain": plain, "cell": cell, "number": number, "decimal": decimal, "day": day}
    return environment
