"""What a tally says: who won in which step, at which exact price, and what was left."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from voting.tally.election import Number


@dataclass(frozen=True, slots=True)
class Step:
    """One funded item of the kept run.

    `price` is the most that one supporter pays (for points: pays per point), an exact rational as text.
    Supporters with less money pay all they have. `payers` paid more than nothing, `paid_in_full` the price.
    `effective_votes` is cost / price: the number of equal payers that the support is worth.
    """

    item: str
    cost: Number
    votes: int
    price: str
    payers: int
    paid_in_full: int
    effective_votes: str


@dataclass(frozen=True, slots=True)
class Remainder:
    """An item that was not funded, and the money that its supporters still hold together at the end."""

    item: str
    cost: Number
    votes: int
    money_left: str


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one rule.

    `endowment` is what each voter held in the kept run (an exact rational as text; None for greedy), `runs`
    the number of endowments that the rule asks about, the refused last one included. `completion` holds
    the items that a greedy step added without charging voters.
    """

    rule: str
    utility: str
    voters: int
    budget: Number
    spent: Number
    endowment: str | None
    runs: int
    steps: tuple[Step, ...]
    completion: tuple[str, ...]
    losers: tuple[Remainder, ...]

    @property
    def winners(self) -> tuple[str, ...]:
        """Funded items in the order in which they were funded."""
        return (*(step.item for step in self.steps), *self.completion)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: integers stay integers, other rationals become text such as `1250/3`."""
        return {
            "rule": self.rule,
            "utility": self.utility,
            "voters": self.voters,
            "budget": plain(self.budget),
            "spent": plain(self.spent),
            "left": plain(self.budget - self.spent),
            "endowment": self.endowment,
            "runs": self.runs,
            "winners": list(self.winners),
            "steps": [
                {
                    "step": number,
                    "item": step.item,
                    "cost": plain(step.cost),
                    "votes": step.votes,
                    "price": step.price,
                    "payers": step.payers,
                    "paid_in_full": step.paid_in_full,
                    "effective_votes": step.effective_votes,
                }
                for number, step in enumerate(self.steps, start=1)
            ],
            "completion": list(self.completion),
            "losers": [
                {
                    "item": lost.item,
                    "cost": plain(lost.cost),
                    "votes": lost.votes,
                    "money_left": lost.money_left,
                }
                for lost in self.losers
            ],
        }


def plain(value: Number) -> int | str:
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else str(exact)
