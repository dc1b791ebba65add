from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VotingConfig(AppConfig):
    name = "voting"
    verbose_name = _("Voting")

    def ready(self) -> None:
        from activity.sentences import register
        from voting.sentences import SENTENCES

        register(SENTENCES)
