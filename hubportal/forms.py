"""Forms of the accounts' pages, in our words."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm


class AddKeyForm(AddWebAuthnForm):
    """A key that can take the place of the password, unless its owner says otherwise."""

    def __init__(self, *args, **kwargs):
        kwargs["initial"] = {"passwordless": True, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "A name for it, to tell your keys apart"
        self.fields["passwordless"].label = "Log in with this key alone"
        self.fields[
            "passwordless"
        ].help_text = (
            "The key then asks for your finger, face or PIN. Without this it is asked for after the password."
        )
