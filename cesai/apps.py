from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CesaiConfig(AppConfig):
    name = "cesai"
    label = "site"
    verbose_name = "CESAI"

    def ready(self) -> None:
        from cesai import checks  # noqa: F401


class PortalAdminConfig(AdminConfig):
    default_site = "cesai.admin.PortalAdminSite"
