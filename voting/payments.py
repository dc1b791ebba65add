"""Who paid how much for what, under the pseudonyms of the round."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import F, QuerySet

from accounts.models import User
from voting.ballotpaper import reads_proposals
from voting.models import Purse, ResultItem, Round, TrackResult


@dataclass(frozen=True)
class Payment:
    """`is_all`: less than the price, because nothing more was left (only where nobody gave points)."""

    row: ResultItem
    amount: Fraction
    is_all: bool


@dataclass(frozen=True)
class Account:
    """One voter in one election: what it paid, in the order of funding, and what it kept."""

    pseudonym: str
    part: TrackResult | None
    payments: list[Payment]
    left: Fraction

    @property
    def share(self) -> Fraction:
        return sum((each.amount for each in self.payments), self.left)

    def paid_for(self, row: ResultItem) -> Payment:
        return next(each for each in self.payments if each.row.pk == row.pk)


def may_read_payments(user: User, voting_round: Round) -> bool:
    """The kit says the same: for members and CESAI after the count, for everybody once the result is final."""
    if voting_round.kind != Round.Kind.PORTAL or not voting_round.is_counted:
        return False
    return voting_round.status == Round.Status.FINAL or reads_proposals(user)


def purses_of(voting_round: Round) -> QuerySet[Purse]:
    """Each with its `pseudonym`, by which alone it may be shown and sorted."""
    purses = Purse.objects.filter(result__round=voting_round).select_related("part__track")
    return purses.annotate(pseudonym=F("voter__pseudonym")).order_by("pseudonym", "pk")


def bought_in(voting_round: Round) -> list[ResultItem]:
    """What was bought with the shares, by track and step; one statement."""
    rows = ResultItem.objects.filter(result__round=voting_round, step__isnull=False)
    return list(rows.select_related("item", "part__track").order_by("part__track__code", "step", "pk"))


def accounts_of(voting_round: Round, purses: Iterable[Purse], bought: Sequence[ResultItem]) -> list[Account]:
    """`purses` as `purses_of` gives them; needs no statement."""
    return [
        Account(
            pseudonym=purse.pseudonym,  # type: ignore[attr-defined]
            part=purse.part,
            payments=[
                _payment(voting_round, row, Fraction(purse.paid[row.item.code]))
                for row in bought
                if row.item.code in purse.paid
            ],
            left=Fraction(purse.left),
        )
        for purse in purses
    ]


def _payment(voting_round: Round, row: ResultItem, amount: Fraction) -> Payment:
    return Payment(row, amount, not voting_round.asks_points and amount < Fraction(row.price))
