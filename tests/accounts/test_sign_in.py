"""Sign-up, confirmation, sign-in, forgotten passwords: django-allauth in the portal's own pages."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import User

SIGNUP, LOGIN, RESET = "/accounts/signup/", "/accounts/login/", "/accounts/password/reset/"
NELE = {
    "full_name": "Nele Neu",
    "email": "Nele.Neu@Example.org",
    "password1": "sieben-graue-gaense",
    "password2": "sieben-graue-gaense",
}

pytestmark = pytest.mark.django_db


def link_in(message) -> str:
    return re.search(r"https?://testserver(/\S+)", message.body)[1]


def sign_in(client, email: str, password: str):
    return client.post(LOGIN, {"login": email, "password": password})


def test_a_newcomer_confirms_the_address_and_signs_in(client):
    assert client.post(SIGNUP, NELE).status_code == 302
    user = User.objects.get()
    assert (user.email, user.full_name, user.roles) == ("nele.neu@example.org", "Nele Neu", {"guest"})
    assert sign_in(client, NELE["email"], NELE["password1"]).url == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session
    link = link_in(mail.outbox[0])
    assert client.get(link).status_code == 200
    client.post(link)
    assert EmailAddress.objects.get().verified
    client.logout()
    assert sign_in(client, "NELE.NEU@example.org", NELE["password1"]).url == "/dashboard/"
    assert "Nele Neu" in client.get("/dashboard/").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password1": "kurz", "password2": "kurz"}, "at least 12 characters"),
        ({"password1": "123456789012", "password2": "123456789012"}, "entirely numeric"),
        ({"password2": "anders-als-davor"}, "You must type the same password"),
        ({"email": "nele"}, "valid email address"),
        ({"full_name": ""}, "This field is required"),
        ({"full_name": "x" * 151}, "at most 150 characters"),
    ],
)
def test_a_weak_or_broken_sign_up_is_refused(client, change, sentence):
    response = client.post(SIGNUP, NELE | change)
    assert sentence in response.text
    assert not User.objects.exists()


def test_an_address_that_is_taken_is_not_betrayed(client, jonas):
    fresh = client.post(SIGNUP, NELE)
    taken = client.post(SIGNUP, NELE | {"email": jonas.email})
    assert (taken.status_code, taken.url) == (fresh.status_code, fresh.url)
    assert User.objects.filter(email=jonas.email).count() == 1
    assert mail.outbox[-1].to == [jonas.email]


def test_a_wrong_password_and_an_unknown_person_look_the_same(client, jonas):
    wrong = sign_in(client, jonas.email, "falsch-geraten")
    unknown = sign_in(client, "niemand@example.org", "falsch-geraten")
    sentence = "The email address and/or password you specified are not correct."
    assert sentence in wrong.text
    assert sentence in unknown.text


def test_a_closed_account_does_not_sign_in(client, jonas):
    jonas.set_password("sieben-graue-gaense")
    jonas.is_active = False
    jonas.save()
    sign_in(client, jonas.email, "sieben-graue-gaense")
    assert "_auth_user_id" not in client.session


def test_sign_in_goes_back_to_where_the_visitor_came_from_but_never_elsewhere(client, jonas):
    jonas.set_password("sieben-graue-gaense")
    jonas.save()
    content = {"login": jonas.email, "password": "sieben-graue-gaense"}
    assert client.post(f"{LOGIN}?next=/roadmap/", content | {"next": "/roadmap/"}).url == "/roadmap/"
    client.logout()
    assert client.post(LOGIN, content | {"next": "https://example.org/"}).url == "/dashboard/"


def test_a_forgotten_password_is_set_anew_by_mail_once(client, jonas):
    assert client.post(RESET, {"email": jonas.email}).status_code == 302
    link = link_in(mail.outbox[0])
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    new = {"password1": "acht-gruene-enten", "password2": "acht-gruene-enten"}
    assert client.post(address, new).status_code == 302
    assert sign_in(client, jonas.email, "acht-gruene-enten").url == "/dashboard/"
    client.logout()
    assert "password1" not in client.get(link, follow=True).text


def test_a_reset_for_an_unknown_address_looks_the_same(client, jonas):
    known = client.post(RESET, {"email": jonas.email})
    unknown = client.post(RESET, {"email": "niemand@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_signing_out_asks_first(client, jonas):
    client.force_login(jonas)
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/accounts/logout/").url == "/"
    assert "_auth_user_id" not in client.session


def test_addresses_that_differ_by_a_capital_letter_are_one_account(jonas):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError, match="user_email_is_lower_case"):
        User.objects.filter(pk=jonas.pk).update(email="Jonas@demo.example.org")


def test_the_pages_speak_german(client):
    client.post("/preferences/language/", {"language": "de"})
    text = client.get(LOGIN).text
    assert "Anmelde" in text or "Anmelden" in text
    assert 'lang="de"' in text
