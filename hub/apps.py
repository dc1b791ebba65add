from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HubConfig(AppConfig):
    name = "hub"
    verbose_name = _("Publication on the Hub")

    def ready(self) -> None:
        from activity.sentences import register
        from hub.sentences import SENTENCES

        register(SENTENCES)
