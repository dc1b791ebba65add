"""A short folder for sockets, which pytest's own temporary folders are too long for."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="cesai-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)
