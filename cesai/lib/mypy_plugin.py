"""Tells mypy that `request.user` is our User: pages and API stand behind a sign-in (`login_required`, `IsAuthenticated`).

The few public pages ask `request.user.is_authenticated` first; `tests/test_access.py` visits every address signed out.
"""

from collections.abc import Callable

from mypy.plugin import AttributeContext, Plugin
from mypy.types import Instance, Type

REQUESTS = frozenset({"django.http.request.HttpRequest.user", "rest_framework.request.Request.user"})


class SignedInPlugin(Plugin):
    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        return _signed_in if fullname in REQUESTS else None


def _signed_in(context: AttributeContext) -> Type:
    user = context.api.modules["accounts.models.user"].names["User"].node  # type: ignore[attr-defined]
    return Instance(user, [])


def plugin(version: str) -> type[Plugin]:
    return SignedInPlugin
