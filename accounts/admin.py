from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, StaticPage, User


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
    list_display = ["name", "kind", "size_class", "sector", "seat", "in_rheinisches_revier"]
    search_fields = ["name"]
    list_filter = ["kind", "size_class", "in_rheinisches_revier"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ["user", "organisation", "role", "starts_on", "ends_on"]
    list_select_related = ["user", "organisation"]
    list_filter = ["role"]
    search_fields = ["user__full_name", "user__email", "organisation__name"]
    autocomplete_fields = ["user", "organisation"]


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
