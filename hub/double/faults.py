"""Faults that a test orders: what goes wrong, at which request, how often."""

import dataclasses
import threading
from enum import Enum


class Kind(Enum):
    DROP_BEFORE = "the connection ends before anything was done"
    DROP_AFTER = "the request is carried out, the answer is lost"
    ERROR_BEFORE = "500, nothing was done"
    ERROR_AFTER = "the request is carried out, the answer is 500"
    RATE_LIMIT = "429 with the seconds until the window opens again"
    STORAGE = "403 because the storage quota is used up"
    FORBIDDEN = "403 because the token lacks the right"
    FOREIGN_COMMIT = "somebody else commits just before the request is carried out"
    REVOKE = "the token is revoked just before the request is carried out"


@dataclasses.dataclass(slots=True)
class Fault:
    """Strikes `times` requests of the operation `on` (a route's name), after letting `skip` of them pass."""

    on: str
    kind: Kind
    times: int = 1
    skip: int = 0
    reset: int = 55


class FaultPlan:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def order(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def strike(self, operation: str) -> Fault | None:
        """The fault that hits this request, counted off; None when the request may pass."""
        with self._lock:
            for fault in self._faults:
                if fault.on != operation or fault.times == 0:
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
