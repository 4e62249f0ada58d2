"""How editors come in: by name and password or passkey, on accounts that an administrator made.

Adapters of django-allauth, which throttles the login, holds second factors and asks for them.
"""

import logging
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError

from hubportal.audit import note, typed


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": "Too many attempts failed. Wait five minutes, then try again. "
        "Until then the right password is refused as well.",
        "username_password_mismatch": "No account has this name and this password.",  # nosec B105  # pragma: allowlist secret
        "incorrect_password": "This is not your password.",  # nosec B105  # pragma: allowlist secret
        "incorrect_code": "This code or key is not right, or no longer.",
    }

    def is_open_for_signup(self, request):
        return False

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            note(logging.WARNING, "login-locked", request, account=typed(credentials))
            raise

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Count by account alone. By default the Host header counts too, where a port may be any number."""
        return credentials.get("username", "").lower()


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def _get_site_name(self):
        return settings.SITE_NAME

    def get_public_key_credential_rp_entity(self):
        """Passkeys belong to the site's own host; on a laptop's http to whichever name it is called by."""
        party = super().get_public_key_credential_rp_entity()
        return {**party, "id": urlsplit(settings.SITE_URL).hostname} if settings.IS_SECURE else party
