"""The editors' side of the portal: one module a noun, each registers its models."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin

from ecosystem.admin import (  # noqa: F401
    account,
    breakthrough,
    challenge,
    change,
    collection,
    company,
    correction,
    desk,
    evidence,
    factor,
    hub,
    institution,
    taxonomy,
    user,
)

admin.site.site_header = settings.SITE_NAME
admin.site.site_title = f"{settings.SITE_NAME}: editing"
admin.site.index_title = "What the portal knows"
admin.site.index = desk.index
# What one click deletes no click brings back; records are withdrawn.
admin.site.disable_action("delete_selected")
# One door: the login that counts failures and asks for the second factor.
admin.site.login = secure_admin_login(admin.site.login)
