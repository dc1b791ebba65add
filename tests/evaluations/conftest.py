"""A model with a release, the shipped suite, and an engine that does what the test says."""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from evaluations.actions.catalogue import sync_catalogue
from evaluations.actions.runs import request_run
from evaluations.calibration import golden
from evaluations.engines import launcher_of
from evaluations.models import Engine, ReleaseReference, Run, SuiteVersion
from portfolio.models import AIModel, ModelRelease
from tests.evaluations import fake_engine
from tests.evaluations.fake_engine import FakeEngine
from tests.evaluations.published import GOLDEN_VALUES, documents, publish


@pytest.fixture
def release(mira: User) -> ModelRelease:
    model = AIModel.objects.create(code="MO-2026-0900", slug="basislinie", name="Basislinie Deutsch")
    return ModelRelease.objects.create(
        model=model,
        version="1.0.0",
        manifest={"model.ngram": {"size": 381045, "sha256": "a" * 64}},
        served_name="cesai-ngram-de",
        serve_command=[
            "{python}",
            "-m",
            "evaluations.ngram",
            "--model",
            "{folder}/model.ngram",
            "--port",
            "{port}",
        ],
        created_by=mira,
    )


@pytest.fixture
def suite_version(db: None) -> SuiteVersion:
    sync_catalogue()
    return SuiteVersion.objects.get(suite__slug="smoke-de", number=1)


@pytest.fixture
def engine(suite_version: SuiteVersion) -> Engine:
    return Engine.objects.get(slug="local")


@pytest.fixture
def fake(settings, tmp_path: Path, engine: Engine) -> FakeEngine:  # type: ignore[no-untyped-def]
    """What the engine `local` is in this test."""
    settings.EVALUATION_LAUNCHERS = {"local": "tests.evaluations.fake_engine.current"}
    fake_engine.in_use.append(FakeEngine(tmp_path))
    return fake_engine.in_use[-1]


@pytest.fixture
def run(
    mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine, fake: FakeEngine
) -> Run:
    """A run that waits for its engine."""
    return request_run(by=mira, release=release, suite_version=suite_version, engine=engine)


def publish_result(run: Run, right: int = 24, **changes: Any) -> None:
    """Lay a result of 60 answers into the run's folder; its release answers to golden continuations as it should."""
    refer_to(run.release)
    results, samples = documents(right, 60)
    folder = launcher_of(run.engine).folder(run.key)
    about = {"fingerprint": run.fingerprint, "key": run.key, "model": run.release.served_name}
    publish(folder, results=results, samples=samples, **(about | changes))


def refer_to(release: ModelRelease) -> ReleaseReference:
    """A reference of the release that fits what `published.py` writes."""
    return ReleaseReference.objects.get_or_create(
        release=release,
        golden=golden.sha256(),
        defaults={"values": GOLDEN_VALUES, "source": ReleaseReference.Source.PORTAL, "made_with": "the test"},
    )[0]
