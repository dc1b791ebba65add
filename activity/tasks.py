"""Sending letters; may be delivered twice."""

import logging

from celery import shared_task
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F

from activity.models import Mail

# Well within the time limit of a task, also with a slow mail server; the next tick goes on.
AT_MOST = 50

logger = logging.getLogger(__name__)


@shared_task
def send_mails() -> None:
    """Sends letters that wait, oldest first. One that fails stays and is tried again by the next tick."""
    tried: list[int] = []
    for _turn in range(AT_MOST):
        with transaction.atomic():
            # Two workers at once take different letters; a crash after sending and before the commit sends it again.
            waiting = Mail.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
                "recipient"
            )
            letter = waiting.unsent().exclude(pk__in=tried).first()
            if letter is None:
                return
            tried.append(letter.pk)
            _send(letter)


def _send(letter: Mail) -> None:
    # The same letter always has the same number, by which a mail program recognises one that came twice.
    headers = {"Message-ID": letter.message_id}
    message = EmailMessage(letter.subject, letter.body, to=[letter.recipient.email], headers=headers)
    try:
        message.send()
    except OSError as error:
        # Every trouble with a mail server is an OSError; what was told about whom stays out of the log.
        logger.warning("a letter was not sent", extra={"mail": letter.pk, "error": type(error).__name__})
        Mail.objects.filter(pk=letter.pk).update(attempts=F("attempts") + 1)
    else:
        letter.mark_sent()
