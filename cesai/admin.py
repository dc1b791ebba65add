"""The admin site: open to the roles of `accounts.roles.ADMIN_ROLES`, entered through the portal's own sign-in."""

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    site_title = _("CESAI administration")
    site_header = _("CESAI administration")
    index_title = _("Work on the portfolio")

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.is_active and request.user.is_staff

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Whoever may enter goes where they wanted to go; whoever is signed in and may not is told so."""
        target = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
            target = reverse("admin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(target)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(target, reverse("account_login"))
