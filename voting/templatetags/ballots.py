"""Reading a ballot, its form and payments by key."""

from collections.abc import Mapping

from django import forms, template
from django.forms.boundfield import BoundField

from voting.models import ResultItem
from voting.payments import Account, Payment

register = template.Library()


@register.filter
def bound(form: forms.Form, name: str) -> BoundField:
    """The field of the form; raises KeyError for one that it does not have."""
    return form[name]


@register.filter
def at(chosen: Mapping[int, int], key: int) -> int:
    """What the mapping holds at the key, 0 where it holds nothing."""
    return chosen.get(key, 0)


@register.filter
def paid_for(account: Account, row: ResultItem) -> Payment:
    """What the voter paid for the item; raises StopIteration where it paid nothing."""
    return account.paid_for(row)
