"""A real Slurm on this machine for the length of a test run: one node, four GPUs that do not exist, full accounting.

All daemons stay in the foreground as children of the test run, listen on loopback only, keep everything in one
folder, and die with their parent even when that is killed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from tests.requirements import require_or_skip, require_root_or_skip

PROGRAMS = (
    *("munged", "slurmctld", "slurmd", "slurmdbd", "slurmrestd"),
    *("sbatch", "sacct", "mariadbd", "setpriv"),
)
PATIENCE_SECONDS = 60.0
# A node is pretended to be this wide, so that jobs wait for GPUs and never for cores or memory.
CORES = 32
MEMORY_MB = 1_000_000

SLURM = """\
ClusterName=portaltest
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key={folder}/jwt.key
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
ReturnToService=2
SlurmdTimeout=10
SlurmdParameters=config_overrides
MessageTimeout=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=20000
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
KillWait=5
MinJobAge=300
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=2
JobAcctGatherParams=OverMemoryKill
GresTypes=gpu
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={accounting_port}
AccountingStoragePass={folder}/munge/socket
AccountingStorageEnforce=associations,limits,qos
AccountingStorageTRES=gres/gpu,gres/gpu:a100,gres/gpu:h100
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} Gres=gpu:a100:2,gpu:h100:2
PartitionName=low Nodes={host} Default=YES MaxTime=60 DefaultTime=10 PriorityTier=1 PreemptMode=REQUEUE State=UP
PartitionName=aside Nodes={host} MaxTime=60 DefaultTime=10 PriorityTier=1 PreemptMode=OFF State=UP
PartitionName=high Nodes={host} MaxTime=60 DefaultTime=10 PriorityTier=10 PreemptMode=OFF State=UP
"""

GPUS = """\
AutoDetect=off
NodeName={host} Name=gpu Type=a100 File={folder}/dev/gpu[0-1]
NodeName={host} Name=gpu Type=h100 File={folder}/dev/gpu[2-3]
"""

ACCOUNTING = """\
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key={folder}/jwt.key
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={accounting_port}
SlurmUser=root
LogFile={folder}/log/slurmdbd.log
PidFile={folder}/run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={database_port}
StorageUser=slurm
StoragePass=slurm
StorageLoc=accounts
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], object], name: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name}: not within {seconds} s")
        time.sleep(0.05)


