"""Lists of the API: one statement, no instance per row, the same filters and pages as the HTML lists."""

from typing import Any

from django.db.models import QuerySet
from django_filters import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.keyset import PARAMETER, paginate


class RowSerializer(serializers.Serializer):
    """Describes rows for the schema and names the columns to read; it never touches an instance.

    A field's `source` names the column (with joins, `organisation__name`); its own name is the key in the answer.
    """

    @classmethod
    def columns(cls) -> dict[str, str]:
        return {name: field.source or name for name, field in cls._declared_fields.items()}

    @classmethod
    def sources(cls) -> list[str]:
        return list(cls.columns().values())

    @classmethod
    def renamed(cls, row: dict[str, Any]) -> dict[str, Any]:
        return {name: row[source] for name, source in cls.columns().items()}


class ListView(APIView):
    """A page of rows: `{"next": address or null, "previous": …, "results": […]}`."""

    row: type[RowSerializer]
    filterset: type[FilterSet] | None = None
    key = "created_at"
    size = 50
    descending = True

    def rows(self, request: Request) -> QuerySet:
        """What the reader may see."""
        raise NotImplementedError

    def chosen(self, request: Request, rows: QuerySet) -> FilterSet:
        """The filter with what the reader asked for; only where `filterset` is set."""
        assert self.filterset is not None
        return self.filterset(request.GET, rows, request=request)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        page = inline_serializer(
            name=f"{cls.__name__}Page",
            fields={
                "next": serializers.CharField(allow_null=True),
                "previous": serializers.CharField(allow_null=True),
                "results": cls.row(many=True),
            },
        )
        parameters = [
            OpenApiParameter(PARAMETER, OpenApiTypes.STR, description="Place in the list, from `next`.")
        ]
        if cls.filterset:
            parameters += [
                OpenApiParameter(name, OpenApiTypes.STR, description=str(each.label or name))
                for name, each in cls.filterset.base_filters.items()
            ]

        def get(self: ListView, request: Request, **kwargs: Any) -> Response:
            return self.page(request)

        cls.get = extend_schema(  # type: ignore[attr-defined]
            operation_id=_snake(cls.__name__), description=cls.__doc__, responses=page, parameters=parameters
        )(get)

    def page(self, request: Request) -> Response:
        found = self.rows(request)
        if self.filterset:
            chosen = self.chosen(request, found)
            if not chosen.is_valid():
                raise ValidationError(chosen.errors)
            found = chosen.qs
        columns = dict.fromkeys([*self.row.sources(), "id", self.key])
        page = paginate(
            request._request, found.values(*columns), key=self.key, size=self.size, descending=self.descending
        )
        return Response(
            {
                "next": page.next_url or None,
                "previous": page.previous_url or None,
                "results": [self.row.renamed(each) for each in page.rows],
            }
        )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
