"""From the harness's files to a published result: checked, hashed, visible by one rename."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from .files import put_json, sha256_of
from .reasons import Stopped
from .spec import CONTRACT, Spec


def results_of(spec: Spec, output: Path) -> dict[str, Any]:
    """The harness's result document; Stopped("result_invalid") unless it is one, with every task asked for."""
    found = sorted(output.rglob("results_*.json"))
    if len(found) != 1:
        raise Stopped("result_invalid", f"the harness wrote {len(found)} result files, one was expected")
    try:
        document = json.loads(found[0].read_bytes())
    except ValueError as problem:
        raise Stopped("result_invalid", f"{found[0].name} is not JSON: {problem}") from problem
    if not isinstance(document, dict) or not isinstance(document.get("results"), dict):
        raise Stopped("result_invalid", f"{found[0].name} holds no results")
    missing = sorted(set(spec.tasks) - set(document["results"]))
    if missing:
        raise Stopped("result_invalid", f"no result for {', '.join(missing)}")
    for task in spec.tasks:
        if task in document.get("group_subtasks", {}) and document["group_subtasks"][task]:
            continue
        if not list(output.rglob(f"samples_{task}_*.jsonl")):
            raise Stopped("result_invalid", f"no samples for {task}")
    return document


def manifest_of(
    spec: Spec, document: dict[str, Any], files: list[Path], facts: dict[str, Any]
) -> dict[str, Any]:
    """What was run, with what, and the SHA-256 of every file. `facts` come from the runner, not the harness."""
    return {
        "contract": CONTRACT,
        "key": spec.key,
        "fingerprint": spec.fingerprint,
        "tasks": spec.tasks,
        "harness": {"name": spec.harness_name, "version": document.get("lm_eval_version")},
        "task_hashes": document.get("task_hashes", {}),
        "task_versions": document.get("versions", {}),
        "samples": document.get("n-samples", {}),
        "files": {path.name: {"sha256": sha256_of(path), "bytes": path.stat().st_size} for path in files},
        **facts,
    }


def publish(spec: Spec, folder: Path, output: Path, facts: dict[str, Any]) -> None:
    """Make `folder/result` appear with all files and the manifest."""
    document = results_of(spec, output)
    files = sorted(path for path in output.rglob("*") if path.is_file())
    if len({path.name for path in files}) != len(files):
        raise Stopped("result_invalid", "two result files have the same name")
    manifest = manifest_of(spec, document, files, facts)
    staged = folder / ".result"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    for path in files:
        os.replace(path, staged / path.name)
    put_json(staged / "manifest.json", manifest)
    descriptor = os.open(staged, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    os.replace(staged, folder / "result")
