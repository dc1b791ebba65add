"""The public board of a round: its chain, which says nothing about the content of a ballot."""

import re

from django.db.models import Exists, OuterRef, Q, QuerySet

from voting.models import ChainRecord, Round

HASH = re.compile(r"[0-9a-f]{8,64}")


def public_rounds() -> QuerySet[Round]:
    """Rounds whose rules are published; everybody may read their board, signed in or not."""
    return Round.objects.filter(Exists(ChainRecord.objects.filter(round=OuterRef("pk"))))


def find_records(voting_round: Round, asked: str = "") -> QuerySet[ChainRecord]:
    """All records, or those whose hash or whose ballot's hash begins with `asked` (at least eight digits)."""
    rows = ChainRecord.objects.filter(round=voting_round)
    wanted = "".join(asked.split()).lower()
    if not wanted:
        return rows
    if not HASH.fullmatch(wanted):
        return rows.none()
    return rows.filter(Q(digest__startswith=wanted) | Q(body__contains=f'"commitment":"{wanted}'))
