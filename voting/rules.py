"""Permissions that also depend on the round: who votes in it."""

import rules

from accounts.models import User
from accounts.predicates import holds
from voting.models import Round, RoundVoter


@rules.predicate
def represents_a_voter(user: User, voting_round: Round) -> bool:
    organisation = user.representing
    return (
        organisation is not None
        and RoundVoter.objects.filter(round=voting_round, organisation=organisation).exists()
    )


@rules.predicate
def belongs_to_a_voter(user: User, voting_round: Round) -> bool:
    ours = [each.pk for each in user.organisations]
    return bool(ours) and RoundVoter.objects.filter(round=voting_round, organisation__in=ours).exists()


rules.add_perm("voting.prepare_ballot", holds("voting.prepare_ballot") & belongs_to_a_voter)
rules.add_perm("voting.cast_ballot", holds("voting.cast_ballot") & represents_a_voter)
rules.add_perm("voting.file_objection", holds("voting.file_objection") & represents_a_voter)
