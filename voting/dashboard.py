"""What of voting waits for the reader."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from cesai.lib.dashboard import Dashboard, Figure, Task
from voting.models import Ballot, Objection, Round, RoundVoter
from voting.models.clock import ClockTimestamp

# What a manager reads about a round in a phase.
LABELS: dict[Round.Phase, tuple[Any, str]] = {
    Round.Phase.DRAFT: (gettext_lazy("Publish the rules of “%(title)s”"), "info"),
    Round.Phase.PUBLISHED: (gettext_lazy("Confirm the proposals of “%(title)s”"), "info"),
    Round.Phase.COSTED: (gettext_lazy("Freeze the ballot paper of “%(title)s”"), "info"),
    Round.Phase.AHEAD: (gettext_lazy("The round “%(title)s” opens and closes soon"), "info"),
    Round.Phase.OPEN: (gettext_lazy("The round “%(title)s” closes soon"), "info"),
    Round.Phase.OVER: (gettext_lazy("The round “%(title)s” is over and not closed yet"), "warning"),
    Round.Phase.COUNTING: (gettext_lazy("The round “%(title)s” is not counted yet"), "warning"),
}


def dashboard(user: User) -> Dashboard:
    """Ballots to cast, objections to decide, steps of rounds to take. Four statements at most."""
    part = Dashboard()
    if user.representing is not None:
        _for_representatives(user, part)
    if user.has_perm("voting.manage_round"):
        _for_managers(part)
    return part


def _for_representatives(user: User, part: Dashboard) -> None:
    now = ClockTimestamp()
    waiting = (
        RoundVoter.objects.filter(
            organisation=user.representing,
            round__status__in=Round.VOTING,
            round__opens_at__lte=now,
            round__closes_at__gt=now,
        )
        .annotate(has_voted=Exists(Ballot.objects.filter(voter=OuterRef("pk"))))
        .select_related("round")
        .order_by("round__closes_at", "pk")
    )
    voted = 0
    for each in waiting:
        if each.has_voted:
            voted += 1
            continue
        part.tasks.append(
            Task(
                _("Cast the ballot of %(organisation)s") % {"organisation": each.name},
                reverse("voting:ballot_cast", args=[each.round.slug]),
                each.round.title,
                each.round.closes_at,
                "warning",
            )
        )
    if voted:
        note = ngettext("ballot can be changed until the end", "ballots can be changed until the end", voted)
        part.figures.append(
            Figure(_("Your ballots in open rounds"), voted, reverse("voting:round_list"), note)
        )


def _for_managers(part: Dashboard) -> None:
    for objection in Objection.objects.filter(status=Objection.Status.OPEN).select_related("round")[:6]:
        part.tasks.append(
            Task(
                _("Decide objection %(number)s") % {"number": objection.number},
                reverse("voting:objection_decide", args=[objection.round.slug, objection.number]),
                objection.round.title,
                tone="danger",
            )
        )
    soon = Q(status__in=Round.VOTING, closes_at__lt=ClockTimestamp() + timedelta(days=2))
    waiting = (
        Round.objects.filter(Q(status__in=[*Round.BEFORE_FREEZE, Round.Status.CLOSED]) | soon)
        .with_clock()
        .order_by("pk")[:6]
    )
    for each in waiting:
        label, tone = LABELS[each.phase]
        is_voting = each.status in Round.VOTING
        part.tasks.append(
            Task(
                label % {"title": each.title},
                each.get_absolute_url(),
                due=each.closes_at if is_voting else None,
                tone=tone,
            )
        )
