"""The complete table of who may do what. A new permission fails here until somebody has thought about each role."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.roles import ADMIN_ROLES, PERMISSIONS, STAFF, Role, permissions_of
from portfolio.models import Project, UseCase
from tests.portfolio.factories import DraftFactory, ProjectFactory, UseCaseFactory

READ_ACCOUNTS = {
    "accounts.view_user",
    "accounts.view_organisation",
    "accounts.view_membership",
    "accounts.view_staticpage",
}
WRITE_ACCOUNTS = {
    "accounts.add_organisation",
    "accounts.change_organisation",
    "accounts.add_membership",
    "accounts.change_membership",
    "accounts.change_staticpage",
}
READ_PORTFOLIO = {
    "portfolio.view_usecase",
    "portfolio.view_modelproposal",
    "portfolio.view_aimodel",
    "portfolio.view_modelrelease",
}
MEMBER = {"portfolio.submit_usecase", "portfolio.edit_usecase"}
WANTED: dict[Role, set[str]] = {
    Role.GUEST: set(),
    Role.STAKEHOLDER: MEMBER,
    Role.VOTING_REPRESENTATIVE: MEMBER,
    Role.EXPERT_REVIEWER: set(),
    Role.PROGRAMME_MANAGER: READ_ACCOUNTS
    | WRITE_ACCOUNTS
    | READ_PORTFOLIO
    | {
        "activity.view_event",
        "activity.view_mail",
        "portfolio.triage_usecase",
        "portfolio.change_usecase",
        "portfolio.propose_model",
        "portfolio.change_modelproposal",
        "portfolio.change_aimodel",
        "portfolio.add_modelrelease",
        "portfolio.change_modelrelease",
        "portfolio.start_project",
        "portfolio.run_project",
        "portfolio.view_project",
        "portfolio.change_project",
        "portfolio.view_milestone",
        "portfolio.change_milestone",
    },
    Role.GATE_PANEL: set(),
    Role.PROJECT_LEAD: MEMBER | {"portfolio.run_project"},
    Role.FINANCE: {"portfolio.view_project"},
    Role.COMPLIANCE: READ_PORTFOLIO,
    Role.FUNDER: set(),
    Role.AUDITOR: READ_ACCOUNTS
    | READ_PORTFOLIO
    | {"activity.view_event", "activity.view_mail", "portfolio.view_project", "portfolio.view_milestone"},
    Role.SYSADMIN: READ_ACCOUNTS
    | WRITE_ACCOUNTS
    | {"accounts.add_user", "accounts.change_user", "activity.view_event", "activity.view_mail"},
    Role.SERVICE: set(),
}
# The apps above the portfolio keep their part of the table in their own tests.
HERE = ("accounts.", "activity.", "portfolio.")


@pytest.mark.parametrize("role", Role)
def test_a_role_grants_exactly_this(role):
    assert {name for name in permissions_of(frozenset({role})) if name.startswith(HERE)} == WANTED[role]


def test_roles_add_up():
    both = permissions_of(frozenset({Role.PROJECT_LEAD, Role.FINANCE}))
    assert both == permissions_of(frozenset({Role.PROJECT_LEAD})) | permissions_of(frozenset({Role.FINANCE}))


@pytest.mark.parametrize("name", sorted(PERMISSIONS))
def test_a_permission_belongs_to_somebody_and_names_its_app(name):
    app, _, verb = name.partition(".")
    assert PERMISSIONS[name]
    assert app
    assert "_" in verb or verb == "read"


def test_who_enters_the_administration_can_see_something_there():
    for role in ADMIN_ROLES:
        verbs = (name.partition(".")[2].partition("_")[0] for name in permissions_of(frozenset({role})))
        assert set(verbs) & {"view", "add", "change"}, role


def test_firms_are_not_staff():
    assert not STAFF & {
        Role.GUEST,
        Role.STAKEHOLDER,
        Role.VOTING_REPRESENTATIVE,
        Role.PROJECT_LEAD,
        Role.FUNDER,
    }


@pytest.mark.parametrize("name", ["mira", "jonas", "paul", "anke", "sven", "gast", "petra", "samir", "frank"])
def test_a_person_holds_what_their_roles_grant(request, name):
    person = request.getfixturevalue(name)
    wanted = set().union(*(WANTED[role] for role in person.roles))
    held = {name for name in PERMISSIONS if name.startswith(HERE) and person.has_perm(name)}
    assert held == wanted


class TestObjects:
    """A permission on an object also asks whose it is."""

    def test_a_use_case_is_edited_by_its_organisation(self, jonas, leyla, stefan, mira, paul):
        use_case = DraftFactory()
        may = {
            person
            for person in (jonas, leyla, stefan, mira, paul)
            if person.has_perm("portfolio.edit_usecase", use_case)
        }
        assert may == {jonas, leyla}

    def test_a_project_is_run_by_its_lead_and_by_managers(self, paul, mira, jonas, greta, cast):
        project = ProjectFactory()
        Membership.objects.create(user=greta, organisation=cast.ias, role=Role.PROJECT_LEAD)
        may = {
            person
            for person in (paul, mira, jonas, greta)
            if person.has_perm("portfolio.run_project", project)
        }
        assert may == {paul, mira}

    def test_nobody_may_once_their_account_is_closed(self, jonas, cast):
        use_case = DraftFactory()
        jonas.is_active = False
        assert not jonas.has_perm("portfolio.edit_usecase", use_case)
        assert not jonas.has_perm("portfolio.submit_usecase")


class TestDates:
    @pytest.fixture
    def today(self):
        return timezone.localdate()

    @pytest.fixture
    def newcomer(self, cast) -> User:
        return User.objects.create_user("neu@demo.example.org", full_name="Nele Neu")

    def join(self, user: User, organisation: Organisation, starts: int, ends: int | None) -> User:
        today = timezone.localdate()
        Membership.objects.create(
            user=user,
            organisation=organisation,
            role=Role.STAKEHOLDER,
            starts_on=today + timedelta(days=starts),
            ends_on=None if ends is None else today + timedelta(days=ends),
        )
        return User.objects.get(pk=user.pk)

    @pytest.mark.parametrize(
        ("starts", "ends", "counts"),
        [
            (0, None, True),
            (-10, None, True),
            (-10, 0, True),
            (0, 0, True),
            (-10, -1, False),
            (1, None, False),
            (1, 30, False),
        ],
    )
    def test_a_membership_counts_from_its_first_to_its_last_day(
        self, newcomer, brenner, starts, ends, counts
    ):
        person = self.join(newcomer, brenner, starts, ends)
        assert person.has_perm("portfolio.submit_usecase") is counts
        assert person.organisations == ([brenner] if counts else [])
        assert person.roles == ({Role.GUEST, Role.STAKEHOLDER} if counts else {Role.GUEST})

    def test_who_left_yesterday_no_longer_sees_what_stays_inside(self, client, newcomer, brenner):
        draft, project = DraftFactory(), ProjectFactory()
        person = self.join(newcomer, brenner, -10, -1)
        client.force_login(person)
        assert client.get(draft.get_absolute_url()).status_code == 404
        assert client.get(project.get_absolute_url()).status_code == 404
        assert not UseCase.objects.visible_to(person).exists()
        assert not Project.objects.visible_to(person).exists()

    def test_a_membership_cannot_end_before_it_starts(self, newcomer, brenner):
        from django.db import IntegrityError

        with pytest.raises(IntegrityError, match="membership_ends_after_it_starts"):
            self.join(newcomer, brenner, 0, -1)

    def test_the_vote_is_cast_for_one_organisation(self, leyla, jonas, brenner):
        assert leyla.representing == brenner
        assert jonas.representing is None


def test_a_lead_submits_use_cases_too(paul):
    assert UseCaseFactory(by=paul).organisation == paul.organisations[0]
