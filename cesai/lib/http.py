"""Types and helpers for views; knows no business word."""

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import BaseForm
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from cesai.lib.refusals import Refused


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


def require(user: AbstractBaseUser, permission: str, obj: Model | None = None) -> None:
    """Raises PermissionDenied (status 403) unless `user` holds `permission`, on `obj` where one is given."""
    if not user.has_perm(permission, obj):  # type: ignore[attr-defined]
        raise PermissionDenied(permission)


def refuse(form: BaseForm, refusal: Refused) -> None:
    """Shows a refusal at the field it belongs to, or on top of the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, str(refusal))
