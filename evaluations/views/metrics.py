from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from evaluations.metrics import CONTENT_TYPE, render


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For a monitoring system that shows the token of the settings; without one there is no such page.

    An address of the own machine proves nothing: behind a proxy everybody has it.
    """
    told = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(told, settings.METRICS_TOKEN):
        raise Http404
    return HttpResponse(render(), content_type=CONTENT_TYPE)
