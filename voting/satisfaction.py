"""Which part of the organisations of each size got something funded, so that nobody can be told apart.

A class with fewer than `K` organisations that voted is shown together with the next larger one; what remains too small at
the end joins the group before it. So every organisation that voted stands in exactly one group of at least `K`, nothing
is left out, and no class follows from the total minus the others. Where fewer than `K` voted there is no group at all.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

K = 5


@dataclass
class Group:
    """Size classes shown as one, how many of their organisations voted, and how many of these got something funded."""

    sizes: list[str]
    voters: int
    served: int


def grouped(voted: Iterable[tuple[str, bool]], order: Sequence[str], present: Collection[str]) -> list[Group]:
    """Groups of at least `K`, in `order`.

    `voted`: size class of each organisation that voted, and whether something that it approved is funded; `present`: the
    classes of the electorate, so that a group names a class of which nobody voted, and says nothing about it.
    """
    found = {size: Group([size], 0, 0) for size in order if size in present}
    for size, served in voted:
        found[size].voters += 1
        found[size].served += served
    groups: list[Group] = []
    waiting: Group | None = None
    for each in found.values():
        waiting = _joined(waiting, each) if waiting else each
        if waiting.voters >= K:
            groups.append(waiting)
            waiting = None
    if waiting and groups:
        groups.append(_joined(groups.pop(), waiting))
    return groups


def stored(groups: Iterable[Group]) -> dict[str, Any]:
    """As the result keeps it."""
    return {"k": K, "classes": [asdict(group) for group in groups]}


def _joined(one: Group, other: Group) -> Group:
    return Group(one.sizes + other.sizes, one.voters + other.voters, one.served + other.served)
