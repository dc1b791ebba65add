import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_request_for_another_host_is_refused_with_a_page() -> None:
    client = Client(raise_request_exception=False, headers={"host": "elsewhere.example"})
    response = client.get("/")
    assert response.status_code == 400
    assert "<h1" in response.content.decode()
