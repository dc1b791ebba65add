from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FundingConfig(AppConfig):
    name = "funding"
    verbose_name = _("Funding")

    def ready(self) -> None:
        from activity.sentences import register

        register(
            {
                "funding.award_granted": _("A grant notice was recorded."),
                "funding.plan_submitted": _("A finance plan was applied for."),
                "funding.plan_approved": _("A finance plan was approved."),
                "funding.entry_booked": _("An entry was booked on an award."),
            }
        )
