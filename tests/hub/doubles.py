"""A Hub double for one test, with the tokens of a small cast."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import huggingface_hub
import pytest

from hub import client as hub_client
from hub.double import HubDouble
from hub.double.tokens import READ, WRITE

NAMESPACE = "cesai-demo"
REPO = f"{NAMESPACE}/werkstatt"
CANARY = "hf_canaryCANARYcanaryCANARY0123456789"
READER, FOREIGNER = "hf_readerREADERreaderREADER", "hf_foreignerFOREIGNERforeigner"


@contextmanager
def running_double(root: Path, **options) -> Iterator[HubDouble]:  # type: ignore[no-untyped-def]
    with HubDouble(root, **options) as double:
        double.tokens.add(CANARY, user="portal", role=WRITE, namespaces=("portal", NAMESPACE))
        double.tokens.add(READER, user="reader", role=READ, namespaces=("reader", NAMESPACE))
        double.tokens.add(FOREIGNER, user="foreigner", role=WRITE, namespaces=("foreigner",))
        hub_client.use_certificates(double.ca_file)
        try:
            yield double
        finally:
            huggingface_hub.close_session()
            hub_client.use_certificates(None)


@pytest.fixture(scope="session")
def certificate_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def double(tmp_path: Path, certificate_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubDouble]:
    """Large files go by git-lfs, so that the double keeps their bytes."""
    # huggingface_hub 2.4 hands files to httpx2 in a way that httpx2 warns about.
    warnings.filterwarnings("ignore", message="Use 'content=", category=DeprecationWarning)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    with running_double(tmp_path / "hub", certificate_folder=certificate_folder) as running:
        yield running


@pytest.fixture
def hub(double: HubDouble) -> hub_client.HubClient:
    return hub_client.HubClient(double.endpoint, CANARY)
