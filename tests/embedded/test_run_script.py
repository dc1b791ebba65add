"""The shell script, over a folder of its own and stand-ins for the programs it would install."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "dirname", "cat", "cksum", "rm", "mkdir", "chmod", "id")

BROKEN_SHIM = "#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n"
# Answers like uv, notes how it was called, and makes an environment whose Python tells its arguments.
UV = """#!/bin/sh
if [ "$1" = --version ]; then echo "uv {version} (a stand-in)"; exit 0; fi
echo "$@" >>uv-calls
mkdir -p .venv/bin
printf '#!/bin/sh\\necho "python $*"\\n' >.venv/bin/python
chmod +x .venv/bin/python
"""


class Checkout:
    """A folder with the script, and a PATH that holds little more than it needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            path = shutil.which(tool)
            assert path
            (self.bin / tool).symlink_to(path)
        shutil.copy(ROOT / "run", folder)
        (folder / "requirements").mkdir()
        for name in ("uv.lock", "requirements/runtime.txt", "requirements/dev.txt"):
            (folder / name).write_text("pinned\n")
        self.environment = {"PATH": str(self.bin), "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}

    def program(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def pyenv_python(self) -> Path:
        path = self.folder / ".pyenv" / "versions" / "3.13.9" / "bin" / "python"
        self.program(str(path), f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        return path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "run", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def uv_calls(self) -> list[str]:
        return (self.folder / "uv-calls").read_text().splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_an_unknown_command_gets_the_usage(checkout: Checkout) -> None:
    done = checkout.run("strat")
    assert done.returncode == 2
    assert 'no command "strat"' in done.stderr
    assert "usage: ./run" in done.stderr


def test_no_command_gets_the_usage(checkout: Checkout) -> None:
    done = checkout.run()
    assert done.returncode == 2
    assert "usage: ./run" in done.stderr


def test_help_is_no_error(checkout: Checkout) -> None:
    done = checkout.run("help")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"\n  {command} " in done.stdout for command in ("start", "test", "lint", "manage", "bench"))


def test_without_any_python_it_says_so(checkout: Checkout) -> None:
    done = checkout.run("start")
    assert done.returncode == 1
    assert done.stderr.startswith("No working Python from 3.12 to 3.14 found")


def test_a_shim_that_cannot_run_is_passed_over_for_one_of_pyenvs_versions(checkout: Checkout) -> None:
    checkout.program("bin/python3.13", BROKEN_SHIM)
    checkout.program("bin/uv", UV.format(version="0.8.1"))
    checkout.pyenv_python()
    done = checkout.run("start", "--port", "8001")
    assert done.stdout == "python -m cesai.embedded.start --port 8001\n"
    [call] = checkout.uv_calls()
    assert call.split()[-1] == sys.executable
    assert "--frozen --extra embedded --no-dev" in call


def test_a_python_that_is_too_old_is_passed_over(checkout: Checkout) -> None:
    checkout.program("bin/python3", "#!/bin/sh\nexit 0\n")
    assert "No working Python" in checkout.run("start").stderr


def test_an_environment_is_reused_until_the_lock_changes(checkout: Checkout) -> None:
    checkout.program("bin/uv", UV.format(version="0.13.0"))
    checkout.pyenv_python()
    for _ in range(2):
        assert checkout.run("start").returncode == 0
    assert len(checkout.uv_calls()) == 1
    (checkout.folder / "uv.lock").write_text("pinned otherwise\n")
    assert checkout.run("start").returncode == 0
    assert len(checkout.uv_calls()) == 2


def test_the_tools_of_development_come_with_the_first_test_and_stay(checkout: Checkout) -> None:
    checkout.program("bin/uv", UV.format(version="1.0.0"))
    checkout.program("deploy/debian-test-packages.txt", "# none\n")
    checkout.pyenv_python()
    assert checkout.run("test", "-k", "vote").stdout == "python -m pytest -k vote\n"
    assert checkout.run("start").returncode == 0
    [call] = checkout.uv_calls()
    assert "--group dev" in call


def test_missing_debian_packages_are_named_where_they_cannot_be_installed(checkout: Checkout) -> None:
    checkout.program("bin/uv", UV.format(version="1.0.0"))
    checkout.program(
        "deploy/debian-test-packages.txt", "# a comment\nno-such-package no-such-program\nbase sh\n"
    )
    checkout.pyenv_python()
    done = checkout.run("test")
    assert done.returncode == 0
    assert "Not installed: no-such-package." in done.stderr


def test_the_script_needs_no_more_than_a_plain_shell() -> None:
    dash = shutil.which("dash")
    if not dash:
        pytest.skip("dash is not installed")
    assert subprocess.run([dash, "-n", ROOT / "run"], check=False).returncode == 0
