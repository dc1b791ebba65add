from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, StaticPage, User
from accounts.roles import grantable_by


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["organisation"]


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["full_name", "email", "is_active", "date_joined"]
    search_fields = ["full_name", "email"]
    list_filter = ["is_active"]
    fields = ["full_name", "email", "language", "is_active", "last_login", "date_joined"]
    readonly_fields = ["last_login", "date_joined"]
    inlines = [MembershipInline]


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "size_class", "sector", "seat", "in_rheinisches_revier", "parent"]
    list_select_related = ["parent"]
    search_fields = ["name"]
    autocomplete_fields = ["parent"]
    list_filter = ["kind", "size_class", "in_rheinisches_revier"]
    prepopulated_fields = {"slug": ["name"]}


class MembershipForm(forms.ModelForm):
    giver: User

    def clean_user(self) -> User:
        if self.cleaned_data["user"] == self.giver:
            raise ValidationError(_("Somebody else has to give you a role."))
        return self.cleaned_data["user"]


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    """Programme managers admit firms; who works for CESAI, audits or runs the machines is the administrator's affair."""

    form = MembershipForm
    list_display = ["user", "organisation", "role", "starts_on", "ends_on"]
    list_select_related = ["user", "organisation"]
    list_filter = ["role"]
    search_fields = ["user__full_name", "user__email", "organisation__name"]
    autocomplete_fields = ["user", "organisation"]

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "role":
            kwargs["choices"] = [
                ("", "---------"),
                *((role, role.label) for role in grantable_by(request.user)),
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None) -> bool:
        """Nobody changes what they are themselves, nor a role that they could not have given."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (
            obj is None or (obj.user_id != request.user.pk and obj.role in grantable_by(request.user))
        )

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        # Made anew for every request by the admin, so nobody else's form is touched.
        form.giver = request.user  # type: ignore[attr-defined]
        return form


@admin.register(StaticPage)
class StaticPageAdmin(admin.ModelAdmin):
    list_display = ["slug", "title_de", "changed_at", "complete"]
    readonly_fields = ["slug"]

    @admin.display(boolean=True, description=_("complete"))
    def complete(self, page: StaticPage) -> bool:
        return not page.has_placeholders

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


# Rights come from roles (`accounts/roles.py`); groups would suggest otherwise.
admin.site.unregister(Group)
# Addresses are confirmed by their owners, through the sign-in pages.
admin.site.unregister(EmailAddress)
