"""What I was told."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kernel.paging import LongList
from notifications import services
from notifications.models import Notice
from people.requests import HttpRequest

PAGE = 50


@require_http_methods(["GET", "HEAD"])
def notice_list(request: HttpRequest) -> HttpResponse:
    rows = Notice.objects.filter(recipient=request.user).order_by("-at", "-id")
    if "unread" in request.GET:
        rows = rows.filter(read_at=None)
    page = LongList(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/notice_list.html", {"page": page, "only_unread": "unread" in request.GET})


@require_POST
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks a notice as read and goes where it points."""
    notice = get_object_or_404(Notice.objects.filter(recipient=request.user), pk=pk)
    services.read_notice(notice=notice, actor=request.actor)
    return redirect(notice.path if notice.path.startswith("/") else "notifications:notice_list")


@require_POST
def notice_read_all(request: HttpRequest) -> HttpResponse:
    services.read_notices(actor=request.actor)
    return redirect("notifications:notice_list")
