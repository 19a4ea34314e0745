"""The administrator's pages on people; managers and auditors read those of their own sites and shops."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel import clock
from kernel.forms import status_of, told_in
from people import services
from people.forms import EmployeeFilter, EmployeeForm, EndMembershipForm, MembershipForm
from people.models import Employee, Membership, Role
from people.requests import HttpRequest
from people.selectors import employees_found, with_memberships

PAGE = 50


@require_http_methods(["GET", "HEAD"])
def employee_list(request: HttpRequest) -> HttpResponse:
    request.scope.require_role(Role.MANAGER, reading=True)
    today = clock.today(request.scope.zone)
    found = employees_found(within=request.scope.employees(), asked=request.GET, on=today)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": with_memberships(page.object_list, on=today),
        "form": EmployeeFilter(request.GET, scope=request.scope),
    }
    return render(request, "people/_employee_rows.html" if request.htmx else "people/employee_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def employee_new(request: HttpRequest) -> HttpResponse:
    request.scope.require_administrator()
    form = EmployeeForm(request.POST or None, initial={"hired_on": clock.today(request.scope.zone)})
    if request.method == "POST" and form.is_valid():
        with told_in(form):
            employee, password = services.hire_employee(actor=request.actor, **form.cleaned_data)
            return _password_page(request, employee, password)
    return render(request, "people/employee_form.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def employee_edit(request: HttpRequest, pk: int) -> HttpResponse:
    request.scope.require_administrator()
    employee = get_object_or_404(Employee, pk=pk)
    names = list(EmployeeForm.base_fields)
    form = EmployeeForm(request.POST or None, initial={name: getattr(employee, name) for name in names})
    if request.method == "POST" and form.is_valid():
        with told_in(form):
            services.edit_employee(employee=employee, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("people:employee_detail", pk)
    context = {"form": form, "employee": employee}
    return render(request, "people/employee_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD"])
def employee_detail(request: HttpRequest, pk: int) -> HttpResponse:
    request.scope.require_role(Role.MANAGER, reading=True)
    employee = get_object_or_404(Employee.objects.filter(request.scope.employees()), pk=pk)
    rows = Membership.objects.filter(employee=employee).select_related("site", "shop", "team")
    return render(
        request,
        "people/employee_detail.html",
        {
            "employee": employee,
            "memberships": rows.order_by("-starts_on", "-id"),
            "today": clock.today(request.scope.zone),
        },
    )


@require_POST
def employee_reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    request.scope.require_administrator()
    employee = get_object_or_404(Employee, pk=pk)
    return _password_page(request, employee, services.reset_password(employee=employee, actor=request.actor))


@require_POST
def employee_reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    request.scope.require_administrator()
    employee = get_object_or_404(Employee, pk=pk)
    employee, password = services.reactivate_employee(employee=employee, actor=request.actor)
    if password is None:
        return redirect("people:employee_detail", pk)
    return _password_page(request, employee, password)


def _password_page(request: HttpRequest, employee: Employee, password: str) -> HttpResponse:
    """Shows a new password once; it is stored nowhere in the clear."""
    return render(request, "people/password_once.html", {"employee": employee, "password": password})


@require_http_methods(["GET", "HEAD", "POST"])
def membership_new(request: HttpRequest, pk: int) -> HttpResponse:
    request.scope.require_administrator()
    employee = get_object_or_404(Employee, pk=pk)
    form = MembershipForm(request.POST or None, initial={"starts_on": clock.today(request.scope.zone)})
    if request.method == "POST" and form.is_valid():
        with told_in(form):
            services.add_membership(employee=employee, actor=request.actor, **form.grant())
            messages.success(request, _("The role is given."))
            return redirect("people:employee_detail", pk)
    context = {"form": form, "employee": employee}
    return render(request, "people/membership_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def membership_end(request: HttpRequest, pk: int) -> HttpResponse:
    request.scope.require_administrator()
    row = get_object_or_404(Membership.objects.select_related("employee", "site", "shop__site", "team"), pk=pk)
    form = EndMembershipForm(request.POST or None, initial={"on": clock.today(row.zone)})
    if request.method == "POST" and form.is_valid():
        with told_in(form, "on"):
            services.end_membership(membership=row, on=form.cleaned_data["on"], actor=request.actor)
            messages.success(request, _("The role ends on that day."))
            return redirect(reverse("people:employee_detail", args=[row.employee_id]))
    return render(request, "people/membership_end.html", {"form": form, "membership": row}, status=status_of(form))
