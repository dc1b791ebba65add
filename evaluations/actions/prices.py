"""What an hour costs, from which day on."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from evaluations.actions import EvaluationRefused
from evaluations.models import GpuClass, GpuPrice


def check_start(gpu_class: GpuClass, valid_from: date) -> GpuPrice | None:
    """The newest price so far; refuses a new one that would not begin after it."""
    newest = gpu_class.prices.order_by("-valid_from").first()
    if newest is not None and newest.valid_from >= valid_from:
        raise EvaluationRefused(
            _("There is already a price from %(day)s on; a new one has to begin later.")
            % {"day": newest.valid_from.strftime("%d.%m.%Y")},
            field="valid_from",
        )
    return newest


@transaction.atomic
def set_price(
    *, by: User, gpu_class: GpuClass, cents_per_hour: int, valid_from: date, source: str
) -> GpuPrice:
    """A new price from `valid_from` on; the one that held until then ends the day before.

    A day that already begins a price, or lies before one that was announced, is refused: what was charged stays.
    """
    # Two prices entered at once must not both end the same one.
    GpuClass.objects.select_for_update(of=("self",)).get(pk=gpu_class.pk)
    newest = check_start(gpu_class, valid_from)
    if newest is not None and (newest.valid_until is None or newest.valid_until >= valid_from):
        newest.valid_until = valid_from - timedelta(days=1)
        newest.save(update_fields=["valid_until"])
    price = GpuPrice(
        gpu_class=gpu_class, cents_per_hour=cents_per_hour, valid_from=valid_from, source=source.strip()
    )
    try:
        price.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise EvaluationRefused(messages[0], field=field) from error
    price.save()
    record(by, "evaluations.price_set", gpu_class, cents_per_hour=cents_per_hour)
    return price
