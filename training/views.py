"""One's own training, a module's lessons and quiz, and who stands where."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel import clock
from kernel.errors import NotAllowed
from kernel.forms import status_of, told_in
from kernel.presence import present
from kernel.text import localized
from people.models import Role
from people.requests import HttpRequest
from training import selectors, services
from training.drawing import draw, is_right
from training.errors import LessonsLeft, OldQuiz
from training.forms import AssignForm, QuizForm
from training.models import Assignment, Attempt, Lesson, Module
from training.reading import as_html
from training.selectors import Work, work_of

PAGE = 50

# --- one's own


@require_safe
def my_training(request: HttpRequest) -> HttpResponse:
    context = {"courses": selectors.courses_of(request.user), "now": clock.now()}
    return render(request, "training/my_training.html", context)


def _assignment(request: HttpRequest, pk: int) -> Assignment:
    return get_object_or_404(selectors.visible_assignments(request.scope), pk=pk)


def _own(request: HttpRequest, pk: int) -> Assignment:
    assignment = _assignment(request, pk)
    if assignment.employee_id != request.user.pk:
        raise NotAllowed
    return assignment


@require_safe
def assignment_work(request: HttpRequest, pk: int) -> HttpResponse:
    assignment = _assignment(request, pk)
    context = {"work": work_of(assignment), "is_mine": assignment.employee_id == request.user.pk, "now": clock.now()}
    context["clock_zone"] = assignment.site.zone
    return render(request, "training/assignment_work.html", context)


@require_safe
def lesson(request: HttpRequest, pk: int, lesson: int) -> HttpResponse:
    work = work_of(_assignment(request, pk))
    shown = get_object_or_404(Lesson, pk=lesson, version__module=work.assignment.module_id)
    context = {
        "work": work,
        "lesson": shown,
        "html": as_html(localized(shown.body)),
        "following": work.after(shown),
        "is_mine": work.assignment.employee_id == request.user.pk,
    }
    return render(request, "training/lesson.html", context)


@require_POST
def lesson_read(request: HttpRequest, pk: int, lesson: int) -> HttpResponse:
    """Read: on to the next lesson, or to the quiz."""
    assignment = _own(request, pk)
    shown = get_object_or_404(Lesson, pk=lesson, version=assignment.module.current_id)
    services.read_lesson(assignment=assignment, lesson=shown, actor=request.actor)
    work = work_of(assignment)
    following = work.after(shown) or work.next_lesson
    if following:
        return redirect("training:lesson", pk, following.pk)
    return redirect("training:assignment_work" if work.is_done else "training:quiz", pk)


# --- the quiz


def _quiz_form(work: Work, *sent: Any) -> QuizForm:
    drawn = draw(work.version, work.assignment, len(work.attempts) + 1)
    return QuizForm(*sent, drawn=drawn, version=work.version.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def quiz(request: HttpRequest, pk: int) -> HttpResponse:
    work = work_of(_own(request, pk))
    known = Attempt.objects.filter(assignment=pk, client_id=_key(request)).first() if request.POST else None
    if known:  # sent twice
        return redirect("training:attempt_result", known.pk)
    if work.next_lesson:
        raise LessonsLeft
    form = _quiz_form(work, *([request.POST] if request.method == "POST" else []))
    if form.is_bound and request.POST.get("version") != str(work.version.pk):
        raise OldQuiz
    if form.is_bound and form.is_valid():
        told = {"answers": form.answers, "client_id": form.cleaned_data["client_id"]}
        with told_in(form):
            attempt = services.submit_attempt(
                assignment=work.assignment, version=work.version, actor=request.actor, **told
            )
            return redirect("training:attempt_result", attempt.pk)
    return render(request, "training/quiz.html", {"work": work, "form": form}, status=status_of(form))


def _key(request: HttpRequest) -> Any:
    form = QuizForm({"client_id": request.POST.get("client_id"), "version": 0}, drawn=(), version=0)
    return form.cleaned_data.get("client_id") if form.is_valid() else None


@require_safe
def attempt_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Passed: what comes next. Not passed: of each wrong answer the reason, and where to read again."""
    rows = Attempt.objects.filter(assignment__in=selectors.visible_assignments(request.scope))
    attempt = get_object_or_404(rows.select_related("version", "assignment__employee", "assignment__site"), pk=pk)
    drawn = draw(attempt.version, attempt.assignment, attempt.number)
    wrong = [d.question for d in drawn if not is_right(d.question, attempt.answers.get(d.question.slug, ()))]
    courses = selectors.courses_of(request.user) if attempt.passed else []
    context = {
        "attempt": attempt,
        "wrong": wrong,
        "following": next((c.assignment for c in courses if not c.is_done), None),
        "clock_zone": attempt.assignment.site.zone,
        "is_mine": attempt.assignment.employee_id == request.user.pk,
    }
    return render(request, "training/attempt_result.html", context)


