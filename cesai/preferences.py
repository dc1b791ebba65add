"""Language and theme: chosen by a person, kept in the account or the session, never in a cookie of their own."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES = ("light", "dark")
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


def _preference(request: HttpRequest, name: str, allowed: tuple[str, ...]) -> str:
    # A request for a host that is not ours is refused before it has a user or a session.
    user = getattr(request, "user", None)
    if user is None:
        return ""
    value = getattr(user, name) if user.is_authenticated else request.session.get(name, "")
    return value if value in allowed else ""


class PreferenceMiddleware:
    """Activates the reader's language: account, else session, else the browser's wish, else German."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = _preference(request, "language", LANGUAGES) or translation.get_language_from_request(
            request
        )
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def theme_of(request: HttpRequest) -> str:
    """`light`, `dark`, or the empty string: as the system says."""
    return _preference(request, "theme", THEMES)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("home")
    return HttpResponseRedirect(target)


def _keep(request: HttpRequest, name: str, value: str) -> None:
    if request.user.is_authenticated:
        setattr(request.user, name, value)
        request.user.save(update_fields=[name])
    else:
        request.session[name] = value


@require_POST
def language_set(request: HttpRequest) -> HttpResponse:
    """Keeps the language `de` or `en`; anything else leaves it as it was."""
    if (language := request.POST.get("language", "")) in LANGUAGES:
        _keep(request, "language", language)
    return _back(request)


@require_POST
def theme_set(request: HttpRequest) -> HttpResponse:
    """Keeps the theme `light` or `dark`; an empty value follows the system again."""
    if (theme := request.POST.get("theme", "")) in (*THEMES, ""):
        _keep(request, "theme", theme)
    return _back(request)
