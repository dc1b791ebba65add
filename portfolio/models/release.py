"""One version of a model with its files: what is evaluated and what is published."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from portfolio.models.aimodel import AIModel


class ModelReleaseQuerySet(models.QuerySet["ModelRelease"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(model__in=AIModel.objects.visible_to(user))


@pghistory.track()
class ModelRelease(models.Model):
    """Immutable once created; a correction is the next version.

    `manifest` maps each file's relative path to `{"size": bytes, "sha256": hex}`; the files lie in `folder`.
    `serve_command` starts an OpenAI-style endpoint for the release (arguments; `{folder}` and `{port}` are replaced);
    `endpoint_url` names one that already runs. One of both is needed to evaluate it.
    """

    model = models.ForeignKey(AIModel, models.PROTECT, related_name="releases", verbose_name=_("model"))
    version = models.CharField(_("version"), max_length=30)
    notes = models.TextField(_("what is new"), max_length=3000, blank=True)
    manifest = models.JSONField(_("files"), default=dict)
    served_name = models.CharField(_("name at the endpoint"), max_length=150)
    serve_command = models.JSONField(_("start of the endpoint"), default=list, blank=True)
    endpoint_url = models.URLField(_("address of a running endpoint"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: ModelReleaseQuerySet = ModelReleaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("model release")
        verbose_name_plural = _("model releases")
        constraints = [
            models.UniqueConstraint(
                name="release_version_once",
                fields=["model", "version"],
                violation_error_message=_("This version exists already; a correction is the next version."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.model.name} {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:model_detail", args=[self.model.slug]) + f"#release-{self.pk}"

    @property
    def folder(self):
        """Where the files of the release lie, a `pathlib.Path`."""
        return settings.VAR_DIR / "releases" / str(self.pk)

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(each["size"] for each in self.manifest.values())
