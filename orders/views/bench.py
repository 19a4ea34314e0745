"""The bench: scan, verdict, next; and undoing one's own pass."""

import uuid

from csp.decorators import csp_update
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel import clock
from kernel.errors import NotAllowed
from kernel.ids import read_id
from orders import services
from orders.charts import bench_hours
from orders.forms.bench import CountedForm, EndForm, ScanForm, UndoForm
from orders.models import Verification
from orders.selectors.bench import bench_place, passed_by_hour, scans_today, verified_today
from orders.selectors.offline import known_parcels, late_verdicts
from orders.selectors.parcels import contents_of
from people.models import Role
from people.requests import HttpRequest

PAGE = 50


@csp_update({"script-src": ["'self'", "'wasm-unsafe-eval'"]})  # type: ignore[arg-type]  # the camera's barcode reader
@require_http_methods(["GET", "HEAD", "POST"])
def bench(request: HttpRequest) -> HttpResponse:
    """The bench; sent, a scan gets its verdict: a waybill, or what goes into the parcel that one began."""
    request.scope.require_role(Role.EMPLOYEE)
    if request.method != "POST":
        shown = Verification.objects.filter(employee=request.user, pk=read_id(request.GET.get("seen")) or 0)
        return _bench(request, shown.select_related("order", "shop", "undone_by", "parcel__order").first())
    form, place = ScanForm(request.POST), bench_place(request.scope)
    if place is None:
        raise NotAllowed
    if not form.is_valid():
        return _bench(request, None, 422)
    scan, data = form.scan(request.user, place.site_id), form.cleaned_data
    if data["parcel"]:
        said = {"pieces": data["pieces"] or 1, "is_meant": data["meant"], "actor": request.actor}
        return _answer(request, services.scan_goods(scan=scan, parcel=data["parcel"], **said))
    return _answer(
        request,
        services.verify_parcel(scan=scan, shop_ids=place.shop_ids, asks_goods=True, actor=request.actor),
    )


@require_POST
def bench_end(request: HttpRequest) -> HttpResponse:
    """The parcel goes as it is; the rest goes in another one."""
    request.scope.require_role(Role.EMPLOYEE)
    form, place = EndForm(request.POST), bench_place(request.scope)
    if place is None or not form.is_valid():
        raise NotAllowed
    scan = services.Scan("", request.user, place.site_id, form.cleaned_data["client_id"], clock.now())
    return _answer(request, services.end_parcel(scan=scan, parcel=form.cleaned_data["parcel"], actor=request.actor))


@require_safe
@gzip_page
def bench_known(request: HttpRequest) -> JsonResponse:
    """What the phone keeps for when the network drops."""
    request.scope.require_role(Role.EMPLOYEE)
    place = bench_place(request.scope)
    if place is None:
        raise NotAllowed
    return JsonResponse(known_parcels(place.shop_ids, clock.now()))


@require_safe
def bench_worker(request: HttpRequest) -> FileResponse:
    """The service worker of the bench; beneath its address lies what it may serve."""
    path = settings.BASE_DIR / "frontend" / "public" / "bench-worker.js"
    return FileResponse(path.open("rb"), content_type="text/javascript")


@require_POST
def bench_taken_out(request: HttpRequest, pk: int) -> HttpResponse:
    """A parcel that passed offline and should not have was found."""
    request.scope.require_role(Role.EMPLOYEE)
    mine = Q(employee=request.user) | Q(request.scope.at_sites("site", Role.LEAD))
    row = get_object_or_404(Verification.objects.filter(mine, told="passed"), pk=pk)
    services.take_out(verification=row, actor=request.actor, at=clock.now())
    return redirect("orders:bench" if row.employee_id == request.user.pk else "orders:bench_counts")


@require_safe
def bench_counts(request: HttpRequest) -> HttpResponse:
    """Today hour by hour: one's own, and a lead's people."""
    request.scope.require_role(Role.EMPLOYEE, reading=True)
    hours, lines = passed_by_hour(request.scope, request.user)
    late = late_verdicts(request.scope, clock.now(), own=False)
    context = {"hours": hours, "lines": lines, "late": late, "chart": bench_hours(hours, lines) if lines else None}
    return render(request, "orders/bench_counts.html", context)


@require_safe
def bench_rows(request: HttpRequest) -> HttpResponse:
    """The parcels behind a number of today's counts."""
    request.scope.require_role(Role.EMPLOYEE, reading=True)
    form = CountedForm(request.GET)
    rows = scans_today(request.scope, request.user).filter(**form.wish).select_related("employee", "shop")
    page = Paginator(rows.order_by("-at", "-id"), PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/bench_rows.html", {"page": page})


@require_POST
def bench_undo(request: HttpRequest) -> HttpResponse:
    request.scope.require_role(Role.EMPLOYEE)
    form = UndoForm(request.POST)
    pk = form.cleaned_data["verification"] if form.is_valid() else None
    verification = get_object_or_404(Verification, pk=pk, employee=request.user)
    undone = services.undo_verification(
        verification=verification, actor=request.actor, client_id=form.cleaned_data["client_id"], at=clock.now()
    )
    return _answer(request, undone)


def _answer(request: HttpRequest, verification: Verification) -> HttpResponse:
    if request.htmx:
        return _bench(request, verification)
    response = redirect("orders:bench")
    response["Location"] += f"?seen={verification.pk}"
    return response


def _bench(request: HttpRequest, shown: Verification | None, status: int = 200) -> HttpResponse:
    place = bench_place(request.scope)
    unknown = shown.number if shown and shown.code == "not_found" else ""
    begun = shown.begun if shown else None
    contents = contents_of(begun, pictures=True) if begun else None
    context = {
        "begun": begun,
        "may_teach": begun is not None and request.scope.acts(Role.LEAD, shop_id=begun.shop_id),
        "contents": contents,
        "counted": contents.line(shown.product) if contents and shown and shown.product else None,
        "shown": shown,
        "meant": services.close_numbers(unknown, place.shop_ids) if unknown and place else [],
        "today": verified_today(request.user, request.scope.zone),
        "key": uuid.uuid4(),
        "place": place,
        "late": late_verdicts(request.scope, clock.now(), own=True),
    }
    template = "orders/_verdict.html" if request.htmx else "orders/bench.html"
    return render(request, template, context, status=status)
