"""Slurm by its REST service, slurmrestd, for a portal that has no commands of the cluster. Tested with Slurm 22.05.

Which version of the API is spoken, and in which shapes, is read from the OpenAPI document of the service itself.
The token is read from its file for every request, so a rotated one needs no restart.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

from .protocol import Refused, Unreachable
from .slurm_dialect import Dialect
from .slurm_facts import AT_WORK, WAITING, AccountedStart, QueuedJob, Request
from .slurm_words import moment, number, queued_job, refusal_of, state_of

PATIENCE_SECONDS = 30
# The number of the error with which an empty answer comes.
NOTHING_FOUND = 9003
# By address: the document is half a megabyte and changes only with the service.
_dialects: dict[str, Dialect] = {}


class Rest:
    """Asks the slurmrestd at `url` in the name of `user`; `token_file` holds the JWT, also as `scontrol token` prints it."""

    def __init__(self, url: str, user: str, token_file: Path):
        self._url = url.rstrip("/")
        self._user = user
        self._token_file = token_file

    def submit(self, script: str, request: Request, environment: Mapping[str, str], held: int) -> str:
        dialect = self._dialect()
        answer = self._ask("POST", dialect.submit, dialect.submission(script, request, environment))
        if number_of_job := answer.get("job_id"):
            return str(number_of_job)
        # Only what the controller said about the job is a refusal; silence, as with an expired token, is none.
        said = errors_of(answer)
        if (reason := refusal_of(said)) is not None:
            raise Refused(said, reason)
        raise Unreachable((said or "slurmrestd gave no number for the job") + self._doubt_about_the_token())

    def queue(self) -> list[QueuedJob]:
        answer = self._ask("GET", self._dialect().jobs)
        return [queued_job(job) for job in self._list(answer)]

    def accounts(self, keys: Iterable[str], days: int) -> list[AccountedStart]:
        dialect = self._dialect()
        answer = self._ask("GET", dialect.accounts + "?" + dialect.accounts_query(keys, days))
        starts = [accounted_start(job) for job in self._list(answer)]
        # Starts of one job come in no promised order.
        return sorted(
            starts, key=lambda start: (start.job, start.started_at or datetime.max.replace(tzinfo=UTC))
        )

    def cancel(self, key: str) -> None:
        for job in self.queue():
            if job.key == key and job.state in WAITING | AT_WORK:
                answer = self._ask("DELETE", self._dialect().job.replace("{job_id}", str(job.job)))
                said = errors_of(answer)
                # A job that ended between the two questions is what was wanted.
                if said and not any(words in said.lower() for words in ("already", "invalid job id")):
                    raise Unreachable(said)

    def _list(self, answer: dict[str, Any]) -> list[Any]:
        """The jobs of an answer; an empty list with an error is no answer."""
        if said := errors_of(answer, but=NOTHING_FOUND):
            raise Unreachable(f"slurmrestd: {said}{self._doubt_about_the_token()}")
        if not isinstance(answer.get("jobs"), list):
            raise Unreachable("slurmrestd: the answer holds no jobs")
        return answer["jobs"]

    def _dialect(self) -> Dialect:
        if self._url not in _dialects:
            document = self._ask("GET", "/openapi/v3")
            try:
                _dialects[self._url] = Dialect.negotiate(document)
            except (LookupError, TypeError, AttributeError) as problem:
                raise Unreachable(f"slurmrestd: {problem}") from problem
        return _dialects[self._url]

    def _token(self) -> str:
        try:
            text = self._token_file.read_text().strip()
        except OSError as problem:
            raise Unreachable(f"the token of slurmrestd cannot be read: {problem}") from problem
        return text.removeprefix("SLURM_JWT=")

    def _doubt_about_the_token(self) -> str:
        expired = expiry_of(self._token())
        if expired is None or expired > datetime.now(UTC):
            return ""
        return f" (the token in {self._token_file} expired at {expired:%Y-%m-%d %H:%M} UTC)"

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON object that slurmrestd answers, with its errors; Unreachable when there is none."""
        request = urllib.request.Request(  # noqa: S310
            self._url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "X-SLURM-USER-NAME": self._user,
                "X-SLURM-USER-TOKEN": self._token(),
                "Content-Type": "application/json",
                "Accept": "application/json",
            },
        )
        try:
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:  # noqa: S310
                    status, content = response.status, response.read()
            except urllib.error.HTTPError as problem:
                # A refusal of the controller comes with status 500 and a document.
                status, content = problem.code, problem.read()
        except (OSError, HTTPException, ValueError) as problem:
            raise Unreachable(f"slurmrestd does not answer: {problem}") from problem
        if status == 404:
            # Another version of Slurm may have come up at this address.
            _dialects.pop(self._url, None)
        if status in (401, 403):
            raise Unreachable(f"slurmrestd does not accept the portal's token{self._doubt_about_the_token()}")
        try:
            answer = json.loads(content)
        except ValueError as problem:
            raise Unreachable(f"slurmrestd answered {status} without a document") from problem
        if not isinstance(answer, dict):
            raise Unreachable(f"slurmrestd answered {status} with something else than an object")
        return answer


def errors_of(answer: Mapping[str, Any], but: int | None = None) -> str:
    """What went wrong in Slurm's own words; empty when nothing did but the error of that number."""
    told = []
    for error in answer.get("errors") or []:
        if isinstance(error, Mapping) and but not in (error.get("error_number"), error.get("error_code")):
            told.append(str(error.get("error") or error.get("description") or error))
    return "\n".join(told)


def accounted_start(job: Mapping[str, Any]) -> AccountedStart:
    """One job of slurmdbd's list; a requeued job is there once for every start."""
    time, code = job["time"], job.get("exit_code") or {}
    signal = code.get("signal") or {}
    resources = {
        (entry.get("type"), entry.get("name") or ""): entry.get("count")
        for entry in job["tres"].get("allocated") or []
    }
    return AccountedStart(
        job=int(job["job_id"]),
        key=str(job["name"]),
        state=state_of(job["state"]["current"]),
        exit_code=int(number(code.get("return_code")) or 0),
        signal=int(number(signal.get("signal_id", signal.get("id"))) or 0),
        started_at=moment(number(time.get("start"))),
        ended_at=moment(number(time.get("end"))),
        seconds=number(time.get("elapsed")) or 0.0,
        gpus=int(number(resources.get(("gres", "gpu"))) or 0),
        energy_joules=number(resources.get(("energy", ""))) or None,
        node="" if job.get("nodes") == "None assigned" else str(job.get("nodes") or ""),
    )


def expiry_of(token: str) -> datetime | None:
    """When a JWT says that it ends; None when it does not."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return moment(number(claims["exp"]))
    except (IndexError, ValueError, LookupError, TypeError):
        return None
