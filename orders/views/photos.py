"""Photos of labels: taken at the bench, read by barcode at once and by the worker, compared with the order."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from duties.workers import is_worker_alive
from kernel import clock
from kernel.errors import NotAllowed
from kernel.forms import form_again, told_in
from orders import services
from orders.couriers import courier_name
from orders.forms.bench import PhotoForm
from orders.models import LabelPhoto
from orders.selectors.bench import bench_place
from orders.selectors.sides import visible_photos
from orders.words import COLUMNS
from people.models import Role
from people.requests import HttpRequest
from records.evidence import evidence_path
from records.models import Evidence


@require_POST
def bench_photo(request: HttpRequest) -> HttpResponse:
    request.scope.require_role(Role.EMPLOYEE)
    form, place = PhotoForm(request.POST, request.FILES), bench_place(request.scope)
    if place is None:
        raise NotAllowed
    if form.is_valid():
        with told_in(form, "photo"):
            row = services.take_label_photo(
                actor=request.actor, site_id=place.site_id, shop_ids=place.shop_ids, **form.cleaned_data
            )
            return redirect("orders:photo_detail", row.pk)
    return form_again(request, form, back="orders:bench")


def _photo(request: HttpRequest, pk: int) -> LabelPhoto:
    rows = visible_photos(request.scope)
    related = ("verification__order", "verification__shop", "order__shop", "employee")
    return get_object_or_404(rows.select_related(*related), pk=pk)


@require_safe
def photo_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What was read, what differs; asks again by itself until it is read."""
    row = _photo(request, pk)
    place = bench_place(request.scope)
    near = row.number if row.number and row.order is None else ""
    context = {
        "photo": row,
        "choices": [(one, courier_name(one["courier"])) for one in row.candidates],
        "rows": [(COLUMNS[told["field"]], told) for told in row.compared],
        "crop": Evidence.objects.filter(owner=row.ref, erased_at=None).first(),
        "meant": services.close_numbers(near, place.shop_ids) if near and place else [],
        "is_own": row.employee_id == request.user.pk,
        "is_silent": row.state == LabelPhoto.State.WAITING and not is_worker_alive(clock.now()),
    }
    return render(request, "orders/_photo.html" if request.htmx else "orders/photo.html", context)


@require_POST
def photo_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    request.scope.require_role(Role.EMPLOYEE)
    number = request.POST.get("number", "")
    services.confirm_photo(photo=_photo(request, pk), actor=request.actor, at=clock.now(), number=number)
    return redirect("orders:photo_detail", pk)


@require_safe
def photo_open(request: HttpRequest, pk: int) -> FileResponse:
    """The part of the photo that shows barcode and number."""
    evidence = get_object_or_404(Evidence, owner=_photo(request, pk).ref, erased_at=None)
    path = evidence_path(evidence.digest)
    if not path.exists():
        raise Http404
    response = FileResponse(path.open("rb"), content_type=evidence.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response
