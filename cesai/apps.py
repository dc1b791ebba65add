from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CesaiConfig(AppConfig):
    name = "cesai"
    label = "site"
    verbose_name = "CESAI"

    def ready(self) -> None:
        # The Celery application is made here and not in cesai/__init__.py: the supervisor imports cesai without Django.
        from cesai import celery, checks  # noqa: F401


class PortalAdminConfig(AdminConfig):
    default_site = "cesai.admin.PortalAdminSite"
