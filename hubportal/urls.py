from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path

from ecosystem.admin.help import help_page, preview_text
from hubportal.metrics import metrics

handler400 = "ecosystem.views.errors.bad_request"
handler404 = "ecosystem.views.errors.page_not_found"
handler429 = "hubportal.limits.too_many"
handler500 = "hubportal.failure.server_error"

# Of django-allauth's pages those that need no e-mail; the sign-up says that it is closed.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("2fa/", include("allauth.mfa.urls")),
]

urlpatterns = [
    path("metrics", metrics, name="metrics"),
    path("admin/help/", admin.site.admin_view(help_page), name="editors-help"),
    path("admin/preview-text/", admin.site.admin_view(preview_text), name="preview-text"),
    path("admin/", admin.site.urls),
    path("accounts/", include(accounts)),
    path("", include("ecosystem.urls")),
]
