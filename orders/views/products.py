"""Products, their barcodes and pictures."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.forms import form_again, status_of, told_in
from orders import services
from orders.forms.bench import BarcodeForm, BarcodesForm, ProductFilter, ProductPhotoForm, TeachForm
from orders.models import Barcode, Product, Verification
from orders.selectors.products import listed_products, picture_of, seen_products
from people.models import Role
from people.requests import HttpRequest
from records.evidence import evidence_path

PAGE = 50


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    request.scope.require_role(Role.LEAD, reading=True)
    form = ProductFilter(request.GET, scope=request.scope)
    page = Paginator(listed_products(request.scope, form.wish), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "may_act": request.scope.has_role(Role.LEAD)}
    return render(request, "orders/product_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def product_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A product; sent, a code is taught to stand for it."""
    product = get_object_or_404(seen_products(request.scope), pk=pk)
    form = BarcodeForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with told_in(form, "code"):
            services.teach_barcode(product=product, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("The bench knows this code now."))
            return redirect("orders:product_detail", pk)
    context = {
        "product": product,
        "barcodes": product.barcodes.select_related("saved_by").order_by("code"),
        "picture": picture_of(product),
        "form": form,
        "key": uuid.uuid4(),
        "may_act": request.scope.acts(Role.LEAD, shop_id=product.shop_id),
    }
    return render(request, "orders/product_detail.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def barcodes_paste(request: HttpRequest) -> HttpResponse:
    """Many codes at once, copied from a spreadsheet."""
    request.scope.require_role(Role.LEAD)
    form, taught = BarcodesForm(request.POST or None, scope=request.scope), None
    if form.is_bound and form.is_valid():
        with told_in(form):
            taught = services.teach_barcodes(actor=request.actor, **form.cleaned_data)
            if taught.kept:
                said = ngettext("%(n)d code is known now.", "%(n)d codes are known now.", taught.kept)
                messages.success(request, said % {"n": taught.kept})
            if not taught.refused:
                return redirect("orders:product_list")
    context = {"form": form, "taught": taught}
    return render(request, "orders/barcodes_paste.html", context, status=status_of(form))


@require_POST
def barcode_forget(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Barcode.objects.filter(request.scope.at_shops("shop", Role.LEAD)).select_related("product")
    barcode = get_object_or_404(rows, pk=pk)
    services.forget_barcode(barcode=barcode, actor=request.actor)
    return redirect("orders:product_detail", barcode.product_id)


@require_POST
def barcode_teach(request: HttpRequest) -> HttpResponse:
    """At the bench a lead says what an unknown code stands for, and goes on with the parcel."""
    request.scope.require_role(Role.LEAD)
    form = TeachForm(request.POST)
    if not form.is_valid():
        raise Http404
    data = form.cleaned_data
    begun = get_object_or_404(Verification, pk=data["parcel"], employee=request.user)
    product = get_object_or_404(seen_products(request.scope), shop=begun.shop_id, key=data["key"])
    services.teach_barcode(product=product, code=data["code"], pieces=1, actor=request.actor)
    messages.success(request, _("The bench knows this code now. Scan it again."))
    response = redirect("orders:bench")
    response["Location"] += f"?seen={begun.pk}"
    return response


@require_POST
def product_photo(request: HttpRequest, pk: int) -> HttpResponse:
    product = get_object_or_404(seen_products(request.scope), pk=pk)
    request.scope.require(Role.LEAD, shop_id=product.shop_id)
    form = ProductPhotoForm(request.POST, request.FILES)
    if form.is_valid():
        with told_in(form, "photo"):
            services.set_product_picture(product=product, actor=request.actor, **form.cleaned_data)
            return redirect("orders:product_detail", pk)
    return form_again(request, form, back=reverse("orders:product_detail", args=[pk]), text=str(product))


@require_safe
def product_picture(request: HttpRequest, pk: int) -> FileResponse:
    product = get_object_or_404(Product.objects.filter(request.scope.at_shops("shop")), pk=pk)
    picture = picture_of(product)
    path = evidence_path(picture.digest) if picture else None
    if picture is None or path is None or not path.exists():
        raise Http404
    response = FileResponse(path.open("rb"), content_type=picture.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response
