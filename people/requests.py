"""The request as this product's middleware hands it to views. For types alone: at run time it is Django's own."""

from django import http

from kernel.fragments import FragmentDetails
from people.actor import Actor
from people.models import Employee
from people.scope import Scope


class HttpRequest(http.HttpRequest):
    """Of somebody signed in. Before the sign-in there is neither scope nor actor, and the user is nobody: the views of
    `login_not_required` ask `user.is_authenticated` first."""

    user: Employee
    scope: Scope
    actor: Actor
    htmx: FragmentDetails
