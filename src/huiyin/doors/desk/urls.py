"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from huiyin.doors.desk import (
    cases,
    collaboration,
    entry,
    house,
    imports,
    payouts,
    reception,
    remedies,
)

app_name = "desk"
urlpatterns = [
    path("", cases.queue, name="queue"),
    path("pulse", cases.pulse, name="pulse"),
    path("search", cases.search, name="search"),
    path("saved-view", cases.saved_view, name="saved_view"),
    path("c/<str:id>/", cases.complaint, name="complaint"),
    path("c/<str:id>/timeline", cases.complaint, name="timeline"),
    path("c/<str:id>/do/<str:action>", cases.act, name="act"),
    path("c/<str:id>/clock/<str:clock>", cases.clock, name="clock"),
    path("c/<str:id>/merge", cases.merge, name="merge"),
    path("c/<str:id>/collaborate", collaboration.ask, name="collaborate"),
    path("c/<str:id>/collaborate/<str:request_id>/<str:act>", collaboration.do, name="request_do"),
    path("c/<str:id>/responsibility", collaboration.responsibility, name="responsibility"),
    path("c/<str:id>/responsibility.pdf", collaboration.responsibility_pdf,
         name="responsibility_pdf"),
    path("tasks", collaboration.tasks, name="tasks"),
    path("tasks/<str:id>", collaboration.task, name="task"),
    path("tasks/<str:id>/<str:act>", collaboration.task_do, name="task_do"),
    path("task-file/<str:message>/<int:number>", collaboration.task_file, name="task_file"),
    path("c/<str:id>/remedy", remedies.remedy, name="remedy"),
    path("c/<str:id>/remedy/sum", remedies.remedy_sum, name="remedy_sum"),
    path("approvals", remedies.approvals, name="approvals"),
    path("approvals/absence", remedies.absence, name="absence"),
    path("payouts", payouts.payouts, name="payouts"),
    path("payouts/<str:id>", payouts.payout_batch, name="payout_batch"),
    path("payouts/<str:id>/file.<str:kind>", payouts.payout_file, name="payout_file"),
    path("file/<str:id>", cases.attachment, name="attachment"),
    path("new", reception.contact_new, name="contact_new"),
    path("lookup", reception.lookup_contact, name="lookup"),
    path("preview", reception.preview_triage, name="preview_triage"),
    path("board", house.board, name="board"),
    path("board.xlsx", house.board_export, name="board_export"),
    path("operations", house.operations_page, name="operations"),
    path("quarantine", house.quarantine, name="quarantine"),
    path("quarantine/<str:id>", house.quarantine_item, name="quarantine_item"),
    path("imports", imports.imports, name="imports"),
    path("imports/<str:id>", imports.import_run, name="import"),
    path("people", house.people_page, name="people"),
    path("people/<str:id>", house.person, name="person"),
    path("playbook", house.playbook, name="playbook"),
    path("account", entry.account, name="account"),
    path("login", entry.sign_in, name="login"),
    path("logout", entry.sign_out, name="logout"),
    path("first-run", entry.first_run, name="first_run"),
]
