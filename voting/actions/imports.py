"""A published election becomes a counted round, to look at and to learn from."""

from fractions import Fraction

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from voting import pabulib
from voting import tally as engine
from voting.actions import VoteRefused
from voting.actions.counts import Counted, greedy_winners, keep_counts
from voting.models import ImportedElection, Round, RoundItem
from voting.tally import reference
from voting.tally.explain import explain

# Up to so many voters the plain engine needs seconds; beyond, minutes.
CONFIRMED_UP_TO = 500
# An import is waited for: smallest changes are computed where that takes seconds.
MOST_WORK = 1_000_000


def import_election(
    *, by: User | None, file: pabulib.PabulibFile, file_name: str, sha256: str, rule: str = engine.Rule.ADD1
) -> tuple[Round, bool]:
    """The round of a Pabulib file, and whether it was made now: the same file makes one round, once.

    Raises VoteRefused for amounts that are no whole units, and for a tie that has no answer.
    """
    known = ImportedElection.objects.filter(sha256=sha256).select_related("round").first()
    if known:
        return known.round, False
    whole = [Fraction(file.budget), *(Fraction(project.cost) for project in file.projects)]
    if any(amount.denominator != 1 for amount in whole):
        raise VoteRefused(_("Budget and costs must be whole numbers of the unit."))
    longest = RoundItem._meta.get_field("code").max_length or 0
    if any(len(project.id) > longest for project in file.projects):
        raise VoteRefused(
            _("A project's identifier is longer than %(limit)s characters.") % {"limit": longest}
        )
    election = file.election()
    utility = file.default_utility
    try:
        outcome = engine.tally(election, rule, utility)
        confirmed = len(election.ballots) <= CONFIRMED_UP_TO and rule != engine.Rule.GREEDY
        if confirmed:
            reference.confirm(election, outcome)
        explained = explain(election, outcome, most_work=MOST_WORK)
    except engine.TallyError as error:
        raise VoteRefused(_("The count gives no result: %(reason)s") % {"reason": error}) from error
    try:
        with transaction.atomic():
            made = _round_of(file, rule, utility, sha256, by)
            RoundItem.objects.bulk_create(
                RoundItem(round=made, code=each.id, title=(each.name or each.id)[:300], cost=int(each.cost))
                for each in file.projects
            )
            ImportedElection.objects.create(
                round=made,
                file_name=file_name[:200],
                sha256=sha256,
                meta=file.meta,
                ballots=[
                    [ballot.voter, list(ballot.items), [str(points) for points in ballot.points]]
                    for ballot in file.ballots
                ],
                official=sorted(file.selected) if file.selected is not None else None,
            )
            counted = Counted(None, election, outcome, greedy_winners(election, utility), explained)
            keep_counts(made, [counted], confirmed=confirmed)
            made.move_to(Round.Status.FINAL, sources=[Round.Status.DRAFT])
            record(by, "voting.election_imported", made, winners=len(outcome.winners))
    except IntegrityError:
        # The same file came in by another door at the same time.
        again = ImportedElection.objects.filter(sha256=sha256).select_related("round").first()
        if again is None:
            raise
        return again.round, False
    return made, True


def _round_of(
    file: pabulib.PabulibFile, rule: str, utility: engine.Utility, sha256: str, by: User | None
) -> Round:
    meta = file.meta
    place = " ".join(meta[key] for key in ("unit", "subunit", "instance") if meta.get(key))
    title = place or meta.get("description") or sha256[:12]
    return Round.objects.create(
        slug=f"{slugify(title)[:60] or 'election'}-{sha256[:8]}",
        kind=Round.Kind.IMPORTED,
        title=title[:150],
        question=meta.get("description", title)[:2000],
        rule=rule,
        utility=utility,
        budget=int(file.budget),
        unit=meta.get("currency", "")[:12] or "–",
        minimum_approvals=max(1, _whole(meta.get("min_length"))),
        created_by=by,
    )


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 5 else 1
