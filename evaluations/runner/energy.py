"""What GPUs drew, by the counters in the driver: NVML, asked through its C library without a package.

Functions and units: NVML API Reference, `nvmlDeviceGetTotalEnergyConsumption` (millijoules since the driver was
loaded, from Volta on) and `nvmlDeviceGetHandleByUUID`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

LIBRARY = "libnvidia-ml.so.1"
SUCCESS = 0
MILLIJOULES = 1000.0


class Meter:
    """Energy that some GPUs have used since `begin`."""

    def __init__(self) -> None:
        self._before: dict[str, int] = {}

    def begin(self, uuids: Iterable[str]) -> None:
        """Read the counters of these GPUs; the attempt's own, because a node may have others at work for others."""
        self._before = counters(list(uuids)) or {}

    def joules(self) -> float | None:
        """None, which is unknown, unless every counter could be read at both ends and ran forward."""
        after = counters(list(self._before)) if self._before else None
        if after is None or any(after[uuid] < began for uuid, began in self._before.items()):
            return None
        return sum(after[uuid] - began for uuid, began in self._before.items()) / MILLIJOULES


def counters(uuids: list[str]) -> dict[str, int] | None:
    """Millijoules by UUID; None where there is no driver, or one of the GPUs has no counter."""
    found = {}
    try:
        with _library() as nvml:
            for uuid in uuids:
                handle, told = ctypes.c_void_p(), ctypes.c_ulonglong()
                if nvml.nvmlDeviceGetHandleByUUID(uuid.encode(), ctypes.byref(handle)) != SUCCESS:
                    return None
                if nvml.nvmlDeviceGetTotalEnergyConsumption(handle, ctypes.byref(told)) != SUCCESS:
                    return None
                found[uuid] = told.value
    except (OSError, AttributeError):
        return None
    return found


@contextmanager
def _library() -> Iterator[Any]:
    """NVML, begun and ended. OSError without it, AttributeError where it is too old for one of the functions."""
    nvml = ctypes.CDLL(LIBRARY)
    if nvml.nvmlInit_v2() != SUCCESS:
        raise OSError("NVML did not start")
    try:
        yield nvml
    finally:
        nvml.nvmlShutdown()
