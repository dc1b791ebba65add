"""Who may give which role: managers admit firms, the administrator appoints CESAI's own people."""

from accounts.models import Membership
from accounts.roles import Role

ADD = "/admin/accounts/membership/add/"


def sent(user, organisation, role):
    return {
        "user": user.pk,
        "organisation": organisation.pk,
        "role": role,
        "starts_on": "2026-01-01",
        "ends_on": "",
    }


def test_a_manager_admits_a_voting_representative(client, mira, gast, brenner):
    client.force_login(mira)
    assert client.post(ADD, sent(gast, brenner, Role.VOTING_REPRESENTATIVE)).status_code == 302
    assert Membership.objects.filter(user=gast, role=Role.VOTING_REPRESENTATIVE).exists()


def test_a_manager_appoints_nobody_to_cesai(client, mira, gast, cesai):
    client.force_login(mira)
    for role in (Role.FINANCE, Role.AUDITOR, Role.SYSADMIN, Role.PROGRAMME_MANAGER, Role.FUNDER):
        assert client.post(ADD, sent(gast, cesai, role)).status_code == 200
    assert not Membership.objects.filter(user=gast).exists()


def test_nobody_gives_themselves_a_role(client, mira, sven, brenner):
    for person in (mira, sven):
        client.force_login(person)
        response = client.post(ADD, sent(person, brenner, Role.VOTING_REPRESENTATIVE))
        assert "Somebody else has to give you a role." in response.text
    assert not Membership.objects.filter(user__in=[mira, sven], role=Role.VOTING_REPRESENTATIVE).exists()


def test_a_manager_leaves_memberships_of_cesai_alone(client, mira, tariq):
    client.force_login(mira)
    membership = tariq.memberships.get()
    response = client.post(f"/admin/accounts/membership/{membership.pk}/change/", {"role": Role.STAKEHOLDER})
    assert response.status_code == 403


def test_the_administrator_appoints_finance(client, sven, gast, cesai):
    client.force_login(sven)
    assert client.post(ADD, sent(gast, cesai, Role.FINANCE)).status_code == 302
