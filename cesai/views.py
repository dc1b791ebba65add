"""Pages of no single app: start page, dashboard, legal pages, health."""

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from psycopg_pool import PoolTimeout

from accounts.models import StaticPage
from accounts.roles import Role
from cesai.celery import app as celery
from cesai.dashboard import tasks_for
from cesai.styleguide import samples

logger = structlog.get_logger(__name__)


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


def _database_answers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker_answers() -> None:
    with celery.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


@require_safe
def health_ready(request: HttpRequest) -> HttpResponse:
    """Status 200 when the database and the broker answer, else 503 with the name of the part that does not."""
    for part, check in {"database": _database_answers, "broker": _broker_answers}.items():
        try:
            check()
        except (DatabaseError, PoolTimeout, OperationalError) as error:
            logger.error("not_ready", part=part, error=str(error))
            return HttpResponse(f"{part} does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
