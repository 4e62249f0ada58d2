"""Second factors as an administrator sees them: whose, of which kind, since when. Removed, never read."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin

# Nothing here uses addresses of accounts, and the library's page of second factors shows their secrets.
admin.site.unregister([EmailAddress, Authenticator])


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):
    """Whoever lost a telephone or a key gets in again once an administrator has removed it here."""

    list_display = fields = readonly_fields = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    list_filter = ["type"]
    search_fields = ["user__username"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
