"""The fake is held to the shape of the real launchers."""

import inspect

import pytest

from evaluations.launchers.local import LocalLauncher
from evaluations.launchers.protocol import Launcher
from evaluations.launchers.slurm import SlurmLauncher
from tests.evaluations.fake_engine import FakeEngine

METHODS = [name for name in vars(Launcher) if not name.startswith("_")]


def test_the_protocol_has_its_five_methods_and_the_folder() -> None:
    assert sorted(METHODS) == ["cancel", "capabilities", "folder", "observe", "submit", "usage"]


@pytest.mark.parametrize("name", METHODS)
def test_fake_and_real_launchers_take_and_give_the_same(name: str) -> None:
    promised, *kinds = (
        inspect.signature(getattr(kind, name), eval_str=True)
        for kind in (Launcher, FakeEngine, LocalLauncher, SlurmLauncher)
    )
    assert kinds == [promised] * 3
