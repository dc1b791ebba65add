"""What a firm needs an AI model for."""

from typing import Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from accounts.models import Organisation, User
from accounts.roles import STAFF
from cesai.lib.states import StateField


class UseCaseQuerySet(models.QuerySet["UseCase"]):
    def visible_to(self, user: User) -> Self:
        """Own organisation's: all. CESAI: everything but others' drafts. Others: what the confidentiality allows."""
        if user.is_superuser:
            return self
        own = Q(organisation__in=[each.pk for each in user.organisations])
        handed_in = ~Q(status=UseCase.Status.DRAFT)
        if user.has_role(*STAFF):
            return self.filter(own | handed_in)
        shown = [UseCase.Confidentiality.PUBLIC]
        if user.organisations:
            shown.append(UseCase.Confidentiality.MEMBERS)
        return self.filter(own | (handed_in & Q(confidentiality__in=shown)))

    def awaiting_triage(self) -> Self:
        return self.filter(status__in=[UseCase.Status.SUBMITTED, UseCase.Status.IN_TRIAGE])


@pghistory.track(exclude=["search"])
class UseCase(ConcurrentTransitionMixin, models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        IN_TRIAGE = "in_triage", _("In triage")
        QUERY = "query", _("Question to you")
        ASSESSED = "assessed", _("Assessed")
        DEFERRED = "deferred", _("Deferred")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Confidentiality(models.TextChoices):
        PUBLIC = "public", _("Public")
        MEMBERS = "members", _("Members of the programme")
        CONFIDENTIAL = "confidential", _("Confidential: only us and CESAI")

    class Domain(models.TextChoices):
        AUTOMOTIVE = "automotive", _("Automotive")
        FINANCE = "finance", _("Financial services")
        PUBLIC = "public", _("Public administration")
        CHEMISTRY = "chemistry", _("Chemistry")
        PHYSICS = "physics", _("Physics")
        SOFTWARE = "software", _("Software")
        MATERIALS = "materials", _("Materials science")
        PHARMA = "pharma", _("Pharma")
        ROBOTICS = "robotics", _("Robotics")
        INFRASTRUCTURE = "infrastructure", _("Critical infrastructure")
        MECHANICAL = "mechanical", _("Mechanical engineering")
        OTHER = "other", _("Another field")

    class Language(models.TextChoices):
        DE = "de", _("German")
        EN = "en", _("English")

    BADGE_TONES = {
        Status.DRAFT: "neutral",
        Status.SUBMITTED: "info",
        Status.IN_TRIAGE: "info",
        Status.QUERY: "warning",
        Status.ASSESSED: "success",
        Status.DEFERRED: "neutral",
        Status.REJECTED: "danger",
        Status.WITHDRAWN: "neutral",
    }
    IS_EDITABLE = frozenset({Status.DRAFT, Status.QUERY})
    NEEDS_REASON = frozenset({Status.QUERY, Status.DEFERRED, Status.REJECTED})

    code = models.CharField(_("code"), max_length=16, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="use_cases", verbose_name=_("organisation")
    )
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="use_cases", verbose_name=_("submitted by")
    )
    title = models.CharField(_("title"), max_length=150)
    problem = models.TextField(_("problem"), max_length=5000)
    benefit = models.TextField(_("benefit"), max_length=5000)
    data_available = models.TextField(_("available data"), max_length=3000, blank=True)
    domain = models.CharField(_("field"), max_length=20, choices=Domain)
    goals = ArrayField(
        models.CharField(max_length=2), verbose_name=_("programme goals"), default=list, blank=True
    )
    expected_value_cents = models.BigIntegerField(_("expected value per year"), null=True, blank=True)
    confidentiality = models.CharField(
        _("who may read it"), max_length=12, choices=Confidentiality, default=Confidentiality.MEMBERS
    )
    language = models.CharField(
        _("language of the text"), max_length=2, choices=Language, default=Language.DE
    )
    status = StateField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    reason = models.TextField(_("reason or question"), max_length=2000, blank=True)
    # Stems of title and texts, kept by the database itself.
    search = models.GeneratedField(
        expression=SearchVector("title", config="german", weight="A")
        + SearchVector("problem", "benefit", config="german", weight="B"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)

    objects: UseCaseQuerySet = UseCaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("use case")
        verbose_name_plural = _("use cases")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="usecase_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="usecase_status_newest"),
            models.Index(fields=["organisation", "-created_at", "-id"], name="usecase_org_newest"),
            GinIndex(fields=["search"], name="usecase_search"),
        ]
        constraints = [
            models.CheckConstraint(
                name="usecase_submitted_unless_draft",
                condition=Q(status__in=["draft", "withdrawn"]) | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="usecase_no_needs_a_reason",
                condition=~Q(status__in=["query", "deferred", "rejected"]) | ~Q(reason=""),
                violation_error_message=_("A question, a deferral and a rejection need a reason in words."),
            ),
            models.CheckConstraint(
                name="usecase_value_not_negative",
                condition=Q(expected_value_cents__isnull=True) | Q(expected_value_cents__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:usecase_detail", args=[self.code])

    @property
    def tone(self) -> str:
        return self.BADGE_TONES[self.Status(self.status)]

    @property
    def is_editable(self) -> bool:
        return self.status in self.IS_EDITABLE

    @transition(field=status, source=[Status.DRAFT, Status.QUERY], target=Status.SUBMITTED)
    def to_submitted(self) -> None:
        """Handed in for the first time, or again with the answer to a question."""

    @transition(field=status, source=Status.SUBMITTED, target=Status.IN_TRIAGE)
    def to_triage(self) -> None:
        """Somebody at CESAI reads it."""

    @transition(field=status, source=[Status.SUBMITTED, Status.IN_TRIAGE], target=Status.QUERY)
    def to_query(self) -> None:
        """The submitter is asked something."""

    @transition(
        field=status, source=[Status.SUBMITTED, Status.IN_TRIAGE, Status.DEFERRED], target=Status.ASSESSED
    )
    def to_assessed(self) -> None:
        """A model proposal covers it."""

    @transition(field=status, source=[Status.SUBMITTED, Status.IN_TRIAGE], target=Status.DEFERRED)
    def to_deferred(self) -> None:
        """Not now."""

    @transition(
        field=status, source=[Status.SUBMITTED, Status.IN_TRIAGE, Status.DEFERRED], target=Status.REJECTED
    )
    def to_rejected(self) -> None:
        """Not at all."""

    @transition(
        field=status,
        source=[Status.DRAFT, Status.SUBMITTED, Status.IN_TRIAGE, Status.QUERY, Status.DEFERRED],
        target=Status.WITHDRAWN,
    )
    def to_withdrawn(self) -> None:
        """The organisation takes it back."""
