"""The steps of a round and the objections to its result, through the same actions as the pages."""

from collections.abc import Callable
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.api import RowSerializer
from cesai.lib.http import require
from voting.actions import objections, results, steps
from voting.models import Objection, Round

STEPS: dict[str, Callable[..., object]] = {
    "publish": steps.publish_rules,
    "confirm": steps.confirm_proposals,
    "freeze": steps.freeze_round,
    "close": steps.close_round,
    "tally": results.tally_round,
    "finalise": objections.finalise_round,
    "cancel": steps.cancel_round,
}
WITH_A_REASON = {"close", "cancel"}


class StepBody(serializers.Serializer):
    """The step, and why: `cancel` always needs a reason, `close` before the announced end."""

    step = serializers.ChoiceField(choices=sorted(STEPS))
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class StepTaken(serializers.Serializer):
    """The status of the round afterwards."""

    slug = serializers.CharField()
    status = serializers.CharField()


class ObjectionRow(RowSerializer):
    number = serializers.IntegerField()
    organisation = serializers.CharField(source="voter__name")
    text = serializers.CharField()
    filed_at = serializers.DateTimeField()
    status = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)


class ObjectionBody(serializers.Serializer):
    text = serializers.CharField(max_length=5000)


class ObjectionDecisionBody(serializers.Serializer):
    """`uphold` true: the result can not become final."""

    uphold = serializers.BooleanField()
    reason = serializers.CharField(max_length=5000)


class StepView(APIView):
    """Steps of a round, for programme management."""

    @extend_schema(operation_id="round_step", request=StepBody, responses=StepTaken)
    def post(self, request: Request, slug: str) -> Response:
        """Takes one step; 422 with a sentence where it is not possible."""
        found = _find(request, slug)
        require(request.user, "voting.manage_round")
        body = StepBody(data=request.data)
        body.is_valid(raise_exception=True)
        step = body.validated_data["step"]
        why = {"reason": body.validated_data["reason"]} if step in WITH_A_REASON else {}
        STEPS[step](by=request.user, voting_round=found, **why)
        found.refresh_from_db()
        return Response({"slug": found.slug, "status": found.status})


class ObjectionsView(APIView):
    """Objections that you may read: your own organisation's, or all for programme management and auditors."""

    @extend_schema(operation_id="objection_list", responses=ObjectionRow(many=True))
    def get(self, request: Request, slug: str) -> Response:
        rows = Objection.objects.visible_to(request.user).filter(round=_find(request, slug))
        return Response([ObjectionRow.renamed(row) for row in rows.values(*ObjectionRow.sources())])

    @extend_schema(operation_id="objection_file", request=ObjectionBody, responses={201: ObjectionRow})
    def post(self, request: Request, slug: str) -> Response:
        """Files an objection of the organisation that you represent."""
        found = _find(request, slug)
        require(request.user, "voting.file_objection", found)
        body = ObjectionBody(data=request.data)
        body.is_valid(raise_exception=True)
        filed = objections.file_objection(by=request.user, voting_round=found, **body.validated_data)
        return Response(_row(filed), status=status.HTTP_201_CREATED)


class DecisionView(APIView):
    """The decision about an objection, for programme management."""

    @extend_schema(operation_id="objection_decide", request=ObjectionDecisionBody, responses=ObjectionRow)
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Decides once and for all."""
        found = _find(request, slug)
        require(request.user, "voting.manage_round")
        objection: Any = get_object_or_404(Objection, round=found, number=number)
        body = ObjectionDecisionBody(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(
            _row(objections.decide_objection(by=request.user, objection=objection, **body.validated_data))
        )


def _find(request: Request, slug: str) -> Round:
    found: Round = get_object_or_404(Round.objects.visible_to(request.user).with_clock(), slug=slug)
    return found


def _row(objection: Objection) -> dict[str, Any]:
    row = Objection.objects.filter(pk=objection.pk).values(*ObjectionRow.sources()).get()
    return ObjectionRow.renamed(row)


urlpatterns = [
    path("rounds/<slug:slug>/steps/", StepView.as_view(), name="round_step"),
    path("rounds/<slug:slug>/objections/", ObjectionsView.as_view(), name="objection_list"),
    path(
        "rounds/<slug:slug>/objections/<int:number>/decision/",
        DecisionView.as_view(),
        name="objection_decide",
    ),
]
