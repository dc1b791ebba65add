from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SignupFields(forms.Form):
    """What sign-up asks beside e-mail and password."""

    full_name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ["full_name", "email", "password1", "password2"]

    def signup(self, request, user: User) -> None:
        user.full_name = self.cleaned_data["full_name"]
        user.save(update_fields=["full_name"])
