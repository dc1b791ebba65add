"""Who votes in a round, and who is told about it."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from voting.actions import VoteRefused
from voting.models import Round, RoundVoter, VotingPreference


def eligible() -> list[Organisation]:
    """Organisations with a voting representative today, one for each economic unit, by name.

    Of affiliated organisations the head of the group votes; where it has no representative, the first that was
    admitted. CESAI itself and funding bodies do not vote.
    """
    represented = Membership.objects.active().filter(role=Role.VOTING_REPRESENTATIVE)
    found = (
        Organisation.objects.filter(pk__in=represented.values("organisation"))
        .exclude(kind__in=[Organisation.Kind.OPERATOR, Organisation.Kind.FUNDER])
        .order_by("name", "pk")
    )
    voters: dict[int, Organisation] = {}
    for each in sorted(found, key=lambda one: (one.parent_id is not None, one.pk)):
        voters.setdefault(each.group_id, each)
    return sorted(voters.values(), key=lambda one: (one.name, one.pk))


def electorate_of(voting_round: Round) -> list[RoundVoter]:
    """Unsaved voters of the round, as their organisations are now. Raises VoteRefused when there is none."""
    careful = set(VotingPreference.objects.filter(four_eyes=True).values_list("organisation", flat=True))
    voters = [
        RoundVoter(
            round=voting_round,
            organisation=each,
            group_id=each.group_id,
            name=each.name,
            size_class=each.size_class,
            sector=each.sector,
            in_rheinisches_revier=each.in_rheinisches_revier,
            four_eyes=voting_round.four_eyes or each.pk in careful,
        )
        for each in eligible()
    ]
    if not voters:
        raise VoteRefused(_("No organisation has a voting representative, so nobody could vote."))
    return voters


def representatives(voting_round: Round, *, only: RoundVoter | None = None) -> QuerySet[User]:
    """People who represent one of the round's organisations today, or one of them alone."""
    voters = RoundVoter.objects.filter(round=voting_round)
    if only is not None:
        voters = voters.filter(pk=only.pk)
    active = Membership.objects.active().filter(
        role=Role.VOTING_REPRESENTATIVE, organisation__in=voters.values("organisation")
    )
    return User.objects.filter(pk__in=active.values("user"), is_active=True).order_by("pk")


def voice_of(organisations: Iterable[Organisation], voting_round: Round) -> RoundVoter | None:
    """The voter that casts the one vote of the group to which one of `organisations` belongs."""
    groups = [each.group_id for each in organisations]
    return RoundVoter.objects.filter(round=voting_round, group__in=groups).order_by("pk").first()
