"""GPUs of the portal's own machine: each for one run at a time, and their energy by the driver's counters.

The machine of the tests has none. Its driver's program and library are made here, to the shape of the real ones.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evaluations.launchers.local import GPU_PATIENCE_SECONDS, LocalLauncher
from evaluations.launchers.protocol import EngineRef, EngineState, Job, Observation
from evaluations.ngram.model import load_default
from evaluations.runner.energy import Meter
from tests.evaluations.test_runner import run
from tests.evaluations.workshop import (
    eventually,
    read,
    serve_ngram,
    serving,
    specification,
    stand_in,
    task_files,
)
from tests.requirements import require_or_skip

FILES = task_files(questions=4)

# nvmlReturn_t and signatures as in nvml.h. Each reading of the counter is 5 J above the one before.
NVML = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct nvmlDevice_st *nvmlDevice_t;
int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *device) {
    if (strncmp(uuid, "GPU-", 4)) return 6;
    *device = (nvmlDevice_t)(uuid[4] == 'a' ? 1L : 2L);
    return 0;
}
int nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device, unsigned long long *energy) {
    unsigned long long read = 0;
    FILE *file = fopen(getenv("TEST_COUNTER"), "r");
    if (!file) return 3;
    fscanf(file, "%llu", &read);
    fclose(file);
    file = fopen(getenv("TEST_COUNTER"), "w");
    fprintf(file, "%llu", read + 5000);
    fclose(file);
    *energy = read;
    return 0;
}
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the driver's program, which shows one GPU with a model in its memory once it is served."""
    place = tmp_path / "driver"
    place.mkdir()
    program = place / "nvidia-smi"
    program.write_text(
        "#!/bin/sh\n"
        f"used=3; [ -e {place / 'served'} ] && used=9000\n"
        "case $1 in\n"
        "--query-gpu=index) echo 0;;\n"
        '--query-gpu=*) echo "0, GPU-aa, NVIDIA H100, $used, 570.1";;\n'
        "esac\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return place


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    yield from serving(load_default())


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[LocalLauncher]:
    launcher = LocalLauncher(tmp_path / "runs")
    yield launcher
    for folder in launcher.root.glob("eval-*"):
        for document in ("process.json", "submitted.json"):
            pid = read(folder / document).get("pid")
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def job_of(tmp_path: Path, url: str, key: str, gpus: int, **changes: object) -> Job:
    told = {"endpoint": {"url": url}, "gpus": gpus, **changes}
    return Job(specification(key, stand_in(tmp_path), FILES, **told), FILES)


def look(launcher: LocalLauncher, key: str) -> Observation:
    (found,) = launcher.observe([key])
    return found


def answered(launcher: LocalLauncher, key: str, number: int) -> bool:
    return read(launcher.folder(key) / "progress.json").get("done") == number


HALTING = {"environment": {"STAND_IN_HALT": "1"}}


def test_a_run_gets_its_gpu_and_a_second_one_waits_for_it(
    machine: Path, launcher: LocalLauncher, tmp_path: Path, endpoint: str
) -> None:
    launcher.submit(job_of(tmp_path, endpoint, "eval-a", 1, **HALTING), "eval-a")
    eventually(lambda: answered(launcher, "eval-a", 1))
    launcher.submit(job_of(tmp_path, endpoint, "eval-b", 1), "eval-b")
    eventually(lambda: look(launcher, "eval-b").message == "Resources", GPU_PATIENCE_SECONDS + 20)
    assert look(launcher, "eval-b").state == EngineState.PENDING
    assert not (launcher.folder("eval-b") / "process.json").exists()
    os.kill(read(launcher.folder("eval-a") / "process.json")["pid"], signal.SIGKILL)
    eventually(lambda: look(launcher, "eval-b").state == EngineState.ENDED)
    assert look(launcher, "eval-b").reason == "published"
    assert read(launcher.folder("eval-b") / "exit.json")["gpus"] == ["0"]
    (used,) = launcher.usage(["eval-b"])
    assert used.gpu_seconds == used.seconds > 0
    # What waits uses nothing.
    assert used.started_at is not None
    assert look(launcher, "eval-a").state == EngineState.GONE


def test_a_run_that_is_cancelled_while_it_waits_never_gets_a_gpu(
    machine: Path, launcher: LocalLauncher, tmp_path: Path, endpoint: str
) -> None:
    launcher.submit(job_of(tmp_path, endpoint, "eval-a", 1, **HALTING), "eval-a")
    eventually(lambda: answered(launcher, "eval-a", 1))
    launcher.submit(job_of(tmp_path, endpoint, "eval-b", 1), "eval-b")
    launcher.cancel(EngineRef("eval-b", 0, ""))
    eventually(lambda: look(launcher, "eval-b").state == EngineState.ENDED)
    assert look(launcher, "eval-b").reason == "stopped"
    assert read(launcher.folder("eval-b") / "exit.json")["gpus"] == []


def test_a_run_without_gpus_sees_none(
    machine: Path,
    launcher: LocalLauncher,
    tmp_path: Path,
    endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    launcher.submit(job_of(tmp_path, endpoint, "eval-a", 0), "eval-a")
    eventually(lambda: look(launcher, "eval-a").state == EngineState.ENDED)
    (used,) = launcher.usage(["eval-a"])
    assert (used.gpu_seconds, used.energy_joules) == (0, None)


def test_a_machine_with_fewer_gpus_fails_the_run_at_once(
    machine: Path, launcher: LocalLauncher, tmp_path: Path, endpoint: str
) -> None:
    launcher.submit(
        job_of(tmp_path, "", "eval-a", 2, prove_gpus=2, endpoint={"serve": serve_ngram()}), "eval-a"
    )
    eventually(lambda: look(launcher, "eval-a").state == EngineState.ENDED)
    assert look(launcher, "eval-a").reason == "wrong_device"
    assert "2 GPUs were asked for" in look(launcher, "eval-a").message


@pytest.fixture
def nvml(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The driver's library beside its program; the file that its counter is read from."""
    source = machine / "nvml.c"
    source.write_text(NVML)
    subprocess.run(
        [require_or_skip("cc"), "-shared", "-fPIC", "-w", "-o", machine / "libnvidia-ml.so.1", source],
        check=True,
    )
    counter = machine / "counter"
    counter.write_text("7000")
    monkeypatch.setenv("TEST_COUNTER", str(counter))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(machine))
    return counter


def test_the_energy_of_an_attempt_is_what_the_counters_of_its_gpus_ran(
    machine: Path, nvml: Path, tmp_path: Path
) -> None:
    serve = serve_ngram()
    # With the model comes the memory by which its GPU is known.
    touch = f'touch {machine / "served"}; exec "$@"'
    serve["command"] = ["/bin/sh", "-c", touch, "sh", *serve["command"]]
    folder = tmp_path / "run"
    spec = specification("eval-a", stand_in(tmp_path), FILES, prove_gpus=1, endpoint={"serve": serve})
    assert run(folder, spec, FILES, CUDA_VISIBLE_DEVICES="0") == 0, (folder / "log.txt").read_text()
    # Read at the beginning, for the manifest, and at the end; each reading is 5 J above the one before.
    assert read(folder / "result" / "manifest.json")["energy_joules"] == 5.0
    assert read(folder / "exit.json")["energy_joules"] == 10.0


@pytest.mark.parametrize(
    ("readings", "joules"),
    [
        ([{"GPU-aa": 7_000, "GPU-bb": 0}, {"GPU-aa": 8_000, "GPU-bb": 500}], 1.5),
        ([{"GPU-aa": 7_000, "GPU-bb": 0}, {"GPU-aa": 8_000, "GPU-bb": None}], None),
        ([{"GPU-aa": 7_000, "GPU-bb": None}, {"GPU-aa": 8_000, "GPU-bb": 3}], None),
        ([{"GPU-aa": 7_000, "GPU-bb": 9}, {"GPU-aa": 8_000, "GPU-bb": 3}], None),
    ],
    ids=["both", "lost at the end", "never there", "the driver began anew"],
)
def test_energy_is_known_only_if_every_counter_is(
    monkeypatch: pytest.MonkeyPatch, readings: list[dict[str, int | None]], joules: float | None
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library(readings))
    meter = Meter()
    meter.begin(["GPU-aa", "GPU-bb"])
    readings.pop(0)
    assert meter.joules() == joules


def library(readings: list[dict[str, int | None]]) -> SimpleNamespace:
    """NVML with the first of the readings in its counters; None is `NVML_ERROR_NOT_SUPPORTED`."""
    handles = dict(enumerate(sorted(readings[0]), 1))

    def handle(uuid: bytes, to: Any) -> int:
        to._obj.value = next(number for number, name in handles.items() if name == uuid.decode())
        return 0

    def energy(device: Any, to: Any) -> int:
        found = readings[0][handles[device.value]]
        to._obj.value = found or 0
        return 3 if found is None else 0

    return SimpleNamespace(
        nvmlInit_v2=lambda: 0,
        nvmlShutdown=lambda: 0,
        nvmlDeviceGetHandleByUUID=handle,
        nvmlDeviceGetTotalEnergyConsumption=energy,
    )


def test_without_a_driver_energy_is_unknown_and_not_nothing() -> None:
    meter = Meter()
    meter.begin(["GPU-aa"])
    assert meter.joules() is None
