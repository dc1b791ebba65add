"""Letters to people: written with the change that they tell of, sent afterwards, at least once and rarely twice."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import User
from activity.models import Mail
from activity.tasks import send_mails


def write(*, to: Iterable[User], key: str, template: str, context: Mapping[str, Any]) -> int:
    """Queues one letter for each of `to`, in the reader's language; returns how many were asked for.

    Call it inside the transaction of the change: a letter without its change, or the reverse, must not exist. `key`
    names the occasion; whoever has a letter of this key gets no second one. The first line of `template` is the
    subject, the rest after an empty line the text.
    """
    letters = []
    for person in to:
        with translation.override(person.language or settings.LANGUAGE_CODE):
            text = render_to_string(template, {**context, "person": person, "site_url": settings.SITE_URL})
        subject, _blank, body = text.strip().partition("\n")
        letters.append(
            Mail(recipient=person, key=key, subject=subject.strip()[:200], body=body.strip() + "\n")
        )
    Mail.objects.bulk_create(letters, ignore_conflicts=True)
    if letters:
        # The change stands whether the queue answers or not; then the next tick sends the letters.
        transaction.on_commit(send_mails.delay, robust=True)
    return len(letters)
