"""What runs may ask an engine for, and what an hour costs on which day."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from evaluations.actions import EvaluationRefused
from evaluations.actions.prices import set_price
from evaluations.actions.runs import request_run
from evaluations.jobs import job_of
from evaluations.models import Engine, GpuClass, GpuPrice, SuiteVersion
from evaluations.models.run import Priority
from portfolio.models import ModelRelease


@pytest.fixture
def h100(engine: Engine) -> GpuClass:
    return GpuClass.objects.create(
        code="h100",
        title="NVIDIA H100",
        engine=engine,
        gres="gpu:h100",
        most_gpus=4,
        minutes=60,
        partition="gpu",
        qos="normal",
    )


def test_this_machine_is_a_class_without_gpus(engine: Engine) -> None:
    (machine,) = engine.gpu_classes.all()
    assert (machine.most_gpus, machine.devices(0)) == (0, 1)
    assert list(machine.requests()) == ["local"]


def test_a_cluster_is_asked_for_the_number_of_gpus(h100: GpuClass) -> None:
    assert {name: wanted.gres for name, wanted in h100.requests().items()} == {
        "h100:1": "gpu:h100:1",
        "h100:2": "gpu:h100:2",
        "h100:3": "gpu:h100:3",
        "h100:4": "gpu:h100:4",
    }
    wanted = h100.requests()["h100:2"]
    assert (wanted.partition, wanted.qos, wanted.minutes) == ("gpu", "normal", 60)


def test_a_run_of_a_class_carries_it_to_the_engine(
    mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine, h100: GpuClass
) -> None:
    run = request_run(
        by=mira, release=release, suite_version=suite_version, engine=engine, gpu_class=h100, gpus=2
    )
    spec = job_of(run).spec
    assert (spec["gpu_class"], spec["gpus"], spec["time_limit_seconds"]) == ("h100:2", 2, 3600)


@pytest.mark.parametrize("gpus", [0, 5])
def test_more_or_fewer_gpus_than_the_class_has_are_refused(
    mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine, h100: GpuClass, gpus: int
) -> None:
    with pytest.raises(EvaluationRefused, match=f"1 to 4 GPUs, not {gpus}") as caught:
        request_run(
            by=mira, release=release, suite_version=suite_version, engine=engine, gpu_class=h100, gpus=gpus
        )
    assert caught.value.field == "gpus"


def test_a_class_of_another_engine_or_a_closed_one_is_refused(
    mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine, h100: GpuClass
) -> None:
    other = Engine.objects.create(slug="other", title="Other", kind=Engine.Kind.LOCAL)
    with pytest.raises(EvaluationRefused, match="belongs to another engine"):
        request_run(by=mira, release=release, suite_version=suite_version, engine=other, gpu_class=h100)
    h100.is_open = False
    with pytest.raises(EvaluationRefused, match="cannot be requested"):
        request_run(by=mira, release=release, suite_version=suite_version, engine=engine, gpu_class=h100)


def test_a_price_holds_until_the_next_one_begins(petra: User, h100: GpuClass) -> None:
    first = set_price(
        by=petra, gpu_class=h100, cents_per_hour=250, valid_from=date(2026, 1, 1), source="Vertrag"
    )
    set_price(by=petra, gpu_class=h100, cents_per_hour=225, valid_from=date(2026, 7, 1), source="Nachtrag")
    first.refresh_from_db()
    assert first.valid_until == date(2026, 6, 30)

    def on(day: date) -> list[int]:
        return list(h100.prices.on(day).values_list("cents_per_hour", flat=True))

    assert [on(day) for day in (date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1))] == [
        [],
        [250],
        [225],
    ]


def test_a_price_in_the_past_of_another_is_refused(petra: User, h100: GpuClass) -> None:
    set_price(by=petra, gpu_class=h100, cents_per_hour=250, valid_from=date(2026, 1, 1), source="Vertrag")
    for day in (date(2026, 1, 1), date(2025, 1, 1)):
        with pytest.raises(EvaluationRefused, match=r"already a price from 01\.01\.2026 on"):
            set_price(by=petra, gpu_class=h100, cents_per_hour=1, valid_from=day, source="Vertrag")
    with pytest.raises(EvaluationRefused):
        set_price(by=petra, gpu_class=h100, cents_per_hour=-1, valid_from=date(2026, 2, 1), source="Vertrag")
    assert GpuPrice.objects.get().valid_until is None


def test_the_database_holds_one_price_a_day(h100: GpuClass) -> None:
    GpuPrice.objects.create(gpu_class=h100, cents_per_hour=1, valid_from=date(2026, 1, 1), source="a")
    with pytest.raises(IntegrityError, match="gpuprice_one_at_a_time"), transaction.atomic():
        GpuPrice.objects.create(gpu_class=h100, cents_per_hour=2, valid_from=date(2026, 5, 1), source="b")


def test_high_priority_goes_first(
    mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine, h100: GpuClass
) -> None:
    order = []
    for number, priority in enumerate([Priority.LOW, Priority.NORMAL, Priority.HIGH]):
        other = ModelRelease.objects.create(
            model=release.model,
            version=f"2.{number}",
            served_name="x",
            serve_command=["x"],
            created_by=mira,
        )
        order.append(
            request_run(by=mira, release=other, suite_version=suite_version, engine=engine, priority=priority)
        )
    assert list(engine.runs.in_turn()) == order[::-1]


def test_finance_sets_prices_in_the_admin_and_a_manager_does_not(
    client: Client, petra: User, mira: User, h100: GpuClass
) -> None:
    address = "/admin/evaluations/gpuprice/add/"
    form = {"gpu_class": h100.pk, "cents_per_hour": 250, "valid_from": "2026-01-01", "source": "Vertrag"}
    client.force_login(mira)
    assert client.post(address, form).status_code == 403
    client.force_login(petra)
    assert client.post(address, form).status_code == 302
    assert client.post(address, form | {"valid_from": "2026-03-01", "cents_per_hour": 300}).status_code == 302
    assert [str(price.valid_until) for price in h100.prices.order_by("valid_from")] == ["2026-02-28", "None"]
    again = client.post(address, form | {"valid_from": "2026-03-01"})
    assert "already a price from 01.03.2026 on" in again.content.decode()
