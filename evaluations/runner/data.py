"""Tasks of the harness on data that lies on this node: the harness's own definition, with another place for the data."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from .reasons import Stopped

FIND = "import importlib.util; print(importlib.util.find_spec('lm_eval').submodule_search_locations[0])"
FIND_SECONDS = 60.0


def point_at(places: dict[str, str], python: str, folder: Path) -> None:
    """Write `TASK.yaml` into `folder` for each task; the harness prefers it to the definition of that name that it brings.

    `places` says where the data of each task lies. Stopped when a place is not there, or the harness `python` has no
    such task.
    """
    for task, place in sorted(places.items()):
        if not Path(place).is_dir():
            raise Stopped("data_missing", f"{task}: {place} is not on this node")
    shipped = definitions(places, python) if places else {}
    for task, place in sorted(places.items()):
        if task not in shipped:
            raise Stopped("task_unknown", f"the harness brings no definition of {task}")
        # A JSON text is a YAML text too.
        lines = {"include": str(shipped[task]), "task": task, "dataset_path": place}
        text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in lines.items())
        (folder / f"{task}.yaml").write_text(text, encoding="utf-8")


def definitions(wanted: dict[str, str], python: str) -> dict[str, Path]:
    """The file in which the harness defines each of these tasks; those that it does not know are left out."""
    try:
        told = subprocess.run(
            [python, "-c", FIND], capture_output=True, text=True, timeout=FIND_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as problem:
        raise Stopped("environment_failed", f"{python}: {problem}") from problem
    root = Path(told.stdout.strip()) / "tasks"
    named = re.compile(r"^task: *[\"']?([\w.-]+)[\"']? *$", re.MULTILINE)
    found: dict[str, Path] = {}
    for path in sorted(root.rglob("*.yaml")):
        # Most names of files are those of their tasks: the others are read only if something is still missing.
        if path.stem in wanted and path.stem in named.findall(path.read_text(encoding="utf-8")):
            found[path.stem] = path
    if len(found) < len(wanted):
        for path in sorted(root.rglob("*.yaml")):
            for task in named.findall(path.read_text(encoding="utf-8", errors="replace")):
                if task in wanted:
                    found.setdefault(task, path)
    return found
