"""What every page needs: navigation of the reader's role, language, theme."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
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
    (_("Use cases"), "portfolio:usecase_list", ("/use-cases/", "/proposals/")),
    (_("Voting"), "voting:round_list", ("/voting/",)),
    (_("Models"), "portfolio:model_list", ("/models/", "/hub/")),
    (_("Projects"), "portfolio:project_list", ("/projects/", "/roadmap/")),
    (_("Evaluation"), "evaluations:run_list", ("/evaluations/",)),
    (_("Funding"), "funding:programme_list", ("/funding/",)),
    (_("Reports"), "reports:report_list", ("/reports/",)),
)


def navigation(request: HttpRequest) -> list[NavigationItem]:
    """The entries that lead this reader somewhere; none for visitors, for whom only the public pages exist."""
    # A request for a host that is not ours is refused before it has one.
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return []
    return [
        NavigationItem(label, reverse(name), request.path.startswith(prefixes))
        for label, name, prefixes in NAVIGATION
        if _may_open(request, name)
    ]


def _may_open(request: HttpRequest, name: str) -> bool:
    needed = {"funding:programme_list": "funding.read", "reports:report_list": "reports.read"}.get(name)
    return needed is None or request.user.has_perm(needed)


def portal(request: HttpRequest) -> dict[str, Any]:
    return {
        "navigation": navigation(request),
        "theme": theme_of(request),
        "LANGUAGE_CODE": get_language(),
        "LANGUAGES": settings.LANGUAGES,
        "demo": settings.DEMO,
    }
