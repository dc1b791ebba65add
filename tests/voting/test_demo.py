"""The demo tells a story and may be loaded again."""

from portfolio import demo as portfolio_demo
from portfolio.models import ModelProposal
from voting import demo
from voting.models import BallotDraft, Delegation, Round


def test_the_demo_decides_one_round_and_opens_another(cast):
    portfolio_demo.load(cast)
    demo.load(cast)
    demo.load(cast)
    decided = Round.objects.get(title=demo.DECIDED)
    opened = Round.objects.get(title=demo.OPEN)
    assert Round.objects.count() == 2
    assert (decided.status, opened.status) == (Round.Status.FINAL, Round.Status.OPEN)
    assert decided.result.voters == 12
    assert decided.items.count() == 10
    assert decided.result.served > decided.result.served_greedy
    assert BallotDraft.objects.get().prepared_by == cast.jonas
    assert Delegation.objects.in_force().get().delegate.organisation.slug == demo.ENTRUSTED[1]
    assert ModelProposal.objects.get(title=demo.BASELINE).status == ModelProposal.Status.PRIORITISED
