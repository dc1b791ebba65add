import pytest
from django.test import Client


@pytest.mark.django_db
def test_ready_means_that_database_and_broker_answer() -> None:
    assert Client().get("/health/ready/").content == b"ok\n"


@pytest.mark.django_db
def test_a_broker_that_is_gone_is_named(settings) -> None:
    from cesai.celery import app

    there = app.conf.broker_url
    app.conf.broker_url = "redis://127.0.0.1:1/0"
    try:
        response = Client().get("/health/ready/")
    finally:
        app.conf.broker_url = there
    assert (response.status_code, response.content) == (503, b"broker does not answer\n")


@pytest.mark.django_db
@pytest.mark.parametrize(("proxies", "limited"), [(1, False), (0, True)])
def test_failed_sign_ins_of_one_visitor_do_not_lock_out_another_behind_the_same_proxy(
    settings, proxies, limited
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/h/ip"}
    wrong = {"login": "nobody@demo.example.org", "password": "guess-guess-guess"}
    for number in range(4):
        Client(headers={"x-forwarded-for": "203.0.113.7"}).post(
            "/accounts/login/", wrong | {"login": f"n{number}@demo.example.org"}
        )
    other = Client(headers={"x-forwarded-for": "203.0.113.8"}).post("/accounts/login/", wrong)
    assert (other.status_code == 429) is limited
