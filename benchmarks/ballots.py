"""Many organisations cast and re-cast their ballots at the same instant through the web server of `./run start`.

As a benchmark: 100 organisations, 500 casts, on throw-away services. `ARGUMENT`: organisations, casts for each.
"""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.clone import free_port
from benchmarks.machine import ROOT, description, progress, say, table
from benchmarks.servers import wait_for
from cesai.embedded.start import GRANIAN_OPTIONS
from cesai.embedded.testing import throwaway_postgres, throwaway_valkey

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Outcome:
    """Answers by status, seconds for each cast, and seconds for all of them."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0

    @property
    def server_errors(self) -> int:
        return sum(times for status, times in self.statuses.items() if status >= 500)


@contextmanager
def web_server(environment: dict[str, str]) -> Iterator[int]:
    """The portal under granian with the options of `./run start`; yields its port."""
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", *GRANIAN_OPTIONS, "--host=127.0.0.1", f"--port={port}"),
            "cesai.wsgi:application",
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait()


def storm(port: int, slug: str, sessions: Sequence[str], codes: Sequence[str], casts: int) -> Outcome:
    """Each session casts `casts` ballots, all sessions at once; every one is a form as a browser sends it."""
    outcome, gate = Outcome(), threading.Barrier(len(sessions))
    lock = threading.Lock()
    address = f"/voting/{slug}/ballot/"

    def organisation(number: int, session: str) -> None:
        cookies = {"session": session}
        status, body = _ask(port, "GET", address, cookies)
        found = TOKEN.search(body)
        if status != 200 or found is None:
            with lock:
                outcome.statuses[status] += 1
            gate.wait(timeout=300)
            return
        token = found[1]
        gate.wait(timeout=300)
        for turn in range(casts):
            left_out = codes[(number + turn) % len(codes)]
            chosen = [("approvals", code) for code in codes if code != left_out]
            began = time.perf_counter()
            status, _body = _ask(port, "POST", address, cookies, [("csrfmiddlewaretoken", token), *chosen])
            with lock:
                outcome.statuses[status] += 1
                outcome.seconds.append(time.perf_counter() - began)

    threads = [
        threading.Thread(target=organisation, args=(number, session))
        for number, session in enumerate(sessions)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.wall = time.perf_counter() - began
    return outcome


def _ask(
    port: int, method: str, address: str, cookies: dict[str, str], form: Sequence[tuple[str, str]] = ()
) -> tuple[int, str]:
    """One request on a connection of its own; keeps the cookies that are set. Status 599: no answer at all."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request(method, address, urlencode(form) if form else None, headers)
        response = connection.getresponse()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                cookies[key] = rest.partition(";")[0]
        return response.status, response.read().decode()
    except (OSError, http.client.HTTPException):
        return 599, ""
    finally:
        connection.close()


def main(argv: list[str]) -> int:
    organisations, casts = (int(argv[0]), int(argv[1])) if len(argv) == 2 else (100, 5)
    say(description())
    say()
    with throwaway_postgres() as database, throwaway_valkey() as broker, tempfile.TemporaryDirectory() as var:
        environment = os.environ | {
            "DATABASE_URL": database,
            "BROKER_URL": broker,
            "CESAI_VAR": var,
            "SECRET_KEY": "only-for-this-measurement",
            "CESAI_PROCESS": "web",
            "LOG_LEVEL": "ERROR",
            "DEMO": "true",
        }
        progress("preparing a database")
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "--verbosity=0"], cwd=ROOT, env=environment, check=True)
        subprocess.run(
            [*manage, "collectstatic", "--noinput", "--verbosity=0"], cwd=ROOT, env=environment, check=True
        )
        prepared = _in_portal(environment, "prepare", str(organisations))
        progress(f"{organisations * casts} casts by {organisations} organisations")
        with web_server(environment) as port:
            outcome = storm(port, prepared["slug"], prepared["sessions"], prepared["codes"], casts)
        after = _in_portal(environment, "inspect", prepared["slug"])
    outcome.seconds.sort()
    table(
        ["organisations", "casts", "answers", "5xx", "seconds", "median ms", "95 % ms", "slowest ms"],
        [
            [
                str(organisations),
                str(organisations * casts),
                ", ".join(f"{times} × {status}" for status, times in sorted(outcome.statuses.items())),
                str(outcome.server_errors),
                f"{outcome.wall:.1f}",
                *(f"{1000 * outcome.seconds[place]:.0f}" for place in _places(len(outcome.seconds))),
            ]
        ],
    )
    say()
    say(
        f"{after['current']} current ballots of {after['voters']} voters, {after['versions']} versions kept, "
        f"{after['records']} records of ballots, {after['flaws']} flaws in the chain."
    )
    good = (
        outcome.statuses == Counter({302: organisations * casts})
        and after["current"] == after["voters"] == organisations
        and after["versions"] == after["records"] == organisations * casts
        and not after["flaws"]
    )
    return 0 if good else 1


def _places(count: int) -> tuple[int, int, int]:
    return count // 2, count * 95 // 100, count - 1


def _in_portal(environment: dict[str, str], *arguments: str) -> dict:
    """Runs this module inside the portal, which this process must not load: its services come and go."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ballots_portal", *arguments],
        cwd=ROOT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "cesai.settings"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict = json.loads(done.stdout.splitlines()[-1])
    return found
