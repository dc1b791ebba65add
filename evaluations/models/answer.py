"""What was asked and what was answered, question by question."""

import zlib
from typing import Any, Self

import numpy as np
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.models.run import Run
from evaluations.models.score import Score
from evaluations.models.suite import SHA256, Task
from evaluations.paired import Vector


class Question(models.Model):
    """A question as it was sent, stored once for all runs. `key` is derived from its content and never changes."""

    key = models.UUIDField(_("key"), unique=True, editable=False)
    doc_hash = models.CharField(_("hash of the document"), max_length=64, validators=[SHA256])
    prompt_hash = models.CharField(_("hash of the prompt"), max_length=64, validators=[SHA256])
    target_hash = models.CharField(_("hash of the expected answer"), max_length=64, validators=[SHA256])
    prompt = models.TextField(_("prompt"), max_length=20_000, blank=True)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    target = models.TextField(_("expected answer"), max_length=4_000, blank=True)
    search = models.GeneratedField(
        expression=SearchVector("prompt", "target", config="german"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        indexes = [GinIndex(fields=["search"], name="question_search")]

    def __str__(self) -> str:
        return self.prompt[:80]


class AnswerQuerySet(models.QuerySet["Answer"]):
    def changed_against(self, run: Run) -> Self:
        """Answers to questions that `run` answered with another value."""
        other = Answer.objects.filter(run=run, question=models.OuterRef("question"))
        return self.filter(models.Exists(other.exclude(value=models.OuterRef("value"))))


class Answer(models.Model):
    """One model's answer to one question. `number` counts the answers of a run; `value` is the task's first metric,
    `is_right` empty where that is neither 0 nor 1.
    """

    run = models.ForeignKey(
        Run, models.PROTECT, related_name="answers", verbose_name=_("run"), db_index=False
    )
    task = models.ForeignKey(Task, models.PROTECT, related_name="+", verbose_name=_("task"), db_index=False)
    question = models.ForeignKey(
        Question, models.PROTECT, related_name="answers", verbose_name=_("question"), db_index=False
    )
    number = models.PositiveIntegerField(_("number"))
    doc_id = models.PositiveIntegerField(_("number in the data set"))
    value = models.FloatField(_("value"))
    is_right = models.BooleanField(_("right"), null=True)
    response = models.TextField(_("answer"), max_length=4_000, blank=True)

    objects: AnswerQuerySet = AnswerQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(name="answer_number_once", fields=["run", "number"]),
            models.UniqueConstraint(name="answer_once_per_question", fields=["question", "run"]),
        ]
        indexes = [models.Index(fields=["run", "is_right", "number"], name="answer_right_or_wrong")]

    def __str__(self) -> str:
        return f"{self.run_id} #{self.number}"


class AnswerVector(models.Model):
    """The values behind one score, in the order of the questions, in a few bytes: what comparisons are computed from.

    Vectors with equal `questions_hash` answer the same questions in the same order; no others are ever paired.
    """

    score = models.OneToOneField(
        Score, models.CASCADE, primary_key=True, related_name="vector", verbose_name=_("score")
    )
    questions_hash = models.CharField(_("hash of the questions"), max_length=64, validators=[SHA256])
    is_binary = models.BooleanField(_("right or wrong"))
    packed = models.BinaryField(_("values"), editable=False)

    class Meta:
        verbose_name = _("answers behind a score")
        verbose_name_plural = _("answers behind scores")

    def __str__(self) -> str:
        return str(self.score_id)

    @classmethod
    def of(cls, score: Score, values: Any, questions_hash: str) -> Self:
        """Unsaved. One byte per answer where all are 0 or 1, else eight; then zlib."""
        numbers = np.asarray(values, dtype="<f8")
        is_binary = bool(np.all((numbers == 0) | (numbers == 1)))
        data = (numbers.astype("u1") if is_binary else numbers).tobytes()
        return cls(
            score=score, questions_hash=questions_hash, is_binary=is_binary, packed=zlib.compress(data)
        )

    @property
    def values(self) -> Vector:
        data = zlib.decompress(bytes(self.packed))
        return np.frombuffer(data, dtype="u1" if self.is_binary else "<f8").astype(np.float64)
