"""What of the portfolio waits for the reader."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from cesai.lib.dashboard import Dashboard, Figure, Task
from portfolio.models import Milestone, ModelProposal, Project, UseCase

SOON = timedelta(days=30)


def dashboard(user: User) -> Dashboard:
    """A submitter's questions and drafts, a manager's triage and starts, a lead's milestones."""
    part = Dashboard()
    if user.has_perm("portfolio.submit_usecase") and user.organisations:
        _for_submitters(user, part)
    if user.has_perm("portfolio.triage_usecase"):
        _for_managers(part)
    _for_leads(user, part)
    running = Project.objects.visible_to(user).filter(status=Project.Status.RUNNING).count()
    if running:
        part.figures.append(Figure(_("Running Schnellboot projects"), running, reverse("portfolio:roadmap")))
    return part


def _for_submitters(user: User, part: Dashboard) -> None:
    own = UseCase.objects.filter(organisation__in=[each.pk for each in user.organisations])
    for use_case in own.filter(status=UseCase.Status.QUERY).order_by("pk")[:5]:
        part.tasks.append(
            Task(
                _("CESAI has a question about %(code)s") % {"code": use_case.code},
                use_case.get_absolute_url(),
                use_case.reason,
                tone="warning",
            )
        )
    for use_case in own.filter(status=UseCase.Status.DRAFT, submitter=user).order_by("-pk")[:3]:
        part.tasks.append(
            Task(
                _("Finish your draft %(code)s") % {"code": use_case.code},
                use_case.get_absolute_url(),
                use_case.title,
            )
        )
    part.figures.append(
        Figure(
            _("Use cases of your organisation"), own.count(), reverse("portfolio:usecase_list") + "?ours=on"
        )
    )


def _for_managers(part: Dashboard) -> None:
    waiting = UseCase.objects.awaiting_triage()
    count = waiting.count()
    if count:
        oldest = waiting.order_by("submitted_at").first()
        part.tasks.append(
            Task(
                ngettext("%(n)d use case waits for triage", "%(n)d use cases wait for triage", count)
                % {"n": count},
                reverse("admin:portfolio_usecase_changelist") + "?status__exact=submitted",
                _("The oldest: %(title)s") % {"title": oldest.title if oldest else ""},
                tone="warning",
            )
        )
    for proposal in ModelProposal.objects.filter(status=ModelProposal.Status.PRIORITISED).order_by("pk")[:5]:
        part.tasks.append(
            Task(
                _("Start the Schnellboot for %(code)s") % {"code": proposal.code},
                reverse("portfolio:project_start", args=[proposal.code]),
                proposal.title,
            )
        )
    for each in (
        Milestone.objects.filter(status=Milestone.Status.REPORTED)
        .select_related("project")
        .order_by("pk")[:5]
    ):
        part.tasks.append(
            Task(
                _("Decide on the milestone “%(title)s”") % {"title": each.title},
                each.project.get_absolute_url(),
                str(each.project),
            )
        )


def _for_leads(user: User, part: Dashboard) -> None:
    today = timezone.localdate()
    due = (
        Milestone.objects.filter(project__lead=user)
        .filter(Q(status__in=["planned", "in_progress"], forecast_on__lte=today + SOON) | Q(status="rework"))
        .select_related("project")
        .order_by("forecast_on", "pk")[:5]
    )
    for each in due:
        late = each.forecast_on < today
        part.tasks.append(
            Task(
                _("Milestone “%(title)s” is late") % {"title": each.title}
                if late
                else _("Milestone “%(title)s” is due") % {"title": each.title},
                each.project.get_absolute_url(),
                str(each.project),
                each.forecast_on,
                "danger" if late else "info",
            )
        )
