"""A ballot that an organisation prepares together: saved by any member, released by a representative."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from activity.actions import record
from voting.actions import Stale, VoteRefused
from voting.actions.ballots import check_period, lock_own_voter, write_ballot
from voting.actions.choices import choose
from voting.models import Ballot, BallotDraft, Round, VotingPreference


@transaction.atomic
def save_draft(
    *,
    by: User,
    voting_round: Round,
    approvals: Collection[str] = (),
    points: Mapping[str, int] | None = None,
    revision: int | None = None,
) -> BallotDraft:
    """What `by` prepares for the own organisation; may be incomplete.

    `revision` is that of the draft the form was made from, 0 for none. Raises Stale when a colleague saved another
    one meanwhile, VoteRefused outside the voting period and for those who belong to no organisation of the round.
    """
    voter = lock_own_voter(by, voting_round, only_representatives=False)
    check_period(voter)
    choice = choose(voter, approvals, points, complete=False)
    known = BallotDraft.objects.select_related("prepared_by").filter(voter=voter).first()
    stands = known.revision if known else 0
    if revision is not None and revision != stands:
        if known and (known.approvals, known.points) == (choice.items, choice.points):
            return known
        raise Stale(
            _(
                "%(name)s changed the draft after you had opened this form. "
                "Your choice is kept below; save it to replace the other."
            )
            % {"name": known.prepared_by}
            if known
            else _(
                "The draft was cast or discarded after you had opened this form. Your choice is kept below."
            )
        )
    draft = known or BallotDraft(voter=voter, revision=0)
    draft.approvals, draft.points, draft.prepared_by = choice.items, choice.points, by
    draft.revision += 1
    draft.save()
    return draft


@transaction.atomic
def discard_draft(*, by: User, voting_round: Round) -> None:
    """Throws the draft of the own organisation away."""
    voter = lock_own_voter(by, voting_round, only_representatives=False)
    if not BallotDraft.objects.filter(voter=voter).delete()[0]:
        raise VoteRefused(_("There is no draft."))


@transaction.atomic
def release_draft(*, by: User, voting_round: Round, revision: int) -> Ballot:
    """Casts the draft of the organisation that `by` represents, exactly as it stood in `revision`.

    Raises Stale when it was changed since then, VoteRefused where two people are needed and `by` prepared it.
    """
    voter = lock_own_voter(by, voting_round, only_representatives=True)
    check_period(voter)
    draft = BallotDraft.objects.select_related("prepared_by").filter(voter=voter).first()
    if draft is None:
        raise Stale(_("There is no draft any more: it was cast or discarded in the meantime."))
    if draft.revision != revision:
        raise Stale(
            _("%(name)s changed the draft in the meantime. Please read it again.")
            % {"name": draft.prepared_by}
        )
    if voter.four_eyes and draft.prepared_by_id == by.pk:
        raise VoteRefused(_("You prepared this draft yourself; another representative has to release it."))
    codes = dict(voter.round.items.values_list("pk", "code"))
    if voter.round.asks_points:
        choice = choose(voter, points={codes[key]: number for key, number in draft.choices.items()})
    else:
        choice = choose(voter, approvals=[codes[key] for key in draft.approvals])
    ballot = write_ballot(by, voter, choice, prepared_by=draft.prepared_by)
    draft.delete()
    return ballot


@transaction.atomic
def prefer_four_eyes(*, by: User, organisation: Organisation, four_eyes: bool) -> VotingPreference:
    """Whether each ballot of the organisation needs two people, in rounds that open from now on."""
    represented = by.representing
    if represented is None or represented.pk != organisation.pk:
        raise VoteRefused(_("Only the voting representative of an organisation can decide this."))
    preference, _made = VotingPreference.objects.update_or_create(
        organisation=organisation, defaults={"four_eyes": four_eyes}
    )
    record(by, "voting.preference_changed", organisation)
    return preference
