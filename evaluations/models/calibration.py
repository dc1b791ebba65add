"""What releases answer to golden continuations, and which endpoint software was seen to tell the truth about it."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from evaluations.models.run import Run
from evaluations.models.suite import SHA256
from portfolio.models import ModelRelease


@pghistory.track()
class ReleaseReference(models.Model):
    """Log-probabilities that a release gives to each token of the golden continuations.

    An independent one was computed without the endpoint that is measured; one of the first accepted run only says that
    later runs meet the same model.
    """

    class Source(models.TextChoices):
        PORTAL = "portal", _("Computed by the portal from the release's file")
        HANDED_IN = "handed_in", _("Handed in by a person")
        FIRST_RUN = "first_run", _("Taken from the first accepted run")

    release = models.ForeignKey(
        ModelRelease, models.CASCADE, related_name="references", verbose_name=_("release")
    )
    golden = models.CharField(_("golden continuations"), max_length=64, validators=[SHA256])
    values = models.JSONField(_("log-probabilities"))
    source = models.CharField(_("where it comes from"), max_length=12, choices=Source)
    made_with = models.CharField(_("made with"), max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    made_at = models.DateTimeField(_("at"), auto_now=True)

    class Meta:
        verbose_name = _("reference of a release")
        verbose_name_plural = _("references of releases")
        ordering = ["release", "pk"]
        constraints = [
            models.UniqueConstraint(name="reference_once", fields=["release", "golden"]),
            models.CheckConstraint(
                name="reference_by_a_person_iff_handed_in",
                condition=Q(source="handed_in", made_by__isnull=False)
                | (~Q(source="handed_in") & Q(made_by__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.release)

    @property
    def is_independent(self) -> bool:
        return self.source != self.Source.FIRST_RUN


@pghistory.track()
class EngineCalibration(models.Model):
    """How far the log-probabilities of one endpoint software were from an independent reference, the last time.

    `image` is what the software says it is: an image's digest, or its name and version. `largest` is in nats per token;
    empty means that an answer was missing or no finite number. `shift` is not 0 when the values belong to a
    neighbouring token. The release is the one that it was measured with.
    """

    image = models.CharField(_("endpoint software"), max_length=200)
    release = models.ForeignKey(
        ModelRelease, models.CASCADE, related_name="calibrations", verbose_name=_("release")
    )
    golden = models.CharField(_("golden continuations"), max_length=64, validators=[SHA256])
    asked = models.PositiveIntegerField(_("continuations"))
    largest = models.FloatField(_("largest difference"), null=True, blank=True)
    tolerance = models.FloatField(_("allowed difference"))
    shift = models.SmallIntegerField(_("shifted by"), default=0)
    is_valid = models.BooleanField(_("valid"))
    run = models.ForeignKey(
        Run, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("measured in")
    )
    measured_at = models.DateTimeField(_("measured"), auto_now=True)

    class Meta:
        verbose_name = _("calibration of an endpoint")
        verbose_name_plural = _("calibrations of endpoints")
        ordering = ["-measured_at", "-pk"]
        indexes = [models.Index(fields=["image", "golden"], name="calibration_of_image")]
        constraints = [
            models.UniqueConstraint(name="calibration_once", fields=["image", "release", "golden"]),
            models.CheckConstraint(
                name="calibration_valid_is_within_its_tolerance",
                condition=Q(is_valid=False)
                | Q(largest__isnull=False, largest__lte=models.F("tolerance"), shift=0, asked__gte=64),
            ),
        ]

    def __str__(self) -> str:
        return self.image
