"""Addresses of complaining, and of the desk where complaints are worked."""

from django.urls import path

from complaints.web import (
    cases,
    complain,
    desk,
    exchange,
    issues,
    macros,
    news,
    people,
    reports,
    room,
    suggestions,
    wayout,
)

urlpatterns = [
    path("complain", complain.complain, name="complain"),
    path("account/complaints", complain.mine, name="complaints-mine"),
    path("complaints/rating/<str:token>", complain.rating, name="complaint-rating"),
    path("complaints/<str:token>", complain.show, name="complaint"),
    path("complaints/<str:token>/files/<str:file>", complain.file, name="complaint-file"),
    path("complaints/<str:token>/room", room.customer, name="complaint-room"),
    path("complaints/<str:token>/exchange/<str:settlement>", exchange.choose, name="complaint-exchange"),
    path("complaints/<str:token>/outside", wayout.choose, name="complaint-outside"),
    path(
        "complaints/<str:token>/outside/<str:referral>", wayout.take_back, name="complaint-outside-withdraw"
    ),
    path(
        "complaints/<str:token>/outside/<str:referral>/dossier.zip", wayout.dossier, name="complaint-dossier"
    ),
    path("suggestions", suggestions.index, name="suggestions"),
    path("suggestions/new", suggestions.suggest, name="suggest"),
    path("suggestions/<str:number>/vote", suggestions.vote, name="suggestion-vote"),
    path("you-said-we-did", suggestions.answered, name="you-said"),
    path("desk/", desk.index, name="desk"),
    path("desk/next", desk.next_one, name="desk-next"),
    path("desk/bulk", desk.bulk, name="desk-bulk"),
    path("desk/view", desk.save_view, name="desk-view"),
    path("desk/presence", desk.presence, name="desk-presence"),
    path("desk/phone", desk.phone, name="desk-phone"),
    path("desk/floor", desk.floor, name="desk-floor"),
    path("desk/people", people.index, name="desk-people"),
    path("desk/people/<int:number>", people.show, name="desk-person"),
    path("desk/notices", news.notices, name="desk-notices"),
    path("desk/macros", macros.index, name="desk-macros"),
    path("desk/macros/new", macros.edit, name="desk-macro-new"),
    path("desk/macros/<slug:slug>", macros.edit, name="desk-macro"),
    path("desk/suggestions", suggestions.desk, name="desk-suggestions"),
    path("desk/suggestions/<str:number>", suggestions.answer, name="desk-suggestion"),
    path("desk/reports", reports.show, name="desk-reports"),
    path("desk/issues", issues.index, name="desk-issues"),
    path("desk/issues/<str:issue>", issues.show, name="desk-issue"),
    path("desk/cases", cases.index, name="desk-cases"),
    path("desk/cases/<str:number>", cases.show, name="desk-case"),
    path("desk/cases/<str:number>/files/<int:pk>", cases.file, name="desk-case-file"),
    path(
        "desk/cases/<str:number>/letters/<str:order>/<slug:template>", cases.letter, name="desk-case-letter"
    ),
    path("desk/cases/<str:number>/<slug:what>", cases.act, name="desk-case-act"),
    path("desk/order/<str:order>", desk.order, name="desk-order"),
    path("desk/reports/monthly.pdf", reports.monthly, name="desk-report-month"),
    path("desk/<str:number>", desk.ticket, name="desk-ticket"),
    path("desk/<str:number>/keep", desk.keep, name="desk-keep"),
    path("desk/<str:number>/room", room.agent, name="desk-room"),
    path("desk/<str:number>/dossier/<str:referral>", desk.dossier, name="desk-dossier"),
    path("desk/<str:number>/files/<str:file>", desk.file, name="desk-file"),
    path("desk/<str:number>/<slug:what>", desk.act, name="desk-act"),
]
