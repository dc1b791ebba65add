"""The files of a result, as the manifest lists them."""

import json
from hashlib import file_digest
from pathlib import Path
from typing import Any

from evaluations.gates.doubt import Doubtful

# A result with every answer of a large suite stays far below; what is larger would only fill the memory.
FILE_LIMIT_BYTES = 1 << 30


def manifest_of(folder: Path) -> dict[str, Any]:
    return document(folder / "manifest.json")


def document(path: Path) -> dict[str, Any]:
    """A JSON object."""
    try:
        if path.stat().st_size > FILE_LIMIT_BYTES:
            raise Doubtful("file_damaged", f"{path.name} is larger than any result")
        content = json.loads(path.read_bytes())
    except OSError as problem:
        raise Doubtful("file_missing", str(problem)) from problem
    except (ValueError, RecursionError) as problem:
        raise Doubtful("file_damaged", f"{path.name}: {problem}") from problem
    if not isinstance(content, dict):
        raise Doubtful("file_damaged", f"{path.name} is not an object")
    return content


def check(folder: Path, manifest: dict[str, Any]) -> None:
    """Each listed file is there, directly in the folder, with its SHA-256."""
    files = manifest.get("files")
    if not isinstance(files, dict) or not files:
        raise Doubtful("file_missing", "the manifest lists no files")
    for name, entry in files.items():
        path = folder / name
        if Path(name).name != name or path.is_symlink() or not path.is_file():
            raise Doubtful("file_missing", str(name))
        with path.open("rb") as stream:
            found = file_digest(stream, "sha256").hexdigest()
        if not isinstance(entry, dict) or found != entry.get("sha256"):
            raise Doubtful("file_changed", f"{name} has SHA-256 {found}")


def results(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """The harness's one document of results."""
    found = [folder / name for name in manifest["files"] if name.startswith("results_")]
    if len(found) != 1:
        raise Doubtful("file_missing", f"{len(found)} result files")
    told = document(found[0])
    if not isinstance(told.get("results"), dict):
        raise Doubtful("file_damaged", f"{found[0].name} holds no results")
    return told


def samples(folder: Path, manifest: dict[str, Any], task: str) -> list[dict[str, Any]]:
    """The single answers of a task."""
    names = [name for name in manifest["files"] if name.startswith(f"samples_{task}_")]
    if len(names) != 1:
        raise Doubtful("task_missing", f"{len(names)} files with answers for {task}")
    path = folder / names[0]
    if path.stat().st_size > FILE_LIMIT_BYTES:
        raise Doubtful("file_damaged", f"{path.name} is larger than any result")
    try:
        with path.open("rb") as stream:
            found = [json.loads(line) for line in stream if line.strip()]
    except (ValueError, RecursionError) as problem:
        raise Doubtful("file_damaged", f"{names[0]}: {problem}") from problem
    if not all(isinstance(sample, dict) for sample in found):
        raise Doubtful("file_damaged", f"{names[0]} holds something else than answers")
    return found