class Cluster:
    """Brought up by `up()`, taken down by `down()`; `environment` is what Slurm's commands need to find it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-tests-"))
        self.host = socket.gethostname().split(".")[0]
        self.environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        self.overtime: dict[str, str] = {}

    def up(self) -> Cluster:
        self._lay_out()
        self._start("munged", [*self._munged()], user="munge")
        self._database()
        self._start("slurmdbd", ["slurmdbd", "-D"])
        wait_for(lambda: self._answers("sacctmgr", "-n", "list", "cluster"), "slurmdbd")
        self.start_controller()
        wait_for(lambda: "portaltest" in self.ask("sacctmgr", "-n", "list", "cluster"), "cluster")
        self.ask("sacctmgr", "-i", "add", "account", "portal")
        self.ask("sacctmgr", "-i", "add", "user", "root", "Account=portal")
        self.ask("sacctmgr", "-i", "add", "qos", "narrow", "GrpTRES=gres/gpu=1")
        self.ask("sacctmgr", "-i", "add", "qos", "strict", "MaxTRESPerUser=gres/gpu=1", "Flags=DenyOnLimit")
        self.ask("sacctmgr", "-i", "modify", "user", "root", "set", "qos+=narrow,strict")
        self.start_node()
        return self

    def start_controller(self) -> None:
        self._start("slurmctld", ["slurmctld", "-D", "-f", self.environment["SLURM_CONF"]])
        wait_for(lambda: self._answers("scontrol", "ping") and self._answers("squeue"), "slurmctld")

    def start_node(self) -> None:
        self._start("slurmd", ["slurmd", "-D", "-f", self.environment["SLURM_CONF"]])
        wait_for(lambda: self.ask("sinfo", "-h", "-o", "%t").split()[:1] in (["idle"], ["mix"]), "slurmd")

    def start_rest(self) -> str:
        """The address of the REST service, which refuses to run as root; `token` holds what it asks for."""
        if "slurmrestd" not in self._daemons:
            versions = ",".join(f"openapi/v0.0.{number},openapi/dbv0.0.{number}" for number in (36, 37, 38))
            self._start(
                "slurmrestd",
                ["slurmrestd", "-a", "rest_auth/jwt", "-s", versions, f"127.0.0.1:{self._rest_port}"],
                user="nobody",
                SLURM_JWT="daemon",
            )
            wait_for(self._rest_listens, "slurmrestd")
            self.renew_token()
        return f"http://127.0.0.1:{self._rest_port}"

    @property
    def token(self) -> Path:
        return self.folder / "token"

    def renew_token(self, seconds: int = 3600) -> None:
        self.token.write_text(self.ask("scontrol", "token", "username=root", f"lifespan={seconds}"))

    def _rest_listens(self) -> bool:
        self._all_alive()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._rest_port)) == 0

    def stop(self, daemon: str, number: int = signal.SIGTERM) -> None:
        """End `slurmctld` or `slurmd`; returns when it is gone."""
        process = self._daemons.pop(daemon)
        process.send_signal(number)
        process.wait(30)

    def kill_node(self) -> None:
        """As if somebody had pulled the plug: the node's daemon and all that runs in its jobs."""
        self.stop("slurmd", signal.SIGKILL)
        self._sweep(spare=set(self._pids()))

    def ask(self, *command: str) -> str:
        """What a command of Slurm says, also when it fails."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    def wait_for_start(self, name: str) -> None:
        """The controller tells the accounts of a start some seconds late; one that is over by then is not in them."""
        wait_for(
            lambda: "RUNNING" in self.ask("sacct", "-X", "-n", f"--name={name}", "-o", "State"), "the start"
        )

    def start_requeued(self, job: str) -> None:
        """Slurm lets a requeued job wait for two minutes; nobody has to watch that."""
        wait_for(lambda: "PENDING" in self.ask("squeue", "-h", "-j", job, "-o", "%T"), "the requeued job")
        self.ask("scontrol", "update", f"JobId={job}", "StartTime=now")

    def hurry(self, job: str) -> None:
        """Take the waiting time from a job that was put back; nothing for any other."""
        if "BeginTime" in self.ask("squeue", "-h", "-j", job, "-o", "%r"):
            self.ask("scontrol", "update", f"JobId={job}", "StartTime=now")

    def clear(self) -> None:
        """All daemons up, no job left but what was put aside."""
        if "slurmctld" not in self._daemons:
            self.start_controller()
        if "slurmd" not in self._daemons:
            self.start_node()
        for partition in ("low", "high"):
            self.ask("scancel", f"--partition={partition}", "--state=PENDING")
            self.ask("scancel", f"--partition={partition}", "--signal=KILL", "--full")
        wait_for(lambda: not self.ask("squeue", "-h", "--partition=low,high").strip(), "an empty queue")

    def down(self) -> None:
        if "slurmctld" in self._daemons:
            self.ask("scancel", "--user=root")
        for daemon in ("slurmrestd", "slurmd", "slurmctld", "slurmdbd", "mariadbd", "munged"):
            process = self._daemons.pop(daemon, None)
            if process is None:
                continue
            # Nothing of it is kept, and a controller that says goodbye waits for nodes that are gone.
            process.kill()
            process.wait()
        self._sweep(spare=set())
        shutil.rmtree(self.folder, ignore_errors=True)

    def _pids(self) -> list[int]:
        return [process.pid for process in self._daemons.values()]

    def _sweep(self, spare: set[int]) -> None:
        """Kill what still belongs to this cluster: its steps and their children carry its configuration's path."""
        while found := [pid for pid in self._ours() if pid not in spare]:
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def _ours(self) -> Iterator[int]:
        mark = f"SLURM_CONF={self.environment['SLURM_CONF']}".encode()
        for place in Path("/proc").glob("[0-9]*"):
            # One that was just forked or has just ended has no environment.
            with suppress(OSError):
                if mark in (place / "environ").read_bytes().split(b"\0"):
                    yield int(place.name)

    def _lay_out(self) -> None:
        # The users of munge and of the database have to get through.
        self.folder.chmod(0o755)
        for name in ("run", "log", "state", "spool", "dev", "db", "munge"):
            (self.folder / name).mkdir()
        for number in range(4):
            # A device that swallows what is written to it: Slurm wants files, the tests need no GPU.
            os.mknod(self.folder / "dev" / f"gpu{number}", 0o20666, os.makedev(1, 3))
        for name, size in (("munge.key", 1024), ("jwt.key", 32)):
            (self.folder / name).write_bytes(os.urandom(size))
            (self.folder / name).chmod(0o600)
        for name, user in (("munge.key", "munge"), ("munge", "munge"), ("db", "mysql")):
            shutil.chown(self.folder / name, user, user)
        values = {
            "folder": self.folder,
            "host": self.host,
            "cores": CORES,
            "memory": MEMORY_MB,
            "controller_port": free_port(),
            "node_port": free_port(),
            "accounting_port": free_port(),
            "database_port": free_port(),
        }
        self._database_port = values["database_port"]
        self._rest_port = free_port()
        for name, text in (("slurm.conf", SLURM), ("gres.conf", GPUS), ("slurmdbd.conf", ACCOUNTING)):
            (self.folder / name).write_text(text.format(**values))
        (self.folder / "slurmdbd.conf").chmod(0o600)

    def _munged(self) -> list[str]:
        place = self.folder / "munge"
        files = {"socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
        options = [f"--{option}={place / name}" for option, name in files.items()]
        return ["munged", "--foreground", "--force", f"--key-file={self.folder / 'munge.key'}", *options]

    def _database(self) -> None:
        data, socket_ = self.folder / "db", self.folder / "db" / "socket"
        subprocess.run(
            [
                *("mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={data}"),
                *("--skip-test-db", "--auth-root-authentication-method=socket"),
            ],
            check=True,
            capture_output=True,
        )
        options = (
            *(f"--datadir={data}", f"--socket={socket_}", f"--pid-file={data / 'pid'}"),
            *(f"--port={self._database_port}", "--bind-address=127.0.0.1"),
            *("--innodb-lock-wait-timeout=900", "--innodb-flush-log-at-trx-commit=0"),
        )
        self._start("mariadbd", ["mariadbd", "--no-defaults", *options], user="mysql")
        client = ("mariadb", "--no-defaults", f"--socket={socket_}", "-e")
        wait_for(lambda: self._answers(*client, "select 1"), "mariadbd")
        for statement in (
            "create database accounts",
            "create user slurm@localhost identified by 'slurm'",
            "create user slurm@127.0.0.1 identified by 'slurm'",
            "grant all on accounts.* to slurm@localhost",
            "grant all on accounts.* to slurm@127.0.0.1",
        ):
            subprocess.run([*client, statement], check=True, capture_output=True)

    def _start(self, name: str, command: list[str], user: str = "root", **environment: str) -> None:
        person = pwd.getpwnam(user)
        with (self.folder / "log" / f"{name}.out").open("ab") as output:
            self._daemons[name] = subprocess.Popen(
                [
                    *(
                        "setpriv",
                        "--pdeathsig",
                        "KILL",
                        f"--reuid={person.pw_uid}",
                        f"--regid={person.pw_gid}",
                    ),
                    *("--clear-groups", *command),
                ],
                env=self.environment | environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _all_alive(self) -> None:
        for name, process in self._daemons.items():
            if process.poll() is not None:
                said = (self.folder / "log" / f"{name}.out").read_text()[-2000:]
                raise ChildProcessError(f"{name} ended with {process.returncode}: {said}")

    def _answers(self, *command: str) -> bool:
        self._all_alive()
        return subprocess.run(command, env=self.environment, capture_output=True, timeout=60).returncode == 0


def require_cluster() -> None:
    """Skips, or fails where everything has to run, without the programs or without the right to start them."""
    for program in PROGRAMS:
        require_or_skip(program)
    require_root_or_skip("Slurm's daemons")
