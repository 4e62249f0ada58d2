"""A record that readers know gets another address: the old one leads to it."""

from django.contrib import messages

from ecosystem.models import PreviousSlug


class AddressMoves:
    """Lets those who may publish change the slug of a record that has been public."""

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.may_move = self.has_move_permission(request)
        return form

    def has_move_permission(self, request):
        return self.has_change_permission(request)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if form.known_address not in (None, obj.slug):
            PreviousSlug.objects.leave(obj, form.known_address)
            self.message_user(
                request, f"The address {form.known_address} leads to {obj.slug} now.", messages.INFO
            )
