"""The model's endpoint: started for the run or already there, and proven to serve the right model."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

from . import children
from .asking import opener_for
from .reasons import Stopped
from .spec import Spec

REQUEST_SECONDS = 10.0
PATIENCE_SECONDS = 3.0
ANSWER_LIMIT_BYTES = 1 << 20
PORT_TRIES = 3


class NotServing(Exception):
    """Nothing answers (yet)."""


def served_models(url: str, token: str | None = None) -> list[dict[str, Any]]:
    """Entries of GET {url}/models. NotServing when nothing answers; Stopped when the answer is a refusal."""
    request = urllib.request.Request(f"{url}/models")  # noqa: S310
    if not url.startswith(("http://", "https://")):
        raise Stopped("endpoint_unreachable", f"{url} is not an http address")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with opener_for(url).open(request, timeout=REQUEST_SECONDS) as response:
            document = json.loads(response.read(ANSWER_LIMIT_BYTES))
    except urllib.error.HTTPError as problem:
        if problem.code in (401, 403):
            raise Stopped("endpoint_refused", f"{url}/models answered {problem.code}") from problem
        raise NotServing(f"{url}/models answered {problem.code}") from problem
    except (OSError, ValueError) as problem:
        raise NotServing(f"{url}/models: {problem}") from problem
    entries = document.get("data") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise NotServing(f"{url}/models is not a model list")
    return entries


def check_identity(url: str, model: str, sha256: list[str], token: str | None) -> dict[str, Any]:
    """The served entry of `model`. Stopped("wrong_model") when it is another one.

    `sha256` are the hashes that the model's files have; an endpoint that reports none is taken at its name.
    """
    entries = served_models(url, token)
    names = sorted(str(entry.get("id")) for entry in entries)
    entry = next((entry for entry in entries if entry.get("id") == model), None)
    if entry is None:
        raise Stopped("wrong_model", f"{url} serves {', '.join(names) or 'nothing'}, asked for was {model}")
    reported = entry.get("sha256")
    if sha256 and reported is not None and reported not in sha256:
        raise Stopped("wrong_model", f"{url} serves {model} with {reported}, which is no file of the release")
    return entry


def wait_for(
    url: str,
    spec: Spec,
    token: str | None,
    seconds: float,
    server: subprocess.Popen[bytes] | None,
    tick: Callable[[], None],
) -> dict[str, Any]:
    """The served entry once the endpoint answers; Stopped("endpoint_unreachable") after `seconds`.

    NotServing at once when `server`, started to answer there, has ended.
    """
    deadline = time.monotonic() + seconds
    while True:
        tick()
        try:
            return check_identity(url, spec.model, spec.model_sha256, token)
        except NotServing as problem:
            if server is not None and server.poll() is not None:
                raise
            if time.monotonic() >= deadline:
                raise Stopped("endpoint_unreachable", str(problem)) from problem
        time.sleep(0.2)


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def image_of(url: str, served: dict[str, Any]) -> str:
    """What software answers: what the model list says about itself, else its owner and the server's version."""
    if isinstance(served.get("image"), str):
        return str(served["image"])[:200]
    owner = str(served.get("owned_by") or "unknown")
    root = url[: -len("/v1")] if url.endswith("/v1") else url
    try:
        with opener_for(url).open(f"{root}/version", timeout=REQUEST_SECONDS) as response:
            version = json.loads(response.read(4096)).get("version")
    except (OSError, ValueError, AttributeError):
        version = None
    return f"{owner} {version}"[:200] if version else owner[:200]


class Endpoint:
    """An endpoint that has proven its identity. `url` ends in /v1; `served` is its entry in the model list."""

    def __init__(self, url: str, served: dict[str, Any], server: subprocess.Popen[bytes] | None = None):
        self.url = url
        self.served = served
        self.server = server

    def is_proven(self, sha256: list[str]) -> bool:
        """Whether it has shown a hash of the model's files, not only a name."""
        return self.served.get("sha256") in sha256

    @property
    def died(self) -> bool:
        return self.server is not None and self.server.poll() is not None


@contextlib.contextmanager
def opened(
    spec: Spec, folder: Path, environment: dict[str, str], lock: int, tick: Callable[[], None]
) -> Iterator[Endpoint]:
    """The endpoint of the run; one that was started for it is ended on leaving."""
    token = os.environ.get(spec.token_variable) if spec.token_variable else None
    if spec.url is not None:
        url = spec.url.rstrip("/")
        yield Endpoint(url, wait_for(url, spec, token, PATIENCE_SECONDS, None, tick))
        return
    assert spec.serve is not None
    for _ in range(PORT_TRIES):
        port = free_port()
        url = f"http://127.0.0.1:{port}/v1"
        command = [part.replace("{port}", str(port)) for part in spec.serve.command]
        with open(folder / "endpoint.log", "ab") as output:
            try:
                server = children.start(
                    command,
                    directory=spec.serve.directory or str(folder),
                    environment={**environment, **spec.serve.environment},
                    output=output,
                    lock=lock,
                )
            except OSError as problem:
                raise Stopped("endpoint_failed_to_start", f"{command[0]}: {problem}") from problem
        try:
            served = wait_for(url, spec, token, spec.serve.ready_seconds, server, tick)
            if server.poll() is not None:
                # Somebody else answers on the port that our own server could not take.
                continue
            yield Endpoint(url, served, server)
            return
        except NotServing:
            continue
        finally:
            children.end(server)
    raise Stopped("endpoint_failed_to_start", tail(folder / "endpoint.log") or "the endpoint's command ended")


def tail(path: Path, characters: int = 400) -> str:
    """The last words of a log file."""
    try:
        return path.read_bytes()[-characters:].decode(errors="replace").strip()
    except OSError:
        return ""
