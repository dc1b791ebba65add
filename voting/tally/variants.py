"""Variants of one election that are counted side by side: other costs, other weights, another set of supporters."""

from dataclasses import dataclass

import numpy as np

from voting.tally.compiled import Compiled, Floats, Ints

NO_ITEM = -1


@dataclass(frozen=True, slots=True)
class Variants:
    """`costs[v, item]` and `weights[v, group]`: how many ballots of each group variant v has.

    `changed[v]` is the item that the variant is about. `ties[v]` lists all items in the order of ties and `ranks[v]` their ranks in that order; equal ranks are a tie
    that nothing decides. In variant v the item `target[v]` is supported by the first `reach[v]` groups of `order[v]`
    instead, with `points[v]` each (by place in `order`).
    """

    costs: Floats
    weights: Floats
    changed: Ints
    ties: Ints
    ranks: Ints
    target: Ints
    order: Ints
    points: Floats
    reach: Ints

    def __len__(self) -> int:
        return len(self.costs)


def plain_variants(compiled: Compiled, weights: Floats, ranks: tuple[int, ...]) -> Variants:
    """One variant for each row of `weights`, with costs and supporters as they are; lower `ranks` win ties."""
    count = len(weights)
    order = np.lexsort((np.arange(len(ranks)), np.array(ranks)))
    return Variants(
        costs=np.tile(np.array(compiled.costs, dtype=np.float64), (count, 1)),
        weights=weights,
        changed=np.full(count, NO_ITEM),
        ties=np.tile(order, (count, 1)),
        ranks=np.tile(np.array(ranks)[order], (count, 1)),
        target=np.full(count, NO_ITEM),
        order=np.zeros((count, 0), dtype=np.int64),
        points=np.ones((count, 0)),
        reach=np.zeros(count, dtype=np.int64),
    )
