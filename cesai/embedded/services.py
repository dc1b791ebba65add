"""The database and the broker of one checkout: our own, or the ones that the environment names."""

from pathlib import Path
from typing import Protocol

from .environment import given, sockets
from .postgres import MODEST, Postgres
from .processes import Process
from .valkey import Valkey


class Service(Protocol):
    def begin(self) -> Process: ...

    def wait_ready(self) -> None: ...


def embedded_services(var: Path) -> list[Service]:
    """The services to start in ``var``, in the order in which they come up; those named from outside are left out."""
    outside = given()
    services: list[Service] = []
    if not outside.get("DATABASE_URL"):
        services.append(Postgres(var / "postgresql", sockets(var), var / "log" / "postgresql.log", MODEST))
    if not outside.get("BROKER_URL"):
        services.append(Valkey(var / "valkey", sockets(var), var / "log" / "valkey.log"))
    return services
