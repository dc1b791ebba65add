"""The hash chain of each round, kept by the database: nothing in it can be changed, and nothing can be put beside it."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from voting import chain
from voting.models.laws import never_emptied
from voting.models.round import Round


def _may_follow() -> str:
    """`chain.FOLLOWS` as pairs of SQL; an empty text stands for the beginning."""
    return ", ".join(
        f"('{before or ''}', '{kind}')" for kind, kinds in chain.FOLLOWS.items() for before in kinds
    )


# The law behind `actions.chain.append`. The lock on the round lets one record follow another, never two the same.
FOLLOWS_THE_LAST = f"""
DECLARE
    last record;
    said jsonb;
BEGIN
    PERFORM 1 FROM voting_round WHERE id = NEW.round_id FOR NO KEY UPDATE;
    SELECT sequence, digest, kind INTO last
    FROM voting_chainrecord WHERE round_id = NEW.round_id ORDER BY sequence DESC LIMIT 1;
    said := NEW.body::jsonb;
    IF NEW.sequence <> coalesce(last.sequence, 0) + 1
        OR NEW.previous <> coalesce(last.digest, '{chain.NOTHING}')
        OR NEW.digest <> encode(sha256(convert_to(NEW.previous || NEW.body, 'UTF8')), 'hex')
        OR said ->> 'kind' IS DISTINCT FROM NEW.kind
        OR said ->> 'sequence' IS DISTINCT FROM NEW.sequence::text
        OR (coalesce(last.kind, ''), NEW.kind) NOT IN ({_may_follow()})
    THEN
        RAISE EXCEPTION 'the record does not follow the last one of the chain' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
"""  # noqa: S608 - built from this project's own constants


class ChainRecord(models.Model):
    """One step of a round. `body` is the exact text that was hashed; records of ballots carry no time."""

    class Kind(models.TextChoices):
        RULES = chain.RULES, _("Rules")
        PROPOSALS = chain.PROPOSALS, _("Proposals and costs")
        FREEZE = chain.FREEZE, _("Ballot paper and electorate")
        BALLOT = chain.BALLOT, _("Ballot")
        CLOSE = chain.CLOSE, _("Closing")
        RESULT = chain.RESULT, _("Result")
        OBJECTION = chain.OBJECTION, _("Objection")
        DECISION = chain.DECISION, _("Decision on an objection")
        FINAL = chain.FINAL, _("Final result")
        CANCELLED = chain.CANCELLED, _("Cancellation")

    round = models.ForeignKey(Round, models.PROTECT, related_name="records", verbose_name=_("round"))
    sequence = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    body = models.TextField(_("text"))
    previous = models.CharField(_("hash before"), max_length=64)
    digest = models.CharField(_("hash"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("record of the chain")
        verbose_name_plural = _("records of the chain")
        ordering = ["round", "sequence"]
        constraints = [
            models.UniqueConstraint(name="chainrecord_sequence_once", fields=["round", "sequence"]),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            never_emptied(),
            pgtrigger.Trigger(
                name="follows_the_last",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=pgtrigger.Func(FOLLOWS_THE_LAST),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} · {self.sequence}"
