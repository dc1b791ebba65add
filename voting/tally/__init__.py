"""The tally: from ballots, costs and a budget to winners, with exact money.

Pure Python and NumPy; imports nothing of the portal and runs alone. Two engines live here: `tally()` is
fast, `reference.tally()` is slow and plain. A result of the portal counts only when both agree.

>>> from voting.tally import Ballot, Election, Item, tally
>>> election = Election(
...     budget=100,
...     items=(Item("a", 60), Item("b", 40), Item("c", 70)),
...     ballots=(Ballot("x", ("a",)), Ballot("y", ("a", "c")), Ballot("z", ("b", "c"))),
... )
>>> tally(election).winners
('a', 'b')
"""

from voting.tally.election import (
    Ballot,
    Election,
    InvalidElection,
    Item,
    TallyError,
    TieUnresolved,
    TooManyRuns,
    Utility,
)
from voting.tally.result import Remainder, Result, Step
from voting.tally.rules import RULES, Rule, payments, tally

__all__ = [
    "RULES",
    "Ballot",
    "Election",
    "InvalidElection",
    "Item",
    "Remainder",
    "Result",
    "Rule",
    "Step",
    "TallyError",
    "TieUnresolved",
    "TooManyRuns",
    "Utility",
    "payments",
    "tally",
]
