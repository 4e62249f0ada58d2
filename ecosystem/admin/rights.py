"""What a role reaches: nobody changes what readers see who may not publish it."""

from ecosystem.roles import may_change


class Rights:
    """Django's permissions of an admin or an inline, for the rows that the user's role reaches."""

    def reaches(self, user, row):
        """`row` is the one on the page: of an inline the record that it belongs to."""
        return may_change(user, row)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (not obj or self.reaches(request.user, obj))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (not obj or self.reaches(request.user, obj))
