"""Accounts. Nobody gives away a right that they do not hold, nor takes over an account that holds more."""

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission

User = get_user_model()
admin.site.unregister([User, Group])

# What one superuser alone gives to another.
ABOVE = {"is_superuser", "user_permissions"}


def groups_within(user):
    """The groups that hold no permission which the user lacks."""
    names = user.get_all_permissions()
    rows = Permission.objects.select_related("content_type")
    lacking = [row.pk for row in rows if f"{row.content_type.app_label}.{row.codename}" not in names]
    return Group.objects.exclude(permissions__in=lacking)


@admin.register(User)
class EditorAdmin(UserAdmin):
    """The editors, each in the group of a role."""

    list_display = ["username", "first_name", "last_name", "roles", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display
    def roles(self, user):
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Superuser"] * user.is_superuser + names) or "none"

    def get_fieldsets(self, request, obj=None):
        sections = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return sections
        return [
            (title, {**section, "fields": [name for name in section["fields"] if name not in ABOVE]})
            for title, section in sections
        ]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "groups" and not request.user.is_superuser:
            kwargs["queryset"] = groups_within(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        """Also of the page that sets a password: it would be a way into the account."""
        may = super().has_change_permission(request, obj)
        if not may or obj is None or request.user.is_superuser:
            return may
        return not obj.is_superuser and obj.get_all_permissions() <= request.user.get_all_permissions()


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """Groups of a site's own. Those of the roles are set back by every migration (roles.py)."""
