"""Between the count and the final result: what organisations say against it, and what is decided."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from activity.mail import write
from portfolio.actions.proposals import prioritise, take_off_ballot
from voting import chain
from voting.actions import VoteRefused
from voting.actions.chain import append
from voting.actions.letters import tell
from voting.actions.moments import moment
from voting.kit import NoProof
from voting.models import Objection, ResultItem, Round, RoundVoter
from voting.proof import archive_kit


@transaction.atomic
def file_objection(*, by: User, voting_round: Round, text: str) -> Objection:
    """An objection of the organisation that `by` represents; possible until the end of the objection period."""
    locked = _lock(voting_round)
    organisation = by.representing
    voter = (
        RoundVoter.objects.filter(round=locked, organisation=organisation).first() if organisation else None
    )
    if voter is None:
        raise VoteRefused(
            _("Only a voting representative of an organisation in this round can file an objection.")
        )
    if locked.status != Round.Status.TALLIED:
        raise VoteRefused(_("Objections are possible once there is a result, and until it is final."))
    assert locked.objections_until is not None
    if locked.clock >= locked.objections_until:  # type: ignore[attr-defined]
        raise VoteRefused(
            _("Objections were possible until %(when)s.") % {"when": moment(locked.objections_until)}
        )
    if not text.strip():
        raise VoteRefused(_("Please write what you object to."), field="text")
    last = Objection.objects.filter(round=locked).aggregate(last=Max("number"))["last"] or 0
    filed = Objection.objects.create(
        round=locked, voter=voter, number=last + 1, text=text.strip(), filed_by=by
    )
    append(locked, chain.OBJECTION, number=filed.number, text=chain.fingerprint(filed.text))
    record(by, "voting.objection_filed", locked, number=filed.number)
    return filed


@transaction.atomic
def decide_objection(*, by: User, objection: Objection, uphold: bool, reason: str) -> Objection:
    """Rejects or upholds an objection, with a reason that its organisation reads.

    A result with an upheld objection never becomes final: the round has to be cancelled.
    """
    locked = _lock(objection.round)
    found = Objection.objects.select_related("voter").get(pk=objection.pk)
    if found.status != Objection.Status.OPEN:
        raise VoteRefused(_("This objection is decided already."))
    if locked.status != Round.Status.TALLIED:
        raise VoteRefused(_("The round is not in its objection period any more."))
    if found.voter.organisation_id in {each.pk for each in by.organisations}:
        raise VoteRefused(_("Nobody decides about an objection of the own organisation."))
    if not reason.strip():
        raise VoteRefused(_("Please give a reason; the organisation reads it."), field="reason")
    found.status = Objection.Status.UPHELD if uphold else Objection.Status.REJECTED
    found.reason, found.decided_by = reason.strip(), by
    found.decided_at = locked.clock  # type: ignore[attr-defined]
    found.save(update_fields=["status", "reason", "decided_by", "decided_at"])
    append(
        locked,
        chain.DECISION,
        number=found.number,
        decision=str(found.status),
        reason=chain.fingerprint(found.reason),
    )
    record(by, "voting.objection_decided", locked, number=found.number, decision=str(found.status))
    write(
        to=[found.filed_by],
        key=f"voting.decided:{found.pk}",
        template="voting/letters/decided.txt",
        context={"round": locked, "objection": found},
    )
    return found


@transaction.atomic
def finalise_round(*, by: User | None, voting_round: Round) -> Round:
    """Makes the result final: winners are prioritised, the others return to review, the kit is archived and named in the chain.

    Raises VoteRefused before the objection period is over, and while an objection is open or was upheld.
    """
    locked = _lock(voting_round)
    if locked.status != Round.Status.TALLIED:
        raise VoteRefused(_("Only a counted round becomes final, and only once."))
    assert locked.objections_until is not None
    if locked.clock < locked.objections_until:  # type: ignore[attr-defined]
        raise VoteRefused(
            _("Objections are possible until %(when)s.") % {"when": moment(locked.objections_until)}
        )
    states = list(locked.objections.values_list("status", flat=True))
    if Objection.Status.OPEN in states:
        raise VoteRefused(_("An objection waits for its decision."))
    if Objection.Status.UPHELD in states:
        raise VoteRefused(
            _("An objection was upheld; this result can not become final. Please cancel the round.")
        )
    try:
        kit = archive_kit(locked).sha256
    except NoProof as error:
        raise VoteRefused(
            _(
                "The chain and the ballots do not give the sealed result, so it can not become final: %(reason)s"
            )
            % {"reason": error}
        ) from error
    append(locked, chain.FINAL, kit=kit, objections=len(states))
    locked.move_to(Round.Status.FINAL)
    for each in ResultItem.objects.filter(result__round=locked).select_related("item__proposal"):
        assert each.item.proposal is not None
        follow = prioritise if each.won else take_off_ballot
        follow(by=by, proposal=each.item.proposal)
    record(by, "voting.round_final", locked)
    tell(locked, "voting/letters/final.txt", kit=kit)
    return locked


def _lock(voting_round: Round) -> Round:
    """The round, locked, with the time after the lock was had."""
    Round.objects.select_for_update().get(pk=voting_round.pk)
    return Round.objects.with_clock().get(pk=voting_round.pk)
