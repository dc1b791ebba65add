"""What of voting waits for the reader."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from cesai.lib.dashboard import Dashboard, Figure, Task
from voting.models import Ballot, Round, RoundVoter
from voting.models.clock import ClockTimestamp


def dashboard(user: User) -> Dashboard:
    """Ballots to cast, drafts to open, rounds that could not be counted. Three statements at most."""
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
            round__status=Round.Status.OPEN,
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
    waiting = Round.objects.filter(status__in=[Round.Status.DRAFT, Round.Status.CLOSED]).order_by("pk")[:6]
    for each in waiting:
        is_draft = each.status == Round.Status.DRAFT
        part.tasks.append(
            Task(
                _("Open the round “%(title)s”") % {"title": each.title}
                if is_draft
                else _("The round “%(title)s” is not counted yet") % {"title": each.title},
                each.get_absolute_url(),
                tone="info" if is_draft else "warning",
            )
        )
