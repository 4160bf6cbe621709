"""Views of the door itself: first run, login, account, language of a person."""

from __future__ import annotations

import re

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huiyin import playbooks
from huiyin.core.playbook import load_playbook
from huiyin.core.playbook.edit import Edit, apply
from huiyin.doors import spare
from huiyin.doors.desk.frame import shared_page, show, toast
from huiyin.store.ledger import people
from huiyin.store.read import labels, office
from huiyin.store.read.pages import Choice
from huiyin.store.read.viewer import Viewer

_TELEPHONE = re.compile(r"|[0-9+][0-9 ()（）\-]{2,38}", re.ASCII)
"""A telephone number as people write it, or nothing."""


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Log in; after several wrong passwords the door stays locked for a while."""
    if not office.company_exists():
        return redirect("desk:first_run")
    goal = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(goal, allowed_hosts={request.get_host()}):
        goal = ""
    form = {"username": request.POST.get("username", "").strip()[:64], "next": goal}
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST" and not spare.may_log_in(request=request):
        errors["form"], status = _("这个网络地址输错密码的次数太多，请过一小时再试"), 429
    elif request.method == "POST":
        user = authenticate(
            request, username=form["username"], password=request.POST.get("password", "")[:200]
        )
        if user is not None and user.is_active:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect(goal or "desk:queue")
        spare.wrong_password(request=request)
        if getattr(request, "axes_locked_out", False):
            errors["form"], status = _("密码多次输错，请稍后再试"), 429
        else:
            errors["form"], status = _("用户名或密码不对"), 422
    return render(
        request, "desk/login.html", {"form": form, "errors": errors, "next": goal}, status=status
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Log out."""
    logout(request)
    return redirect("desk:login")


@require_http_methods(["GET", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Create the company and its administrator; possible once."""
    if office.company_exists():
        return redirect("desk:queue")
    form = {k: str(v)[:120] for k, v in request.POST.items() if "password" not in k}
    errors: dict[str, str] = {}
    if request.method == "POST":
        password = request.POST.get("password", "")
        for field in ("company", "name", "username"):
            if not form.get(field, "").strip():
                errors[field] = _("请填写")
        if not _TELEPHONE.fullmatch(form.get("hotline", "").strip()):
            errors["hotline"] = _("请写电话号码，例如 010-12345678")
        try:
            validate_password(password)
        except ValidationError as error:
            errors["password"] = " ".join(error.messages)
        chosen = form.get("playbook", "")
        if chosen not in playbooks.shipped():
            errors["playbook"] = _("请选择一套规程")
        if not errors:
            now = timezone.now()
            # Written into the playbook: there it is changed later, with all that names it.
            edits = [Edit("set", ("hotline",), form.get("hotline", "").strip()[:40])]
            text = apply(text=playbooks.text(name=chosen), edits=edits)
            people.found_company(
                now=now, name=form["company"].strip(), playbook=load_playbook(text=text), text=text
            )
            people.add_person(
                now=now,
                username=form["username"].strip(),
                name=form["name"].strip(),
                role="administrator",
                password=password,
            )
            user = authenticate(request, username=form["username"].strip(), password=password)
            if user is not None:
                login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("desk:queue")
    choices = []
    for name in playbooks.shipped():
        playbook = load_playbook(text=playbooks.text(name=name))
        choices.append(
            Choice(
                code=name,
                label=f"{labels.said(playbook.name)}：{labels.said(playbook.about)}",
                selected=form.get("playbook", "express-default") == name,
            )
        )
    return render(
        request,
        "desk/first_run.html",
        {"form": form, "errors": errors, "playbooks": choices},
        status=422 if errors else 200,
    )


@require_http_methods(["GET", "POST"])
@shared_page
def account(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Change one's own password."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        fresh = request.POST.get("password", "")
        user = request.user
        if not user.check_password(request.POST.get("current", "")):
            errors["current"] = _("当前密码不对")
        else:
            try:
                validate_password(fresh)
            except ValidationError as error:
                errors["password"] = " ".join(error.messages)
        if not errors:
            people.change_person(id=viewer.id, password=fresh)
            logout(request)
            return redirect("desk:login")
        toast(request, _("密码没有修改"), level="error")
    return show(
        request,
        "desk/account.html",
        viewer=viewer,
        nav="account",
        errors=errors,
        status=422 if errors else 200,
    )
