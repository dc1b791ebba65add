"""Proof of the device: what this node shows, not what was asked for and not what the harness writes down."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from .reasons import Stopped

DRIVER = Path("/proc/driver/nvidia/gpus")
SMI_SECONDS = 30.0
# A model on a GPU takes more than a driver context does, which is some hundred MiB at most.
LEAST_MEMORY_MIB = 512


def gpus() -> list[dict[str, Any]]:
    """GPUs that this job may use, by nvidia-smi: index, uuid, name, used MiB, driver. Empty when there are none."""
    rows = _smi("--query-gpu=index,uuid,name,memory.used,driver_version", 5)
    found = [
        {
            "index": int(index),
            "uuid": uuid,
            "name": name,
            "used_mib": int(used) if used.isdigit() else None,
            "driver": driver,
        }
        for index, uuid, name, used, driver in rows
        if index.isdigit()
    ]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return found
    wanted = [each.strip() for each in visible.split(",") if each.strip()]
    if all(each.isdigit() for each in wanted):
        # A cluster that hides the others numbers its own from 0, whatever their place on the node is.
        chosen = [gpu for gpu in found if str(gpu["index"]) in wanted]
        return chosen or found[: len(wanted)]
    return [gpu for gpu in found if any(str(gpu["uuid"]).startswith(each) for each in wanted)]


def users() -> dict[str, list[int]]:
    """Processes that compute on a GPU, by its uuid."""
    found: dict[str, list[int]] = {}
    for uuid, pid in _smi("--query-compute-apps=gpu_uuid,pid", 2):
        if pid.isdigit():
            found.setdefault(uuid, []).append(int(pid))
    return found


def _smi(query: str, columns: int) -> list[list[str]]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        told = subprocess.run(
            [program, query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=SMI_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    if told.returncode != 0:
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in told.stdout.splitlines()]
    return [row for row in rows if len(row) == columns]


def session_of(leader: int) -> set[int]:
    """Processes of the session that `leader` began."""
    members = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader:
            members.add(int(entry.name))
    return members


class Proof:
    """Collects what shows that the asked number of GPUs works for this run.

    `asked` 0 proves nothing and forbids nothing: the run is one on the CPU, and its record says so.
    """

    def __init__(self, asked: int):
        self._asked = asked
        self._before: list[dict[str, Any]] = []
        self._by: dict[str, str] = {}

    def begin(self, serves_here: bool) -> None:
        """Before the model is loaded. Stopped("wrong_device") when the GPUs are not there at all."""
        if not self._asked:
            return
        if not serves_here:
            raise Stopped("wrong_device", "a GPU was asked for, but the endpoint runs somewhere else")
        self._before = gpus()
        if len(self._before) < self._asked:
            driver = "an NVIDIA driver" if DRIVER.is_dir() else "no NVIDIA driver"
            raise Stopped(
                "wrong_device",
                f"{self._asked} GPUs were asked for, this node shows {len(self._before)} and has {driver}",
            )

    def look(self, leader: int) -> None:
        """While the model answers: which of the GPUs work for the session of `leader`."""
        if not self._asked:
            return
        members, working = session_of(leader), users()
        earlier = {gpu["uuid"]: gpu["used_mib"] for gpu in self._before}
        for gpu in gpus():
            uuid, used = gpu["uuid"], gpu["used_mib"]
            if members & set(working.get(uuid, [])):
                self._by[uuid] = "process"
            elif used is not None and used - (earlier.get(uuid) or 0) >= LEAST_MEMORY_MIB:
                # Inside a container the driver shows other process numbers, or none.
                self._by.setdefault(uuid, "memory")

    def facts(self) -> dict[str, Any]:
        """For the manifest. Stopped("wrong_device") unless as many GPUs worked as were asked for."""
        if not self._asked:
            return {"asked": 0, "used": "cpu", "gpus": []}
        if len(self._by) < self._asked:
            raise Stopped(
                "wrong_device",
                f"{self._asked} GPUs were asked for and are there, but only {len(self._by)} worked for this run",
            )
        shown = [gpu | {"by": self._by[gpu["uuid"]]} for gpu in self._before if gpu["uuid"] in self._by]
        return {"asked": self._asked, "used": "gpu", "gpus": shown}
