"""Ballots, drafts, delegations and the public board as JSON, through the same actions as the pages."""

from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.api import RowSerializer
from cesai.lib.http import require
from cesai.lib.keyset import PARAMETER, paginate
from voting.actions import delegations, drafts
from voting.actions.ballots import cast_ballot
from voting.ballotpaper import own_vote
from voting.board import find_records, public_rounds
from voting.models import Ballot, BallotDraft, Delegation, Round, RoundVoter
from voting.receipts import receipt_of

MOST_ITEMS = 1000


class ChoiceBody(serializers.Serializer):
    """Codes of the approved items; a round that asks for points takes points by code instead."""

    approvals = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=MOST_ITEMS, required=False
    )
    points = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=32767), required=False
    )

    def validate_points(self, points: dict[str, int]) -> dict[str, int]:
        if len(points) > MOST_ITEMS:
            raise serializers.ValidationError(f"At most {MOST_ITEMS} items.")
        return points

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("approvals" in data) == ("points" in data):
            raise serializers.ValidationError("Give either approvals or points.")
        return data


class BallotBody(ChoiceBody):
    """`replaces` is the version you know, 0 for none: the ballot is refused (409) when another one stands there."""

    replaces = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)


class DraftBody(ChoiceBody):
    """`revision` is the draft you know, 0 for none: refused (409) when a colleague changed it meanwhile."""

    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)


class ReleaseBody(serializers.Serializer):
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class OwnBallot(serializers.Serializer):
    """The current ballot of your organisation; `version` 0 and no approvals before it has voted.

    `line` is what was hashed, `commitment` its SHA-256 on the public board, `record` the number there.
    """

    organisation = serializers.CharField()
    version = serializers.IntegerField()
    approvals = serializers.ListField(child=serializers.CharField())
    points = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    cast_at = serializers.DateTimeField(allow_null=True)
    line = serializers.CharField(allow_null=True)
    commitment = serializers.CharField(allow_null=True)
    record = serializers.IntegerField(allow_null=True)


class OwnDraft(serializers.Serializer):
    """The draft of your organisation; `revision` 0 while there is none."""

    revision = serializers.IntegerField()
    approvals = serializers.ListField(child=serializers.CharField())
    points = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    prepared_by = serializers.CharField(allow_null=True)
    needs_two_people = serializers.BooleanField()


class DelegationBody(serializers.Serializer):
    """The name of the organisation that is asked to vote for yours."""

    delegate = serializers.CharField(max_length=200)


class DelegationRow(RowSerializer):
    id = serializers.IntegerField()
    delegator = serializers.CharField(source="delegator__name")
    delegate = serializers.CharField(source="delegate__name")
    asked_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class RecordRow(RowSerializer):
    """`digest` is the SHA-256 of `previous` directly followed by `body`."""

    sequence = serializers.IntegerField()
    kind = serializers.CharField()
    body = serializers.CharField()
    previous = serializers.CharField()
    digest = serializers.CharField()


class BallotView(APIView):
    """The ballot of the organisation that you represent."""

    @extend_schema(operation_id="ballot_detail", responses=OwnBallot)
    def get(self, request: Request, slug: str) -> Response:
        return Response(_own_ballot(request, _find(request, slug, "voting.cast_ballot")))

    @extend_schema(operation_id="ballot_cast", request=BallotBody, responses={201: OwnBallot})
    def post(self, request: Request, slug: str) -> Response:
        """Casts the ballot, or casts it anew; the last version counts."""
        found = _find(request, slug, "voting.cast_ballot")
        body = BallotBody(data=request.data)
        body.is_valid(raise_exception=True)
        cast_ballot(by=request.user, voting_round=found, **body.validated_data)
        return Response(_own_ballot(request, found), status=status.HTTP_201_CREATED)


class DraftView(APIView):
    """The draft that your organisation shares."""

    @extend_schema(operation_id="draft_detail", responses=OwnDraft)
    def get(self, request: Request, slug: str) -> Response:
        return Response(_own_draft(request, _find(request, slug, "voting.prepare_ballot")))

    @extend_schema(operation_id="draft_save", request=DraftBody, responses={201: OwnDraft})
    def post(self, request: Request, slug: str) -> Response:
        """Saves the draft; it may be incomplete and counts for nothing."""
        found = _find(request, slug, "voting.prepare_ballot")
        body = DraftBody(data=request.data)
        body.is_valid(raise_exception=True)
        drafts.save_draft(by=request.user, voting_round=found, **body.validated_data)
        return Response(_own_draft(request, found), status=status.HTTP_201_CREATED)


class DraftReleaseView(APIView):
    """Casts the draft as it stands."""

    @extend_schema(operation_id="draft_release", request=ReleaseBody, responses={201: OwnBallot})
    def post(self, request: Request, slug: str) -> Response:
        found = _find(request, slug, "voting.cast_ballot")
        body = ReleaseBody(data=request.data)
        body.is_valid(raise_exception=True)
        drafts.release_draft(by=request.user, voting_round=found, **body.validated_data)
        return Response(_own_ballot(request, found), status=status.HTTP_201_CREATED)


