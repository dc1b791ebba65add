"""After the final result: giving up what was funded, and moving up from the reserve list. Each with a reason."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from portfolio.actions.proposals import give_up, move_up
from voting.actions import VoteRefused
from voting.actions.letters import tell
from voting.models import ResultItem, Round, RoundItem, Succession
from voting.reserve import State, reserves_of

Kind = Succession.Kind


@transaction.atomic
def withdraw_winner(*, by: User, item: RoundItem, reason: str) -> Succession:
    """Gives up a funded item that nobody has commissioned; its proposal is deferred and its money is free.

    Raises Refused before the result is final, for an item that is not funded, and once a model is commissioned from it.
    """
    _lock(item, reason)
    moves = set(Succession.objects.filter(item=item).values_list("kind", flat=True))
    won = ResultItem.objects.filter(item=item, won=True).exists()
    if Kind.WITHDRAWN in moves:
        raise VoteRefused(_("This proposal was withdrawn already."))
    if not won and Kind.MOVED_UP not in moves:
        raise VoteRefused(_("Only a proposal that is funded can be withdrawn."))
    assert item.proposal is not None
    give_up(by=by, proposal=item.proposal, reason=reason)
    return _note(by, item, Kind.WITHDRAWN, reason, "voting.winner_withdrawn")


@transaction.atomic
def move_up_item(*, by: User, item: RoundItem, reason: str) -> Succession:
    """Prioritises the proposal that is next on the reserve list. The counted result stays as it is.

    Raises Refused before the result is final, for an item that is not on the list, where the money that is left does
    not suffice, and while another item that it pays for stands before it.
    """
    voting_round = _lock(item, reason)
    lists = reserves_of(voting_round)
    found = next(((each, place) for each in lists if (place := each.find(item.code))), None)
    if found is None:
        raise VoteRefused(_("“%(item)s” is not on the reserve list.") % {"item": item.title})
    reserve, place = found
    if place.state in (State.MOVED_UP, State.WITHDRAWN):
        raise VoteRefused(_("“%(item)s” has moved up already.") % {"item": item.title})
    if item.cost > reserve.left:
        raise VoteRefused(
            _("“%(item)s” costs %(cost)s %(unit)s; %(left)s %(unit)s are left.")
            % {"item": item.title, "cost": item.cost, "left": reserve.left, "unit": voting_round.unit}
        )
    before = reserve.next
    if before is not None and before.number < place.number:
        raise VoteRefused(
            _("“%(first)s” stands before it on the reserve list, and the money that is left pays for it.")
            % {"first": before.row.item.title}
        )
    proposal = place.row.item.proposal
    assert proposal is not None
    elsewhere = RoundItem.objects.filter(
        proposal=proposal, round__status__in=Round.BEFORE_FREEZE
    ).select_related("round")
    if planned := elsewhere.order_by("pk").first():
        raise VoteRefused(
            _("“%(item)s” is planned for the round “%(round)s”; take it out of that round first.")
            % {"item": item.title, "round": planned.round}
        )
    move_up(by=by, proposal=proposal, reason=reason)
    return _note(by, item, Kind.MOVED_UP, reason, "voting.reserve_moved_up")


def _note(by: User, item: RoundItem, kind: Kind, reason: str, verb: str) -> Succession:
    """Keeps the move and writes to everybody who may vote in the round."""
    made = Succession.objects.create(item=item, kind=kind, reason=reason.strip(), by=by)
    record(by, verb, item.round, item=item.code, reason=made.reason)
    tell(item.round, "voting/letters/moved.txt", occasion=str(made.pk), move=made)
    return made


def _lock(item: RoundItem, reason: str) -> Round:
    """The round of the item, locked: two moves at once would both count the same money."""
    if not reason.strip():
        raise VoteRefused(_("Please say why; everybody who reads the result reads it."), field="reason")
    locked = Round.objects.select_for_update(no_key=True).get(pk=item.round_id)
    if locked.status != Round.Status.FINAL or locked.kind != Round.Kind.PORTAL:
        raise VoteRefused(_("Proposals move once the result of the round is final."))
    return locked