# --- everybody's


@require_safe
def module_list(request: HttpRequest) -> HttpResponse:
    request.scope.require_role(Role.LEAD, reading=True)
    text = request.GET.get("q", "").strip()[:80]
    context = {"modules": selectors.module_list(request.scope, text), "q": text, "now": clock.now()}
    return render(request, "training/module_list.html", context)


def _module(request: HttpRequest, pk: int) -> Module:
    request.scope.require_role(Role.LEAD, reading=True)
    rows = Module.objects.usable().filter(request.scope.owned()).select_related("current")
    return get_object_or_404(rows, pk=pk)


@require_safe
def module_detail(request: HttpRequest, pk: int) -> HttpResponse:
    module = _module(request, pk)
    version = present(module.current)
    counts = selectors.standings_of(selectors.learners(module, request.scope, clock.now()))
    context = {
        "module": module,
        "counts": counts,
        "people": sum(n for _standing, n in counts),
        "version": version,
        "lessons": [(one, as_html(localized(one.body))) for one in version.lessons.order_by("position")],
        "questions": version.questions.order_by("position").select_related("lesson"),
        "versions": module.versions.select_related("published_by").order_by("-number"),
        "roles": [role.label for role in Role if role in version.roles],
        "sees_questions": request.scope.has_role(Role.MANAGER, reading=True),
        "may_assign": request.scope.has_role(Role.LEAD),
    }
    return render(request, "training/module_detail.html", context)


@require_safe
def module_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has learned a module and who owes it, searched, counted by where they stand, a page at a time."""
    module, text = _module(request, pk), request.GET.get("q", "").strip()[:80]
    found = selectors.learners(module, request.scope, clock.now(), text)
    counts = selectors.standings_of(found)
    state = request.GET.get("state", "")
    standings = selectors.STILL_OPEN if state == "open" else [s for s in selectors.Standing if s == state]
    rows = found.filter(standing__in=standings) if standings else found
    page: Page[Any] = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    page.object_list = selectors.learner_rows(module, page.object_list)
    context = {
        **{"module": module, "version": module.current, "counts": counts, "state": state, "q": text, "page": page},
        "people": sum(n for _standing, n in counts),
        "may_assign": request.scope.has_role(Role.LEAD),
    }
    return render(request, "training/module_people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def module_assign(request: HttpRequest, pk: int) -> HttpResponse:
    module = _module(request, pk)
    request.scope.require_role(Role.LEAD)
    form = AssignForm(request.POST or None, scope=request.scope, initial={"employee": request.GET.get("employee")})
    if form.is_bound and form.is_valid():
        data = {**form.cleaned_data}
        key = f"page:{data.pop('client_id')}"
        with told_in(form):
            services.assign_module(module=module, key=key, actor=request.actor, **data)
            messages.success(request, _("Assigned to %(name)s.") % {"name": data["employee"].name})
            return redirect("training:module_detail", module.pk)
    context = {"module": module, "form": form}
    return render(request, "training/module_assign.html", context, status=status_of(form))
