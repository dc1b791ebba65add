"""Admin pages whose every change is one of the app's actions."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import ngettext

from cesai.lib.refusals import Refused
from cesai.templatetags.figures import euro

CENTS = "_cents"


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that people and jobs change through actions only: the admin shows them and offers the actions.

    Amounts in cents are shown in euro: `cost_cents` of the model is the column and the line `cost_euro` here.
    """

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        for field in model._meta.fields:
            if field.name.endswith(CENTS):
                setattr(self, _in_euro(field.name), _amount(field.name, field.verbose_name))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [_in_euro(field.name) for field in self.model._meta.fields if field.name != "search"]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        amounts = [field.name for field in self.model._meta.fields if field.name.endswith(CENTS)]
        return [*(super().get_exclude(request, obj) or ()), *amounts]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        buttons = dict.fromkeys(["show_save", "show_save_and_continue", "show_save_and_add_another"], False)
        return super().changeform_view(request, object_id, form_url, {**buttons, **(extra_context or {})})

    def each(self, request: HttpRequest, rows: QuerySet, act: Callable[[Any], object]) -> None:
        each(request, rows, act)


def _in_euro(field: str) -> str:
    return f"{field.removesuffix(CENTS)}_euro" if field.endswith(CENTS) else field


def _amount(field: str, label: Any) -> Callable[[Model], str]:
    @admin.display(description=label, ordering=field)
    def amount(row: Model) -> str:
        cents = getattr(row, field)
        return "–" if cents is None else euro(cents)

    return amount


def each(request: HttpRequest, rows: QuerySet, act: Callable[[Any], object]) -> None:
    """Calls `act` for each row; refusals become messages and stop nothing else."""
    done = 0
    for row in rows:
        try:
            act(row)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            done += 1
    if done:
        messages.success(
            request, ngettext("%(done)s row: done.", "%(done)s rows: done.", done) % {"done": done}
        )


def back_to(target: Model) -> HttpResponse:
    """The change page of `target`."""

    name = f"admin:{target._meta.app_label}_{target._meta.model_name}_change"
    return HttpResponseRedirect(reverse(name, args=[target.pk]))
