"""The test run's own PostgreSQL and Valkey; a pytest plugin, because Django's settings are read before any conftest.

Started once, by the controller: the workers of a parallel run inherit the environment.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack

import pytest

from cesai.embedded.testing import throwaway_postgres, throwaway_valkey

_services = ExitStack()

if "CESAI_TEST_SERVICES" not in os.environ:
    os.environ["CESAI_TEST_SERVICES"] = str(os.getpid())
    os.environ["DATABASE_URL"] = _services.enter_context(throwaway_postgres())
    os.environ["BROKER_URL"] = _services.enter_context(throwaway_valkey())
    os.environ["CESAI_TEST_FOLDER"] = os.environ["CESAI_VAR"] = tempfile.mkdtemp(prefix="cesai-tests-")
    os.environ["SECRET_KEY"] = "only-for-tests"
    os.environ["SITE_URL"] = "http://testserver"
    for name in ("DEBUG", "DEMO", "CACHE_URL", "SMTP_HOST"):
        os.environ.pop(name, None)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's event loop runs in the thread of the test

if "PYTEST_XDIST_WORKER" in os.environ:
    # Files are found by their names: what one process of a parallel run writes, another must not meet.
    os.environ["CESAI_VAR"] = os.path.join(os.environ["CESAI_TEST_FOLDER"], os.environ["PYTEST_XDIST_WORKER"])
    os.makedirs(os.environ["CESAI_VAR"], exist_ok=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if os.environ.get("CESAI_TEST_SERVICES") == str(os.getpid()):
        _services.close()
        shutil.rmtree(os.environ["CESAI_TEST_FOLDER"], ignore_errors=True)
