from datetime import date

import pytest

from .factories import make_award, make_plan


@pytest.fixture
def award(petra, bezirksregierung, cesai):
    """An award with an approved plan: 1,000.00 on 0812 and 1,000.00 on 0835, half of it in each year."""
    award = make_award(by=petra, funder=bezirksregierung, recipient=cesai)
    amounts = {(position, year): 50_000 for position in ("0812", "0835") for year in (2026, 2027)}
    make_plan(award, by=petra, amounts=amounts, approved_on=date(2026, 1, 15))
    return award
