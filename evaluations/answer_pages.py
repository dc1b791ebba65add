"""Answers to single questions as pages show them, and how to find some of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from evaluations.models import Answer, Question, Run
from evaluations.models.run import State

RIGHT, WRONG = "right", "wrong"
MOST_OTHERS = 50


class AnswerFilter(django_filters.FilterSet):
    """`changed` is the code of another run of the same suite version: only what it answered otherwise."""

    q = django_filters.CharFilter(method="by_words", label=gettext_lazy("Search"))
    task = django_filters.ChoiceFilter(
        field_name="task__name", label=gettext_lazy("Task"), empty_label=gettext_lazy("All tasks")
    )
    verdict = django_filters.ChoiceFilter(
        method="by_verdict",
        label=gettext_lazy("Answer"),
        empty_label=gettext_lazy("Right and wrong"),
        choices=[(RIGHT, gettext_lazy("Only right")), (WRONG, gettext_lazy("Only wrong"))],
    )
    changed = django_filters.ChoiceFilter(
        method="by_change", label=gettext_lazy("Answered otherwise by"), empty_label="–"
    )

    class Meta:
        model = Answer
        fields: list[str] = []

    def __init__(self, data: Any, *, run: Run, user: User, **kwargs: Any) -> None:
        rows = Answer.objects.filter(run=run).select_related("task", "question").defer("question__search")
        super().__init__(data, rows, **kwargs)
        tasks = list(run.suite_version.tasks.order_by("name"))
        # Spelled out, the tasks cost no join: answers of a run lie together by task.
        self._tasks = {task.name: task.pk for task in tasks}
        self._others = {each.code: each for each in _others(run, user)}
        self.filters["task"].extra["choices"] = [(task.name, task.title) for task in tasks]
        self.filters["task"].method = self.by_task
        self.filters["changed"].extra["choices"] = [
            (code, f"{each.release} · {code}") for code, each in self._others.items()
        ]

    @property
    def other(self) -> Run | None:
        """The run that answers are held against, if one was chosen."""
        return self._others.get(str(self.data.get("changed", ""))) if self.is_valid() else None

    def by_task(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(task_id=self._tasks[value])

    def by_words(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Words of the question by German stems, or a piece of the answer."""
        words = SearchQuery(value, config="german", search_type="websearch")
        asked = Question.objects.filter(search=words).values("pk")
        return rows.filter(Q(question__in=asked) | Q(response__icontains=value.replace("\0", "")))

    def by_verdict(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(is_right=value == RIGHT)

    def by_change(self, rows: Any, name: str, value: str) -> QuerySet:
        return rows.changed_against(self._others[value])


def _others(run: Run, user: User) -> QuerySet[Run]:
    """Accepted runs of the same suite version that `user` may see, the newest ones."""
    same = Run.objects.visible_to(user).filter(suite_version=run.suite_version_id, state=State.SUCCEEDED)
    return same.exclude(pk=run.pk).select_related("release__model").order_by("-pk")[:MOST_OTHERS]


@dataclass(frozen=True)
class Choice:
    text: str
    is_expected: bool
    is_given: bool
    is_given_by_other: bool


@dataclass(frozen=True)
class Card:
    """One question with its answers; the texts come from outside and are escaped by the template."""

    number: int
    doc_id: int
    task: str
    prompt: str
    choices: list[Choice]
    target: str
    response: str
    verdict: str
    tone: str
    other_response: str
    other_verdict: str
    other_tone: str


def cards_of(answers: Sequence[Answer], other: Run | None) -> list[Card]:
    """One statement more when there is another run to show beside."""
    theirs = {}
    if other is not None:
        same = Answer.objects.filter(run=other, question__in=[each.question_id for each in answers])
        theirs = {each.question_id: each for each in same}
    return [_card(answer, theirs.get(answer.question_id)) for answer in answers]


def _card(answer: Answer, other: Answer | None) -> Card:
    question = answer.question
    verdict, tone = _verdict(answer)
    other_verdict, other_tone = _verdict(other) if other else ("", "")
    texts = [str(each) for each in question.choices]
    return Card(
        number=answer.number,
        doc_id=answer.doc_id,
        task=str(answer.task),
        prompt=question.prompt,
        choices=[
            Choice(
                text=text,
                is_expected=text == question.target,
                is_given=text == answer.response,
                is_given_by_other=other is not None and text == other.response,
            )
            for text in texts
        ],
        target=question.target,
        response=answer.response,
        verdict=verdict,
        tone=tone,
        other_response=other.response if other else "",
        other_verdict=other_verdict,
        other_tone=other_tone,
    )


def _verdict(answer: Answer) -> tuple[str, str]:
    if answer.is_right is None:
        return number_format(round(answer.value, 3), 3), "neutral"
    return (_("Right"), "success") if answer.is_right else (_("Wrong"), "danger")
