"""What to run: the checked content of `spec.json`, contract 1."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from .files import sha256_of
from .reasons import Stopped

CONTRACT = 1


@dataclass(frozen=True)
class Serve:
    """How to start the model's endpoint for this run; `{port}` in the command is a free loopback port."""

    command: list[str]
    directory: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    ready_seconds: float = 60.0


@dataclass(frozen=True)
class Golden:
    """Golden continuations to ask for: the file with them, and what the model answers, where that is known.

    `expected` has the log-probabilities of each continuation's tokens, which may differ by `tolerance` nats.
    """

    file: str
    tolerance: float
    expected: list[list[float]] | None = None


@dataclass(frozen=True)
class Spec:
    """One evaluation. `url` and `serve` are alternatives: an endpoint that is there, or one started for us.

    `url` is the base ending in /v1. An endpoint that reports a SHA-256 must report one of `model_sha256`; one
    that reports none has shown a name only, and the manifest says so.
    `data` says where on the node the data set of a task lies, for tasks that the harness itself defines.
    `token_variable` names the environment variable with the endpoint's key; the key itself is never in a file.
    `gpus` (`prove_gpus` in the file) is how many GPUs have to be seen working for this run; `device` is only what the harness is told.
    """

    key: str
    restart: int
    fingerprint: str
    harness_name: str
    harness_version: str
    harness_python: str
    prepare: list[str] | None
    model: str
    model_type: str
    model_sha256: list[str]
    model_arguments: dict[str, Any]
    url: str | None
    serve: Serve | None
    token_variable: str | None
    tasks: list[str]
    files: dict[str, str]
    data: dict[str, str]
    num_fewshot: int | None
    limit: int | None
    seed: int
    apply_chat_template: bool
    device: str | None
    gpus: int
    golden: Golden | None
    environment: dict[str, str]
    time_limit_seconds: float


def load(path: Path) -> Spec:
    """Read and check a spec; Stopped("spec_invalid") names the first field that is wrong."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise Stopped("spec_invalid", f"{path.name} cannot be read: {problem}") from problem
    if not isinstance(document, dict) or document.get("contract") != CONTRACT:
        raise Stopped("spec_invalid", f"{path.name} is not a specification of contract {CONTRACT}")
    try:
        return _checked(document)
    except (KeyError, TypeError, ValueError) as problem:
        raise Stopped("spec_invalid", f"{path.name}: {problem.__class__.__name__} {problem}") from problem


def _checked(document: dict[str, Any]) -> Spec:
    harness, model, endpoint = document["harness"], document["model"], document["endpoint"]
    serve, golden = endpoint.get("serve"), document.get("golden")
    device = document.get("device")
    spec = Spec(
        key=document["key"],
        restart=int(document.get("restart", 0)),
        fingerprint=document["fingerprint"],
        harness_name=harness["name"],
        harness_version=harness["version"],
        harness_python=harness["python"],
        prepare=harness.get("prepare"),
        model=model["name"],
        model_type=model["type"],
        model_sha256=list(model.get("sha256") or []),
        model_arguments=dict(model.get("arguments") or {}),
        url=endpoint.get("url"),
        serve=Serve(**serve) if serve else None,
        token_variable=endpoint.get("token_variable"),
        tasks=list(document["tasks"]),
        files=dict(document.get("files") or {}),
        data=dict(document.get("data") or {}),
        num_fewshot=document.get("num_fewshot"),
        limit=document.get("limit"),
        seed=int(document["seed"]),
        apply_chat_template=bool(document.get("apply_chat_template", False)),
        device=device,
        gpus=int(document.get("prove_gpus") or str(device or "").startswith("cuda")),
        golden=Golden(**golden) if golden else None,
        environment=dict(document.get("environment") or {}),
        time_limit_seconds=float(document["time_limit_seconds"]),
    )
    if not re.fullmatch(r"[0-9a-f]{64}", spec.fingerprint):
        raise ValueError("fingerprint must be 64 hexadecimal digits")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", spec.key):
        raise ValueError("key must be a plain name")
    if not spec.tasks or not all(isinstance(task, str) and task for task in spec.tasks):
        raise ValueError("tasks must name at least one task")
    if (spec.url is None) == (spec.serve is None):
        raise ValueError("endpoint needs either url or serve")
    if spec.golden is not None and spec.golden.file not in spec.files:
        raise ValueError("the golden continuations must be a pinned file")
    if not spec.data.keys() <= set(spec.tasks):
        raise ValueError("data belongs to a task that is asked for")
    if spec.time_limit_seconds <= 0:
        raise ValueError("time_limit_seconds must be positive")
    for name in spec.files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"file {name} must lie in the run's folder")
    if any("," in str(value) or "=" in str(value) for value in spec.model_arguments.values()):
        raise ValueError("model arguments must not contain a comma or an equals sign")
    return spec


def check_files(spec: Spec, folder: Path) -> None:
    """Stopped("data_changed") unless every pinned file is there with its SHA-256."""
    for name, expected in sorted(spec.files.items()):
        try:
            found = sha256_of(folder / name)
        except OSError as problem:
            raise Stopped("data_changed", f"{name} cannot be read: {problem}") from problem
        if found != expected:
            raise Stopped("data_changed", f"{name} has SHA-256 {found}, the specification pins {expected}")