class DelegationsView(APIView):
    """Delegations that your organisation gave or holds in a round."""

    @extend_schema(operation_id="delegation_list", responses=DelegationRow(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return Response(_delegations(request, _find(request, slug, "voting.prepare_ballot")))

    @extend_schema(
        operation_id="delegation_create", request=DelegationBody, responses={201: DelegationRow(many=True)}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Asks another organisation of the round to vote for yours."""
        found = _find(request, slug, "voting.cast_ballot")
        body = DelegationBody(data=request.data)
        body.is_valid(raise_exception=True)
        delegate = get_object_or_404(RoundVoter, round=found, name=body.validated_data["delegate"])
        delegations.ask_delegate(by=request.user, voting_round=found, delegate=delegate)
        return Response(_delegations(request, found), status=status.HTTP_201_CREATED)


class DelegationView(APIView):
    """Agreeing to a delegation, and ending one."""

    @extend_schema(operation_id="delegation_accept", request=None, responses={200: DelegationRow(many=True)})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Your organisation agrees to vote for the one that asked."""
        found = _find(request, slug, "voting.cast_ballot")
        delegations.accept_delegation(by=request.user, delegation=self._delegation(request, found, pk))
        return Response(_delegations(request, found))

    @extend_schema(operation_id="delegation_revoke", responses={200: DelegationRow(many=True)})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Either side ends it."""
        found = _find(request, slug, "voting.cast_ballot")
        delegations.revoke_delegation(by=request.user, delegation=self._delegation(request, found, pk))
        return Response(_delegations(request, found))

    def _delegation(self, request: Request, found: Round, pk: int) -> Delegation:
        rows: Any = Delegation.objects.visible_to(request.user).filter(round=found).select_related("round")
        one: Delegation = get_object_or_404(rows, pk=pk)
        return one


class BoardView(APIView):
    """The public board of a round, first record first. Needs no sign-in."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="board",
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="Hash, or its beginning."),
            OpenApiParameter(PARAMETER, OpenApiTypes.STR, description="Place in the list, from `next`."),
        ],
        responses=inline_serializer(
            name="BoardPage",
            fields={
                "next": serializers.CharField(allow_null=True),
                "previous": serializers.CharField(allow_null=True),
                "results": RecordRow(many=True),
            },
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        found: Any = get_object_or_404(public_rounds().only("pk"), slug=slug)
        rows = find_records(found, request.GET.get("q", "")).values("id", *RecordRow.sources())
        page = paginate(request._request, rows, key="sequence", size=200, descending=False)
        return Response(
            {
                "next": page.next_url or None,
                "previous": page.previous_url or None,
                "results": [RecordRow.renamed(each) for each in page.rows],
            }
        )


def _find(request: Request, slug: str, permission: str) -> Round:
    found: Any = get_object_or_404(Round.objects.visible_to(request.user).with_clock(), slug=slug)
    require(request.user, permission, found)
    return found


def _own_ballot(request: Request, found: Round) -> dict[str, Any]:
    own = own_vote(request.user, found)
    assert own is not None
    receipt = receipt_of(own.ballot) if own.ballot else None
    return {
        "organisation": own.voter.name,
        "version": own.ballot.version if own.ballot else 0,
        **_choice(found, own.ballot),
        "cast_at": own.ballot.cast_at if own.ballot else None,
        "line": receipt.line if receipt else None,
        "commitment": receipt.commitment if receipt else None,
        "record": own.ballot.record.sequence if own.ballot else None,
    }


def _own_draft(request: Request, found: Round) -> dict[str, Any]:
    own = own_vote(request.user, found)
    assert own is not None
    return {
        "revision": own.draft.revision if own.draft else 0,
        **_choice(found, own.draft),
        "prepared_by": str(own.draft.prepared_by) if own.draft else None,
        "needs_two_people": own.voter.four_eyes,
    }


def _choice(found: Round, made: Ballot | BallotDraft | None) -> dict[str, Any]:
    codes = dict(found.items.values_list("pk", "code"))
    chosen = {codes[key]: points for key, points in made.choices.items()} if made else {}
    return {"approvals": list(chosen), "points": chosen if found.asks_points else None}


def _delegations(request: Request, found: Round) -> list[dict[str, Any]]:
    rows = Delegation.objects.visible_to(request.user).filter(round=found).order_by("pk")
    return [DelegationRow.renamed(row) for row in rows.values(*DelegationRow.sources())]


urlpatterns = [
    path("rounds/<slug:slug>/ballot/", BallotView.as_view(), name="ballot"),
    path("rounds/<slug:slug>/draft/", DraftView.as_view(), name="draft"),
    path("rounds/<slug:slug>/draft/release/", DraftReleaseView.as_view(), name="draft_release"),
    path("rounds/<slug:slug>/delegations/", DelegationsView.as_view(), name="delegation_list"),
    path("rounds/<slug:slug>/delegations/<int:pk>/", DelegationView.as_view(), name="delegation"),
    path("rounds/<slug:slug>/board/", BoardView.as_view(), name="board"),
]
