"""What a counted round says beyond its result: payments by pseudonym, and the reserve list."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.api import ListView, RowSerializer
from cesai.lib.http import require
from voting.actions.successions import move_up_item, withdraw_winner
from voting.models import Round, RoundItem, Succession
from voting.payments import may_read_payments, purses_of
from voting.reserve import Reserve, State, moves_of, reserves_of

Kind = Succession.Kind


class PaymentRow(RowSerializer):
    """What one voter paid, amounts by code of the item, and what it kept: exact rationals as text."""

    pseudonym = serializers.CharField()
    track = serializers.CharField(source="part__track__code", allow_null=True)
    paid = serializers.DictField(child=serializers.CharField())
    left = serializers.CharField()


class PlaceRow(serializers.Serializer):
    """One item of the list; the one that `is_next` may move up."""

    place = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    cost = serializers.IntegerField()
    votes = serializers.IntegerField()
    state = serializers.ChoiceField(choices=State.choices)
    is_next = serializers.BooleanField()


class ReserveRow(serializers.Serializer):
    """The list of one election; `left` is the money that is free now."""

    track = serializers.CharField(allow_null=True)
    left = serializers.IntegerField()
    places = PlaceRow(many=True)


class SuccessionRow(serializers.Serializer):
    """What moved since the result became final."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    item = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class ReserveLists(serializers.Serializer):
    """An unverified completion: no part of the counted result, and nothing that the proof kit proves."""

    lists = ReserveRow(many=True)
    moves = SuccessionRow(many=True)


class SuccessionBody(serializers.Serializer):
    """`moved_up`: the next item of the list is prioritised; `withdrawn`: a funded one is given up. With a reason."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    item = serializers.CharField(max_length=60)
    reason = serializers.CharField(max_length=2000)


class PaymentList(ListView):
    """Who paid how much, under the pseudonyms of the round: for members and CESAI, for everybody once it is final."""

    row = PaymentRow
    key = "pseudonym"
    descending = False

    def rows(self, request: Request) -> QuerySet:
        found = _find(request, self.kwargs["slug"])
        if not may_read_payments(request.user, found):
            raise PermissionDenied
        return purses_of(found)


class ReserveView(APIView):
    """The reserve list of a counted round."""

    @extend_schema(operation_id="reserve_list", responses=ReserveLists)
    def get(self, request: Request, slug: str) -> Response:
        return Response(_lists(_find(request, slug)))

    @extend_schema(operation_id="reserve_move", request=SuccessionBody, responses={201: ReserveLists})
    def post(self, request: Request, slug: str) -> Response:
        """Moves an item, for programme management; 422 with a sentence where it is not possible."""
        found = _find(request, slug)
        require(request.user, "voting.manage_round")
        body = SuccessionBody(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        rows = RoundItem.objects.select_related("proposal", "round")
        item = get_object_or_404(rows, round=found, code=asked["item"])
        move = move_up_item if asked["kind"] == Kind.MOVED_UP else withdraw_winner
        move(by=request.user, item=item, reason=asked["reason"])
        return Response(_lists(found), status=status.HTTP_201_CREATED)


def _find(request: Request, slug: str) -> Round:
    rounds = Round.objects.visible_to(request.user).counted().filter(kind=Round.Kind.PORTAL)
    found: Round = get_object_or_404(rounds, slug=slug)
    return found


def _lists(found: Round) -> dict[str, Any]:
    moves = moves_of(found)
    return {
        "lists": [_list(reserve) for reserve in reserves_of(found, moves)],
        "moves": [
            {"kind": move.kind, "item": move.item.code, "reason": move.reason, "at": move.at}
            for move in moves
        ],
    }


def _list(reserve: Reserve) -> dict[str, Any]:
    return {
        "track": reserve.part.track.code if reserve.part else None,
        "left": reserve.left,
        "places": [
            {
                "place": place.number,
                "code": place.row.item.code,
                "title": place.row.item.title,
                "cost": place.row.item.cost,
                "votes": place.row.votes,
                "state": place.state.value,
                "is_next": place.is_next,
            }
            for place in reserve.places
        ],
    }


urlpatterns = [
    path("rounds/<slug:slug>/payments/", PaymentList.as_view(), name="payment_list"),
    path("rounds/<slug:slug>/reserve/", ReserveView.as_view(), name="reserve_list"),
]
