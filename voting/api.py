"""Voting as JSON, from the same rules as the pages. Amounts are in the round's unit; exact rationals are text."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.api import ListView, RowSerializer
from voting.api_ballots import urlpatterns as ballot_urls
from voting.api_cycle import urlpatterns as cycle_urls
from voting.api_results import urlpatterns as result_urls
from voting.models import Result, ResultItem, Round, RoundItem, RoundVoter, Track, TrackResult


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
    track = serializers.CharField(source="track__code", allow_null=True)


class TrackRow(RowSerializer):
    code = serializers.CharField()
    name = serializers.CharField()
    budget = serializers.IntegerField()
    sizes = serializers.ListField(child=serializers.CharField())


class RoundVoterRow(RowSerializer):
    name = serializers.CharField()


class RoundDetail(RoundRow):
    question = serializers.CharField()
    minimum_approvals = serializers.IntegerField()
    objection_days = serializers.IntegerField()
    closed_at = serializers.DateTimeField(allow_null=True)
    closing_reason = serializers.CharField(allow_blank=True)
    objections_until = serializers.DateTimeField(allow_null=True)
    cancel_reason = serializers.CharField(allow_blank=True)
    points_total = serializers.IntegerField()
    points_most = serializers.IntegerField()
    four_eyes = serializers.BooleanField()
    delegation = serializers.BooleanField()


class RoundWithItems(RoundDetail):
    tracks = TrackRow(many=True)
    items = RoundItemRow(many=True)
    voters = RoundVoterRow(many=True)


class ResultItemRow(RowSerializer):
    code = serializers.CharField(source="item__code")
    title = serializers.CharField(source="item__title")
    track = serializers.CharField(source="item__track__code", allow_null=True)
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
    without_own = serializers.JSONField(allow_null=True)
    satisfaction = serializers.JSONField(allow_null=True)
    walk = serializers.JSONField(allow_null=True)
    computed_at = serializers.DateTimeField()


class TrackResultRow(RowSerializer):
    code = serializers.CharField(source="track__code")
    name = serializers.CharField(source="track__name")
    budget = serializers.IntegerField(source="track__budget")
    voters = serializers.IntegerField()
    spent = serializers.IntegerField()
    endowment = serializers.CharField(allow_blank=True)
    runs = serializers.IntegerField()


class ResultWithItems(ResultRow):
    tracks = TrackResultRow(many=True)
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
        tracks = Track.objects.filter(round=found["id"])
        return Response(
            {
                **RoundDetail.renamed(found),
                "tracks": [TrackRow.renamed(row) for row in tracks.values(*TrackRow.sources())],
                "items": [RoundItemRow.renamed(row) for row in items.values(*RoundItemRow.sources())],
                "voters": [RoundVoterRow.renamed(row) for row in voters.values(*RoundVoterRow.sources())],
            }
        )


class ResultView(APIView):
    """The result of a counted round; 404 before."""

    @extend_schema(operation_id="round_result", responses=ResultWithItems)
    def get(self, request: Request, slug: str) -> Response:
        rounds = Round.objects.visible_to(request.user).counted()
        found: Any = get_object_or_404(rounds.only("pk"), slug=slug)
        result = Result.objects.values("id", *ResultRow.sources()).get(round=found.pk)
        items = ResultItem.objects.filter(result=result["id"]).values(*ResultItemRow.sources())
        tracks = TrackResult.objects.filter(result=result["id"]).values(*TrackResultRow.sources())
        return Response(
            {
                **ResultRow.renamed(result),
                "tracks": [TrackResultRow.renamed(row) for row in tracks],
                "items": [ResultItemRow.renamed(row) for row in items],
            }
        )


app_name = "voting_api"
urlpatterns = [
    path("rounds/", RoundList.as_view(), name="round_list"),
    path("rounds/<slug:slug>/", RoundView.as_view(), name="round_detail"),
    *ballot_urls,
    *cycle_urls,
    *result_urls,
    path("rounds/<slug:slug>/result/", ResultView.as_view(), name="round_result"),
]
