"""Pages of no single app: start page, dashboard, legal pages, health."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.models import StaticPage
from accounts.roles import Role
from cesai.dashboard import tasks_for
from cesai.styleguide import samples


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the portal is for; whoever is signed in goes on to the dashboard."""
    if request.user.is_authenticated:
        return redirect("dashboard")
    return render(request, "home.html")


@require_safe
@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """What needs me now, and what happened."""
    return render(request, "dashboard.html", tasks_for(request.user))


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A legal page."""
    return render(request, "page.html", {"page": get_object_or_404(StaticPage, slug=slug)})


@require_safe
@login_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build and check the portal."""
    if not (settings.DEBUG or request.user.has_role(Role.PROGRAMME_MANAGER, Role.SYSADMIN)):
        raise Http404
    return render(request, "styleguide.html", samples())


@require_safe
def health_live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def health_ready(request: HttpRequest) -> HttpResponse:
    """Status 200 when the database answers, else the error page of status 500."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")
