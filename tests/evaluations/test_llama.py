"""What is said where the environment of the real transformer cannot be had; `tests/slurm/test_llama.py` runs it."""

from pathlib import Path

import pytest

from tests.evaluations.llama import environment


def test_a_machine_without_torch_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environment, "PLACE", tmp_path / "llama")
    monkeypatch.setattr(environment, "COMPLETE", tmp_path / "llama" / "complete")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    with pytest.raises(environment.NotToBeHad, match=r"no Python 3\.11"):
        environment.ensure()
    assert not (tmp_path / "llama").exists()
