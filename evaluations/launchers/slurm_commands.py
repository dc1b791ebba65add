"""Slurm by its commands: `sbatch`, `squeue`, `sacct`, `scancel`. Tested with Slurm 22.05.

Formats: `squeue --json` (data_parser of 22.05 and newer), `sacct --parsable2`. Neither filters by anything but
what is written here: 22.05 ignores every filter of `squeue` once JSON is asked for.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping

from .protocol import Refused, Unreachable
from .slurm_facts import AccountedStart, QueuedJob, Request
from .slurm_words import last_words, moment, number, queued_job, refusal_of

# Below the time that a tick has.
PATIENCE_SECONDS = 30
FIELDS = (
    *("JobIDRaw", "JobName", "State", "ExitCode", "Start", "End", "ElapsedRaw"),
    *("AllocTRES", "NodeList", "ConsumedEnergyRaw"),
)


class Commands:
    """Runs Slurm's commands here. `configuration` is the path of a `slurm.conf` other than the system's."""

    def __init__(self, configuration: str = ""):
        self._extra = {"SLURM_CONF": configuration} if configuration else {}

    def submit(self, script: str, request: Request, environment: Mapping[str, str], held: int) -> str:
        wanted = request.wanted
        options = {
            "job-name": request.key,
            "comment": request.comment,
            "dependency": "singleton",
            "open-mode": "append",
            "signal": f"B:TERM@{request.warning_seconds}",
            "export": "ALL",
            "chdir": request.folder,
            "output": request.output.replace("%", "%%"),
            "time": str(wanted.minutes),
            "cpus-per-task": str(wanted.cpus),
            "mem": f"{wanted.memory_mb}M" if wanted.memory_mb else "",
            "gres": wanted.gres,
            "partition": wanted.partition,
            "account": wanted.account,
            "qos": wanted.qos,
            "constraint": wanted.constraint,
        }
        given = [f"--{name}={value}" for name, value in options.items() if value]
        answer = self._run(["sbatch", "--parsable", "--requeue", *given], script, environment, held)
        if answer.returncode == 0 and (job := answer.stdout.strip().partition(";")[0]).isdigit():
            return job
        said = last_words(answer.stderr) or f"sbatch ended with {answer.returncode}"
        if "error:" in answer.stderr and (reason := refusal_of(answer.stderr)) is not None:
            raise Refused(said, reason)
        raise Unreachable(said)

    def queue(self) -> list[QueuedJob]:
        answer = self._run(["squeue", "--json", "--states=all"])
        try:
            document = json.loads(answer.stdout)
            problems, jobs = document.get("errors"), document["jobs"]
        except (ValueError, KeyError, AttributeError) as problem:
            raise Unreachable(last_words(answer.stderr) or f"squeue: {problem}") from problem
        if answer.returncode or problems:
            raise Unreachable(last_words(answer.stderr) or f"squeue: {problems}")
        return [queued_job(job) for job in jobs]

    def accounts(self, keys: Iterable[str], days: int) -> list[AccountedStart]:
        answer = self._run(
            [
                *("sacct", "-X", "-D", "-P", "-n", f"--starttime=now-{days}days", "--endtime=now"),
                *(f"--name={','.join(keys)}", f"--format={','.join(FIELDS)}"),
            ],
        )
        if answer.returncode:
            raise Unreachable(last_words(answer.stderr) or f"sacct ended with {answer.returncode}")
        return [accounted_start(line) for line in answer.stdout.splitlines() if line.strip()]

    def cancel(self, key: str) -> None:
        answer = self._run(["scancel", f"--name={key}"])
        if answer.returncode:
            raise Unreachable(last_words(answer.stderr) or f"scancel ended with {answer.returncode}")

    def _run(
        self,
        command: list[str],
        given: str = "",
        environment: Mapping[str, str] | None = None,
        *held: int,
    ) -> subprocess.CompletedProcess[str]:
        base = dict(os.environ if environment is None else environment)
        # Times as seconds since 1970: what a cluster calls its local time is its own business.
        settings = {**base, **self._extra, "SLURM_TIME_FORMAT": "%s", "LC_ALL": "C"}
        try:
            return subprocess.run(
                command,
                input=given,
                env=settings,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                # A command that outlives its worker may still be heard: nobody asks again while it lives.
                pass_fds=held,
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise Unreachable(f"{command[0]}: {problem}") from problem


def accounted_start(line: str) -> AccountedStart:
    """One line of `sacct` with FIELDS."""
    values = dict(zip(FIELDS, line.split("|"), strict=True))
    resources = dict(part.partition("=")[::2] for part in values["AllocTRES"].split(",") if part)
    energy = number(values["ConsumedEnergyRaw"])
    code, _, signal = values["ExitCode"].partition(":")
    return AccountedStart(
        job=int(values["JobIDRaw"]),
        key=values["JobName"],
        state=values["State"].split()[0],
        exit_code=int(code or 0),
        signal=int(signal or 0),
        started_at=moment(number(values["Start"])),
        ended_at=moment(number(values["End"])),
        seconds=float(values["ElapsedRaw"] or 0),
        gpus=int(resources.get("gres/gpu", 0)),
        # Zero is what Slurm says when nothing measures energy.
        energy_joules=energy or None,
        node="" if values["NodeList"] == "None assigned" else values["NodeList"],
    )
