from pathlib import Path

import pytest

from cesai.embedded import environment as module
from cesai.embedded.environment import environment, var_folder


@pytest.fixture(autouse=True)
def checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own, in which nothing is set by hand."""
    monkeypatch.setattr(module, "ROOT", folder)
    for name in ("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "SITE_URL", "CESAI_VAR", "DEMO", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    return folder


def test_without_a_word_the_services_are_those_of_the_folder(checkout: Path) -> None:
    found = environment(port=8123)
    assert found["DATABASE_URL"] == f"postgresql://cesai@/cesai?host={checkout}/var/run"
    assert found["BROKER_URL"] == f"redis+socket://{checkout}/var/run/valkey.sock"
    assert found["SITE_URL"] == "http://127.0.0.1:8123"
    assert found["CESAI_VAR"] == str(checkout / "var")
    assert found["DEMO"] == "true"


def test_the_secret_key_is_made_once_and_for_its_owner_alone(checkout: Path) -> None:
    key = environment()["SECRET_KEY"]
    assert len(key) >= 50
    assert environment()["SECRET_KEY"] == key
    assert (checkout / "var" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (checkout / "var").glob("secret*")] == ["secret_key"]


def test_what_the_process_was_given_stays(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/portal")
    monkeypatch.setenv("CESAI_VAR", str(checkout / "other"))
    assert environment()["DATABASE_URL"] == "postgresql://elsewhere/portal"
    assert var_folder() == checkout / "other"


def test_a_line_of_the_env_file_stays_and_an_empty_one_is_filled(checkout: Path) -> None:
    (checkout / ".env").write_text("# DEMO=x\nexport SECRET_KEY='by hand'\nDATABASE_URL=\nDEMO=false\n")
    found = environment()
    assert "SECRET_KEY" not in found, "Django reads it from the file"
    assert "DEMO" not in found
    assert found["DATABASE_URL"].startswith("postgresql://cesai@")
    assert not (checkout / "var" / "secret_key").exists()


def test_the_process_outranks_the_env_file(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / ".env").write_text("CESAI_VAR=/from/the/file\n")
    monkeypatch.setenv("CESAI_VAR", str(checkout / "from-the-process"))
    assert var_folder() == checkout / "from-the-process"
