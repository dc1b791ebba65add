"""Entrusting a vote to another organisation for one round, and what closing makes of it."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from portfolio.models import UseCase
from voting.actions import VoteRefused
from voting.actions.ballots import check_period, lock_own_voter, write_ballot
from voting.actions.choices import Choice
from voting.models import Ballot, Delegation, Round, RoundItem, RoundVoter
from voting.models.clock import ClockTimestamp
from voting.models.delegation import CAP_PERCENT


@transaction.atomic
def ask_delegate(*, by: User, voting_round: Round, delegate: RoundVoter) -> Delegation:
    """Asks another organisation of the round to vote for the one that `by` represents, too.

    Raises VoteRefused where the round knows no delegation, for a chain of them, and while another one stands.
    """
    _lock_both(by, voting_round, delegate.pk)
    voter = lock_own_voter(by, voting_round, only_representatives=True)
    check_period(voter)
    _check_allowed(voter.round)
    if delegate.round_id != voter.round_id:
        raise VoteRefused(
            _("%(organisation)s is not among the organisations that vote in this round.")
            % {"organisation": delegate}
        )
    if delegate.pk == voter.pk:
        raise VoteRefused(_("Your organisation votes for itself anyway."), field="delegate")
    if Delegation.objects.standing().filter(delegator=voter).exists():
        raise VoteRefused(_("Your organisation has delegated its vote already; revoke that first."))
    if Delegation.objects.standing().filter(delegator=delegate).exists():
        raise VoteRefused(
            _("%(organisation)s has delegated its own vote; a delegation leads no further.")
            % {"organisation": delegate},
            field="delegate",
        )
    if Delegation.objects.standing().filter(delegate=voter).exists():
        raise VoteRefused(
            _("Others have entrusted their vote to your organisation; a delegation leads no further.")
        )
    made = _lawful(
        lambda: Delegation.objects.create(round=voter.round, delegator=voter, delegate=delegate, asked_by=by)
    )
    record(by, "voting.delegation_asked", voting_round)
    return made


@transaction.atomic
def accept_delegation(*, by: User, delegation: Delegation) -> Delegation:
    """The organisation that `by` represents agrees to vote for another, which will see its ballot.

    Raises VoteRefused when a tenth of all shares is in this hand already.
    """
    _lock_both(by, delegation.round, delegation.delegator_id, delegation.delegate_id)
    voter = lock_own_voter(by, delegation.round, only_representatives=True)
    check_period(voter)
    delegation.refresh_from_db()
    if delegation.delegate_id != voter.pk:
        raise VoteRefused(_("Only the organisation that was asked can accept."))
    if delegation.revoked_at is not None or delegation.accepted_at is not None:
        raise VoteRefused(_("This was settled in the meantime."))
    if Delegation.objects.in_force().filter(delegate=voter).count() >= most_votes_in_one_hand(voter.round):
        raise VoteRefused(
            _(
                "Your organisation cannot hold more votes of others: at most %(percent)s %% of all shares "
                "may be entrusted to one hand."
            )
            % {"percent": CAP_PERCENT}
        )
    delegation.accepted_by = by
    delegation.accepted_at = ClockTimestamp()
    _lawful(lambda: delegation.save(update_fields=["accepted_by", "accepted_at"]))
    delegation.refresh_from_db()
    record(by, "voting.delegation_accepted", delegation.round)
    return delegation


@transaction.atomic
def revoke_delegation(*, by: User, delegation: Delegation) -> Delegation:
    """Either side ends it, whether it was accepted or not. Raises VoteRefused once the voting has ended."""
    _lock_both(by, delegation.round, delegation.delegator_id, delegation.delegate_id)
    voter = lock_own_voter(by, delegation.round, only_representatives=True)
    check_period(voter)
    delegation.refresh_from_db()
    if voter.pk not in (delegation.delegator_id, delegation.delegate_id):
        raise VoteRefused(_("Only the two organisations can revoke a delegation."))
    if delegation.revoked_at is not None:
        raise VoteRefused(_("This was settled in the meantime."))
    delegation.revoked_by = by
    delegation.revoked_at = ClockTimestamp()
    _lawful(lambda: delegation.save(update_fields=["revoked_by", "revoked_at"]))
    delegation.refresh_from_db()
    record(by, "voting.delegation_revoked", delegation.round)
    return delegation


def most_votes_in_one_hand(voting_round: Round) -> int:
    """How many votes may be entrusted to one delegate, besides its own."""
    return RoundVoter.objects.filter(round=voting_round).count() * CAP_PERCENT // 100


def copy_delegated(voting_round: Round) -> list[Ballot]:
    """Gives every organisation that delegated its vote and cast no ballot a copy of its delegate's.

    Only items of tracks in which the organisation itself votes are copied. Closing calls this once, while it holds
    the lock on the round and before the round changes its state.
    """
    delegated = (
        Delegation.objects.in_force()
        .filter(round=voting_round, delegator__ballots__isnull=True)
        .select_related("delegator__round")
        .order_by("delegator__pseudonym")
    )
    ballots = {
        each.voter_id: each
        for each in Ballot.objects.filter(voter__round=voting_round).current().select_related("cast_by")
    }
    items = {each.pk: each for each in RoundItem.objects.filter(round=voting_round).select_related("track")}
    copies = []
    for delegation in delegated:
        source, voter = ballots.get(delegation.delegate_id), delegation.delegator
        if source is None:
            continue
        kept = {
            key: number
            for key, number in source.choices.items()
            if (track := items[key].track) is None or track.takes(voter.size_class)
        }
        if not kept:
            continue
        own = set(
            UseCase.objects.filter(
                organisation=voter.organisation_id, proposals__round_items__in=list(kept)
            ).values_list("proposals__round_items", flat=True)
        )
        choice = Choice(
            chosen={items[key].code: key for key in kept},
            points=list(kept.values()) if source.points is not None else None,
            own=[key for key in kept if key in own],
        )
        copies.append(write_ballot(source.cast_by, voter, choice, copied_from=source))
    return copies


def _lock_both(by: User, voting_round: Round, *others: int) -> None:
    """Locks all voters of a delegation by key, as its trigger does: two that ask each other do not wait in a circle."""
    ours = Q(round=voting_round, organisation=by.representing)
    rows = RoundVoter.objects.select_for_update(no_key=True).filter(ours | Q(pk__in=others))
    list(rows.order_by("pk").values_list("pk"))


def _check_allowed(voting_round: Round) -> None:
    if not voting_round.delegation:
        raise VoteRefused(_("In this round every organisation votes for itself."))


def _lawful[T](write: Callable[[], T]) -> T:
    try:
        with transaction.atomic():
            return write()
    except IntegrityError as error:
        raise VoteRefused(
            _("Somebody else changed a delegation at the same instant. Please look again.")
        ) from error
