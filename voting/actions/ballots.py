"""Casting a ballot, and casting it anew."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from activity.actions import record
from voting import chain
from voting.actions import Stale, VoteRefused
from voting.actions.chain import append
from voting.actions.choices import Choice, choose
from voting.actions.electorate import voice_of
from voting.actions.letters import send_receipt
from voting.actions.moments import moment
from voting.models import Ballot, BallotDraft, Round, RoundVoter
from voting.models.ballot import new_nonce
from voting.models.clock import ClockTimestamp


def cast_ballot(
    *,
    by: User,
    voting_round: Round,
    approvals: Collection[str] = (),
    points: Mapping[str, int] | None = None,
    replaces: int | None = None,
    uses_draft: int | None = None,
) -> Ballot:
    """The ballot of the organisation that `by` represents.

    `approvals` are codes of the round's items; a round that asks for points takes `points` by code instead.
    `replaces` is the version that the form was made from, 0 for none: when another version was cast meanwhile,
    Stale is raised, unless it says the same (a form that was sent twice). `uses_draft` is the revision of the draft
    that the form began with: it has done its work; a draft that was changed meanwhile stays. A second ballot is a new version and
    replaces the first; two at the same instant are both kept, one after the other. Raises VoteRefused outside the
    voting period (by the database's clock), for a ballot that is no ballot, and where two people are needed.
    """
    with transaction.atomic():
        voter = lock_own_voter(by, voting_round, only_representatives=True)
        check_period(voter)
        if voter.four_eyes:
            raise VoteRefused(
                _("Your organisation's ballots need two people: one prepares the draft, another releases it.")
            )
        choice = choose(voter, approvals, points)
        last = voter.last_version or 0  # type: ignore[attr-defined]
        if replaces is not None and replaces != last:
            now = Ballot.objects.select_related("cast_by").get(voter=voter, version=last) if last else None
            if now is not None and (now.approvals, now.points) == (choice.items, choice.points):
                return now
            raise _outrun(now)
        ballot = write_ballot(by, voter, choice)
        if uses_draft:
            BallotDraft.objects.filter(voter=voter, revision=uses_draft).delete()
    return ballot


def write_ballot(
    by: User,
    voter: RoundVoter,
    choice: Choice,
    *,
    prepared_by: User | None = None,
    copied_from: Ballot | None = None,
) -> Ballot:
    """The next version of the ballot of a voter that `lock_own_voter` has locked, or its first as a copy."""
    version = 1 + (getattr(voter, "last_version", None) or 0)
    nonce = new_nonce()
    commitment = chain.commitment(voter.pseudonym, version, nonce, choice.content())
    try:
        # The triggers look at the chain and at the clock once more, under a lock that closing has to wait for.
        with transaction.atomic():
            entry = append(
                voter.round,
                chain.BALLOT,
                voter=voter.pseudonym,
                version=version,
                commitment=commitment,
            )
            ballot = Ballot.objects.create(
                voter=voter,
                version=version,
                approvals=choice.items,
                points=choice.points,
                own=choice.own,
                nonce=nonce,
                record=entry,
                cast_by=by,
                prepared_by=prepared_by,
                copied_from=copied_from,
            )
    except IntegrityError as error:
        raise VoteRefused(_("The voting ended while you were voting.")) from error
    # Nothing about the content: who has voted may be known before the end, what was voted may not.
    record(by, "voting.ballot_cast", voter.round)
    send_receipt(ballot, commitment)
    return ballot


def lock_own_voter(by: User, voting_round: Round, *, only_representatives: bool) -> RoundVoter:
    """The organisation of `by` among the voters, locked, with `round`, its `clock` and the `last_version` of its ballot.

    Raises VoteRefused for whoever may not act for an organisation of this round.
    """
    represented = by.representing
    ours = [represented] if represented else ([] if only_representatives else by.organisations)
    if not ours:
        raise VoteRefused(_no_representative(by))
    # Locks first and reads the last version afterwards: a subquery in the locking statement would still see
    # the version before the one that it waited for.
    # Copies that closing makes refer to voters; a lock without the key lets them pass.
    locked = RoundVoter.objects.select_for_update(no_key=True).filter(
        round=voting_round, organisation__in=ours
    )
    found = locked.order_by("pk").values_list("pk", flat=True).first()
    if not found:
        head = voice_of(ours, voting_round)
        if head is not None:
            raise VoteRefused(
                _("%(organisation)s belongs to a group with one vote, which %(voter)s casts in this round.")
                % {"organisation": ours[0], "voter": head}
            )
        raise VoteRefused(
            _("%(organisation)s is not among the organisations that vote in this round.")
            % {"organisation": ours[0]}
        )
    last: Any = (
        Ballot.objects.filter(voter=OuterRef("pk")).order_by().values("voter").annotate(last=Max("version"))
    )
    return (
        RoundVoter.objects.select_related("round")
        .annotate(last_version=Subquery(last.values("last")), clock=ClockTimestamp())
        .get(pk=found)
    )


def _no_representative(by: User) -> str:
    """Why somebody cannot vote who represents nobody today; whoever did until a day ago is told so."""
    ended = (
        by.memberships.filter(role=Role.VOTING_REPRESENTATIVE, ends_on__lt=localdate())
        .select_related("organisation")
        .order_by("-ends_on", "-pk")
        .first()
    )
    if ended is None:
        return _("Only the voting representative of an organisation can cast its ballot.")
    assert ended.ends_on is not None
    return _(
        "You represented %(organisation)s until %(day)s and cannot vote for it any more. A ballot that was cast before stands."
    ) % {"organisation": ended.organisation, "day": date_format(ended.ends_on, "SHORT_DATE_FORMAT")}


def check_period(voter: RoundVoter) -> None:
    """Raises VoteRefused, with the reason, unless ballots are taken now."""
    now = voter.round
    now.clock = voter.clock  # type: ignore[attr-defined]
    phase = now.phase
    if phase == Round.Phase.OPEN:
        return
    if phase == Round.Phase.AHEAD:
        assert now.opens_at is not None
        raise VoteRefused(_("The voting begins on %(when)s.") % {"when": moment(now.opens_at)})
    if phase == Round.Phase.CANCELLED:
        raise VoteRefused(_("This round was cancelled."))
    if now.status in Round.BEFORE_FREEZE:
        raise VoteRefused(_("The voting has not begun."))
    ended = now.closed_at or now.closes_at
    assert ended is not None
    raise VoteRefused(
        _("The voting ended on %(when)s. Your ballot was not changed.") % {"when": moment(ended)}
    )


def _outrun(now: Ballot | None) -> Stale:
    if now is None:
        return Stale(
            _("This form belongs to a ballot that does not exist. Please check it and cast it again.")
        )
    return Stale(
        _(
            "%(name)s cast version %(version)s of the ballot on %(when)s, after you had opened this form. "
            "Your choice is kept below; cast it to replace that version."
        )
        % {"name": now.cast_by, "version": now.version, "when": moment(now.cast_at)}
    )
