"""Writing the answers of a run: questions once for all runs, answers one row each, values packed per score."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from evaluations.models import Answer, AnswerVector, Question, Run, Score
from evaluations.samples import Answers
from evaluations.samples import Question as Asked

ROWS_AT_ONCE = 2000


def store_answers(run: Run, scores: Sequence[Score], answers: Mapping[str, Answers]) -> None:
    """Keep the answers behind `scores`; call it once per run, inside the transaction that writes them."""
    by_task = {score.task.name: score.task for score in scores}
    number = 0
    for name, found in answers.items():
        if not found.questions_hash:
            continue
        ids = _keep_questions(found.questions)
        rows = []
        for asked, given in zip(found.questions, found.answers, strict=True):
            number += 1
            rows.append(
                Answer(
                    run=run,
                    task=by_task[name],
                    question_id=ids[asked.key],
                    number=number,
                    doc_id=given.doc_id,
                    value=given.value,
                    is_right=given.is_right,
                    response=given.response,
                )
            )
        Answer.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    vectors = []
    for score in scores:
        behind = answers.get(score.task.name)
        if behind and behind.questions_hash:
            vectors.append(AnswerVector.of(score, behind.values[score.metric], behind.questions_hash))
    AnswerVector.objects.bulk_create(vectors)


def _keep_questions(asked: list[Asked]) -> dict[UUID, int]:
    """Ids by key; another run may be writing the same questions at this moment."""
    ids: dict[UUID, int] = {}
    for start in range(0, len(asked), ROWS_AT_ONCE):
        batch = asked[start : start + ROWS_AT_ONCE]
        keys = [each.key for each in batch]
        known = dict(Question.objects.filter(key__in=keys).values_list("key", "pk"))
        missing = [each for each in batch if each.key not in known]
        if missing:
            # In the order of the key, so that two runs wait for each other instead of blocking each other.
            Question.objects.bulk_create(
                [
                    Question(
                        key=each.key,
                        doc_hash=each.doc_hash,
                        prompt_hash=each.prompt_hash,
                        target_hash=each.target_hash,
                        prompt=each.prompt,
                        choices=each.choices,
                        target=each.target,
                    )
                    for each in sorted(missing, key=lambda each: each.key)
                ],
                ignore_conflicts=True,
            )
            known = dict(Question.objects.filter(key__in=keys).values_list("key", "pk"))
        ids |= known
    return ids
