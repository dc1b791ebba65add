"""Voting as JSON, from the same rules as the pages. Amounts are in the round's unit; exact rationals are text."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.api import ListView, RowSerializer
from cesai.lib.http import require
from voting.actions.ballots import cast_ballot
from voting.ballotpaper import own_vote
from voting.models import Result, ResultItem, Round, RoundItem, RoundVoter


class RoundRow(RowSerializer):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    rule = serializers.CharField()
    utility = serializers.CharField()
    budget = serializers.IntegerField()
    unit = serializers.CharField()
    opens_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class RoundItemRow(RowSerializer):
    code = serializers.CharField()
    title = serializers.CharField()
    cost = serializers.IntegerField()
    proposal = serializers.CharField(source="proposal__code", allow_null=True)


class RoundVoterRow(RowSerializer):
    name = serializers.CharField()


class RoundDetail(RoundRow):
    question = serializers.CharField()
    minimum_approvals = serializers.IntegerField()


class RoundWithItems(RoundDetail):
    items = RoundItemRow(many=True)
    voters = RoundVoterRow(many=True)


class BallotBody(serializers.Serializer):
    """Codes of the approved items."""

    approvals = serializers.ListField(child=serializers.CharField(max_length=60), max_length=1000)


class OwnBallot(serializers.Serializer):
    """The current ballot of your organisation; `version` 0 and no approvals before it has voted."""

    organisation = serializers.CharField()
    version = serializers.IntegerField()
    approvals = serializers.ListField(child=serializers.CharField())
    cast_at = serializers.DateTimeField(allow_null=True)


class ResultItemRow(RowSerializer):
    code = serializers.CharField(source="item__code")
    title = serializers.CharField(source="item__title")
    cost = serializers.IntegerField(source="item__cost")
    votes = serializers.IntegerField()
    won = serializers.BooleanField()
    step = serializers.IntegerField(allow_null=True)
    price = serializers.CharField(allow_blank=True)
    payers = serializers.IntegerField(allow_null=True)
    effective_votes = serializers.CharField(allow_blank=True)
    money_left = serializers.CharField(allow_blank=True)
    won_greedy = serializers.BooleanField()
    explanation = serializers.JSONField(allow_null=True)


class ResultRow(RowSerializer):
    voters = serializers.IntegerField()
    spent = serializers.IntegerField()
    endowment = serializers.CharField(allow_blank=True)
    runs = serializers.IntegerField()
    served = serializers.IntegerField()
    served_greedy = serializers.IntegerField()
    confirmed = serializers.BooleanField()
    robustness = serializers.JSONField(allow_null=True)
    computed_at = serializers.DateTimeField()


class ResultWithItems(ResultRow):
    items = ResultItemRow(many=True)


class RoundList(ListView):
    """Voting rounds that you may see, newest first."""

    row = RoundRow

    def rows(self, request: Request) -> QuerySet:
        return Round.objects.visible_to(request.user)


class RoundView(APIView):
    """One round with its items and electorate."""

    @extend_schema(operation_id="round_detail", responses=RoundWithItems)
    def get(self, request: Request, slug: str) -> Response:
        rows = Round.objects.visible_to(request.user).values(*RoundDetail.sources())
        found = get_object_or_404(rows, slug=slug)
        items = RoundItem.objects.filter(round=found["id"]).order_by("code", "pk")
        voters = RoundVoter.objects.filter(round=found["id"]).order_by("name", "pk")
        return Response(
            {
                **RoundDetail.renamed(found),
                "items": [RoundItemRow.renamed(row) for row in items.values(*RoundItemRow.sources())],
                "voters": [RoundVoterRow.renamed(row) for row in voters.values(*RoundVoterRow.sources())],
            }
        )


class BallotView(APIView):
    """The ballot of the organisation that you represent."""

    @extend_schema(operation_id="ballot_detail", responses=OwnBallot)
    def get(self, request: Request, slug: str) -> Response:
        return Response(_own_ballot(request, self._find(request, slug)))

    @extend_schema(operation_id="ballot_cast", request=BallotBody, responses={201: OwnBallot})
    def post(self, request: Request, slug: str) -> Response:
        """Casts the ballot, or casts it anew; the last version counts."""
        found = self._find(request, slug)
        body = BallotBody(data=request.data)
        body.is_valid(raise_exception=True)
        cast_ballot(by=request.user, voting_round=found, approvals=body.validated_data["approvals"])
        return Response(_own_ballot(request, found), status=status.HTTP_201_CREATED)

    def _find(self, request: Request, slug: str) -> Round:
        found: Any = get_object_or_404(Round.objects.visible_to(request.user).with_clock(), slug=slug)
        require(request.user, "voting.cast_ballot", found)
        return found


class ResultView(APIView):
    """The result of a counted round; 404 before."""

    @extend_schema(operation_id="round_result", responses=ResultWithItems)
    def get(self, request: Request, slug: str) -> Response:
        rounds = Round.objects.visible_to(request.user).filter(status=Round.Status.TALLIED)
        found: Any = get_object_or_404(rounds.only("pk"), slug=slug)
        result = Result.objects.values("id", *ResultRow.sources()).get(round=found.pk)
        items = ResultItem.objects.filter(result=result["id"]).values(*ResultItemRow.sources())
        return Response({**ResultRow.renamed(result), "items": [ResultItemRow.renamed(row) for row in items]})


def _own_ballot(request: Request, found: Round) -> dict[str, Any]:
    own = own_vote(request.user, found)
    assert own is not None
    codes = dict(found.items.values_list("pk", "code"))
    return {
        "organisation": own.voter.name,
        "version": own.ballot.version if own.ballot else 0,
        "approvals": [codes[key] for key in own.ballot.approvals] if own.ballot else [],
        "cast_at": own.ballot.cast_at if own.ballot else None,
    }


app_name = "voting_api"
urlpatterns = [
    path("rounds/", RoundList.as_view(), name="round_list"),
    path("rounds/<slug:slug>/", RoundView.as_view(), name="round_detail"),
    path("rounds/<slug:slug>/ballot/", BallotView.as_view(), name="ballot"),
    path("rounds/<slug:slug>/result/", ResultView.as_view(), name="round_result"),
]
