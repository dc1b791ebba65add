"""What the tests of runner and launcher build with: tasks, specifications, patience."""

import hashlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import evaluations
from evaluations.calibration import golden, ngram
from evaluations.harness import environment as harness_environment
from evaluations.ngram.model import NgramModel, load_default
from evaluations.ngram.server import MODEL_ID, Completions, Server

SOURCES = Path(evaluations.__file__).parent
TASKS = SOURCES / "catalogue" / "tasks"
TASK = "cesai_smoke_de"
NGRAM_SHA256 = load_default().sha256


def task_files(questions: int | None = None) -> dict[str, bytes]:
    """The shipped task, or its first questions."""
    lines = (TASKS / f"{TASK}.jsonl").read_bytes().splitlines(keepends=True)
    return {
        f"tasks/{TASK}.yaml": (TASKS / f"{TASK}.yaml").read_bytes(),
        f"tasks/{TASK}.jsonl": b"".join(lines[:questions]),
    }


def stand_in(folder: Path) -> str:
    """An executable that behaves like an interpreter with lm-eval."""
    path = folder / "stand-in-python"
    source = (Path(__file__).parent / "stand_in_harness.py").read_text()
    path.write_text(source.replace("#!/usr/bin/env python", f"#!{sys.executable}", 1))
    path.chmod(0o755)
    return str(path)


def serve_ngram(*extra: str) -> dict[str, Any]:
    """Start the n-gram endpoint for the run."""
    return {
        "command": [sys.executable, "-m", "evaluations.ngram", "--port", "{port}", *extra],
        "environment": {"PYTHONPATH": str(SOURCES.parent)},
        "ready_seconds": 30,
    }


def specification(key: str, python: str, files: dict[str, bytes], **changes: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "contract": 1,
        "key": key,
        "restart": 0,
        "fingerprint": hashlib.sha256(key.encode()).hexdigest(),
        "harness": {"name": "lm-eval", "version": "0.4.13", "python": python},
        "model": {
            "type": "local-completions",
            "name": MODEL_ID,
            "sha256": [NGRAM_SHA256],
            "arguments": {"tokenizer_backend": "remote", "max_length": 2048},
        },
        "endpoint": {"serve": serve_ngram()},
        "tasks": [TASK],
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "seed": 42,
        "time_limit_seconds": 300,
    }
    spec.update(changes)
    return spec


def golden_of(model: NgramModel, tolerance: float = golden.TOLERANCE_CPU) -> dict[str, Any]:
    """The golden continuations and what `model` answers to them, as a specification has them."""
    return {"file": golden.NAME, "tolerance": tolerance, "expected": ngram.likelihoods(model, golden.pairs())}


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def lay_out(folder: Path, spec: dict[str, Any], files: dict[str, bytes]) -> Path:
    """A run's folder with its specification; the path of the latter."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    path = folder / "spec.json"
    path.write_text(json.dumps(spec))
    return path


def real_harness() -> str:
    """Interpreter of the real lm-eval; made on first use and kept beside the portal's, also between test runs."""
    return str(harness_environment.ensure(SOURCES.parent / "var" / "harness"))


def serving(
    model: NgramModel, name: str = MODEL_ID, completions: type[Completions] = Completions
) -> Iterator[str]:
    """The address of an endpoint with this model, for the body of a fixture."""
    server = Server(model, model_id=name)
    server.completions = completions(model, name)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def eventually(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true answer of `what`; fails when there is none within `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.03)
    return answer


def read(path: Path) -> dict[str, Any]:
    """A JSON document that may not be there yet; empty then."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return {}
