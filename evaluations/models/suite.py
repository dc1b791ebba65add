"""What is measured: suites of tasks, in versions that never change."""

from typing import Any

import pghistory
import pgtrigger
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

SHA256 = RegexValidator(r"^[0-9a-f]{64}$", _("64 hexadecimal digits."))
COMMIT = RegexValidator(r"^[0-9a-f]{40}$", _("40 hexadecimal digits."))


def _frozen(name: str, pins: list[str], version: str, operation: Any) -> pgtrigger.Trigger:
    """Refuses a change of what a version pins once a run has used it; `version` is SQL for its key."""
    changed = " OR ".join(f"OLD.{pin} IS DISTINCT FROM NEW.{pin}" for pin in pins)
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        func=f"""
            IF TG_OP = 'UPDATE' THEN
                IF NOT ({changed}) THEN RETURN NEW; END IF;
            END IF;
            IF EXISTS (SELECT FROM evaluations_run WHERE suite_version_id = {version}) THEN
                RAISE EXCEPTION 'runs have used this version of the suite'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


@pghistory.track()
class Suite(models.Model):
    """A set of tasks under one name; what is run is one of its versions."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    title_de = models.CharField(_("title (German)"), max_length=100)
    title_en = models.CharField(_("title (English)"), max_length=100)
    summary_de = models.TextField(_("what it measures (German)"), max_length=1000)
    summary_en = models.TextField(_("what it measures (English)"), max_length=1000)

    class Meta:
        verbose_name = _("suite")
        verbose_name_plural = _("suites")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("evaluations:suite_detail", args=[self.slug])

    @property
    def title(self) -> str:
        """In the reader's language, German unless it is English."""
        return self.title_en if get_language() == "en" else self.title_de

    @property
    def summary(self) -> str:
        return self.summary_en if get_language() == "en" else self.summary_de


@pghistory.track()
class SuiteVersion(models.Model):
    """Everything that decides about a score except the model. Immutable: scores of one version are comparable.

    `environment` is the SHA-256 of the harness's hashed requirements.
    """

    suite = models.ForeignKey(Suite, models.PROTECT, related_name="versions", verbose_name=_("suite"))
    number = models.PositiveSmallIntegerField(_("version"))
    harness = models.CharField(_("harness"), max_length=40)
    harness_version = models.CharField(_("version of the harness"), max_length=40)
    environment = models.CharField(_("environment of the harness"), max_length=64, validators=[SHA256])
    seed = models.PositiveIntegerField(_("seed"), default=42)
    applies_chat_template = models.BooleanField(_("applies the chat template"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("suite version")
        verbose_name_plural = _("suite versions")
        ordering = ["suite", "-number"]
        constraints = [models.UniqueConstraint(name="suite_version_once", fields=["suite", "number"])]
        triggers = [
            _frozen(
                "suiteversion_used_stays",
                [
                    *("suite_id", "number", "harness", "harness_version"),
                    *("environment", "seed", "applies_chat_template"),
                ],
                "OLD.id",
                pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return _("%(suite)s, version %(number)d") % {"suite": self.suite, "number": self.number}


@pghistory.track()
class Task(models.Model):
    """One task of a suite version, under its name in the harness.

    Its questions are own `files` (names and their SHA-256), or the `configuration` of a `dataset` on the Hub at
    `revision`, a commit. Empty `revision` of such a task is *not pinned*; `questions` may be unknown only then. `chance` is the score of guessing,
    from 0 to 1, where that is defined. `content_hash` is the harness's own hash over questions, prompts and
    answers; it is empty until the first accepted run has reported it, and binding from then on.
    """

    version = models.ForeignKey(
        SuiteVersion, models.PROTECT, related_name="tasks", verbose_name=_("suite version")
    )
    name = models.CharField(_("name in the harness"), max_length=100)
    title_de = models.CharField(_("title (German)"), max_length=150)
    title_en = models.CharField(_("title (English)"), max_length=150)
    metrics = models.JSONField(_("metrics"), default=list)
    questions = models.PositiveIntegerField(_("questions"), null=True, blank=True)
    shots = models.PositiveSmallIntegerField(_("examples in the prompt"), default=0)
    chance = models.FloatField(_("score of guessing"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10)
    licence = models.CharField(_("licence"), max_length=60)
    non_commercial = models.BooleanField(_("non-commercial use only"), default=False)
    files = models.JSONField(_("files"), default=dict)
    dataset = models.CharField(_("data set"), max_length=150, blank=True)
    configuration = models.CharField(_("part of the data set"), max_length=100, blank=True)
    revision = models.CharField(_("commit of the data set"), max_length=40, blank=True, validators=[COMMIT])
    content_hash = models.CharField(_("hash of the content"), max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["version", "name"]
        constraints = [
            models.UniqueConstraint(name="task_once_in_a_version", fields=["version", "name"]),
            models.CheckConstraint(
                name="task_chance_is_a_share",
                condition=Q(chance__isnull=True) | Q(chance__gte=0, chance__lte=1),
            ),
            models.CheckConstraint(
                name="task_has_files_or_a_dataset",
                condition=Q(dataset="", configuration="", revision="") & ~Q(files={})
                | ~Q(dataset="") & Q(files={}),
            ),
            models.CheckConstraint(
                name="task_pinned_questions_are_counted",
                condition=Q(questions__isnull=False) | (~Q(dataset="") & Q(revision="")),
            ),
            models.CheckConstraint(
                name="task_revision_is_a_commit",
                condition=Q(revision="") | Q(revision__regex=r"^[0-9a-f]{40}$"),
            ),
        ]
        triggers = [
            _frozen(
                "task_used_stays",
                [
                    *("version_id", "name", "metrics", "questions", "shots", "chance", "language", "licence"),
                    *("non_commercial", "files", "dataset", "configuration", "revision"),
                ],
                "COALESCE(OLD.version_id, NEW.version_id)",
                pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            ),
            pgtrigger.Trigger(
                name="task_hash_binds",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("content_hash"),
                condition=pgtrigger.Q(old__content_hash__df=pgtrigger.F("new__content_hash"))
                & ~pgtrigger.Q(old__content_hash=""),
                func="""
                    RAISE EXCEPTION 'the hash of the first accepted run is binding'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'task_hash_binds';
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_en if get_language() == "en" else self.title_de

    @property
    def is_pinned(self) -> bool:
        """Whether exactly the same questions can be fetched again."""
        return bool(self.files or self.revision)
