"""The harness environment: pinned, complete or not there, and clear about a silent index."""

import os
import subprocess
import sys
from pathlib import Path

from evaluations.harness import environment

SCRIPT = Path(environment.__file__)


def test_every_pinned_package_has_a_hash_and_no_index_is_named() -> None:
    text = environment.REQUIREMENTS.read_text()
    packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert f"lm-eval[api]=={environment.VERSION}" in (SCRIPT.parent / "requirements.in").read_text()
    assert any(line.startswith(f"lm-eval=={environment.VERSION}") for line in packages)
    assert all(line.endswith("\\") for line in packages)
    assert "://" not in text
    assert not any(line.startswith(("torch", "transformers")) for line in packages)


def test_a_finished_environment_is_taken_as_it_is(tmp_path: Path) -> None:
    python = environment.python_of(tmp_path)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert environment.ensure(tmp_path) == python
    assert [path.name for path in tmp_path.iterdir()] == [environment.lock_hash()]


def test_a_silent_index_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "UV_INDEX_URL": "http://127.0.0.1:9/simple",
        "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "1",
        "PIP_FIND_LINKS": "",
        "UV_FIND_LINKS": "",
        "UV_HTTP_RETRIES": "0",
        "UV_NO_CACHE": "1",
        "PIP_NO_CACHE_DIR": "1",
    }
    told = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)],
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == environment.INDEX_UNREACHABLE
    assert "could not be reached" in told.stderr.splitlines()[-1]
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]
