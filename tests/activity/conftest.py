import pytest

from portfolio.models import UseCase
from tests.portfolio.factories import DraftFactory


@pytest.fixture
def use_case_draft(cast) -> UseCase:
    return DraftFactory()
