from django.contrib import admin
from django.urls import include, path

from hubportal.health import healthz

handler404 = "ecosystem.views.errors.page_not_found"
handler500 = "ecosystem.views.errors.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("", include("ecosystem.urls")),
]
