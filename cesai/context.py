"""What every page needs: navigation of the reader's role, language, theme."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cesai.preferences import theme_of


@dataclass(frozen=True)
class NavigationItem:
    label: Any
    url: str
    active: bool


# Label, URL name, address prefixes that belong to it.
NAVIGATION = (
    (_("Overview"), "dashboard", ("/dashboard/",)),
    (_("Use cases"), "portfolio:usecase_list", ("/use-cases/", "/proposals/")),
    (_("Voting"), "voting:round_list", ("/voting/",)),
    (_("Models"), "portfolio:model_list", ("/models/", "/hub/")),
    (_("Projects"), "portfolio:project_list", ("/projects/", "/roadmap/")),
    (_("Evaluation"), "evaluations:run_list", ("/evaluations/",)),
    (_("Funding"), "funding:programme_list", ("/funding/",)),
    (_("Reports"), "reports:report_list", ("/reports/",)),
)

ACCOUNT_NAVIGATION = (
    (_("E-mail addresses"), "account_email"),
    (_("Password"), "account_change_password"),
    (_("Two-factor authentication"), "mfa_index"),
)


def account_navigation(request: HttpRequest) -> list[NavigationItem]:
    """The pages of the reader's own account."""
    if not _signed_in(request):
        return []
    items = []
    for label, name in ACCOUNT_NAVIGATION:
        with suppress(NoReverseMatch):  # parts of sign-in that this site has not switched on
            url = reverse(name)
            items.append(NavigationItem(label, url, request.path == url))
    return items


def navigation(request: HttpRequest) -> list[NavigationItem]:
    """The entries that lead this reader somewhere; none for visitors, for whom only the public pages exist."""
    if not _signed_in(request):
        return []
    return [
        NavigationItem(label, reverse(name), request.path.startswith(prefixes))
        for label, name, prefixes in NAVIGATION
        if (":" not in name or apps.is_installed(name.partition(":")[0])) and _may_open(request, name)
    ]


def _signed_in(request: HttpRequest) -> bool:
    # A request for a host that is not ours is refused before it has a user.
    return hasattr(request, "user") and request.user.is_authenticated


def _may_open(request: HttpRequest, name: str) -> bool:
    needed = {"funding:programme_list": "funding.read", "reports:report_list": "reports.read"}.get(name)
    return needed is None or request.user.has_perm(needed)


def portal(request: HttpRequest) -> dict[str, Any]:
    return {
        "navigation": navigation(request),
        "account_navigation": account_navigation(request),
        "theme": theme_of(request),
        "LANGUAGE_CODE": get_language(),
        "LANGUAGES": settings.LANGUAGES,
        "demo": settings.DEMO,
    }
