"""From an uploaded file to a report: which harness it is from, and whether it can be read at all."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils.translation import gettext as _

from evaluations.importers import euroeval, lmeval
from evaluations.importers.figures import NotReadable, Report
from evaluations.zips import unpack

# Results without their single answers are some kilobytes; single answers are not imported.
LIMIT_BYTES = 16 * 1024 * 1024


def read(path: Path) -> Report:
    """A results file of lm-eval, one of EuroEval, or a zip archive with exactly one of them."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start != b"PK\x03\x04":
        return _document(path)
    with TemporaryDirectory() as folder:
        place = Path(folder) / "unpacked"
        unpack(path, place)
        found = [each for each in sorted(place.iterdir()) if _is_result(each.name)]
        if len(found) != 1:
            raise NotReadable(
                _("The archive holds %(number)d result files; exactly one is needed.")
                % {"number": len(found)}
            )
        return _document(found[0])


def _is_result(name: str) -> bool:
    return (name.startswith("results_") and name.endswith(".json")) or name.endswith(
        "benchmark_results.jsonl"
    )


def _document(path: Path) -> Report:
    if path.stat().st_size > LIMIT_BYTES:
        raise NotReadable(_("The file is larger than %(size)d MB.") % {"size": LIMIT_BYTES // (1024 * 1024)})
    try:
        text = path.read_bytes().decode()
        if not text.strip():
            raise NotReadable(_("The file is empty."))
        documents = _parsed(text)
    except (ValueError, RecursionError) as problem:
        raise NotReadable(_("The file is not JSON.")) from problem
    if len(documents) == 1 and isinstance(documents[0], dict) and "dataset" not in documents[0]:
        return lmeval.read(documents[0])
    return euroeval.read(documents)


def _parsed(text: str) -> list[Any]:
    """One document, or one per line."""
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
