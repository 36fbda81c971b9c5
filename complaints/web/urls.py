"""Addresses of complaining, and of the desk where complaints are worked."""

from django.urls import path

from complaints.web import complain, desk, news, reports

urlpatterns = [
    path("complain", complain.complain, name="complain"),
    path("account/complaints", complain.mine, name="complaints-mine"),
    path("complaints/rating/<str:token>", complain.rating, name="complaint-rating"),
    path("complaints/<str:token>", complain.show, name="complaint"),
    path("complaints/<str:token>/files/<str:file>", complain.file, name="complaint-file"),
    path("desk/", desk.index, name="desk"),
    path("desk/next", desk.next_one, name="desk-next"),
    path("desk/bulk", desk.bulk, name="desk-bulk"),
    path("desk/view", desk.save_view, name="desk-view"),
    path("desk/presence", desk.presence, name="desk-presence"),
    path("desk/phone", desk.phone, name="desk-phone"),
    path("desk/floor", desk.floor, name="desk-floor"),
    path("desk/notices", news.notices, name="desk-notices"),
    path("desk/reports", reports.show, name="desk-reports"),
    path("desk/<str:number>", desk.ticket, name="desk-ticket"),
    path("desk/<str:number>/keep", desk.keep, name="desk-keep"),
    path("desk/<str:number>/files/<str:file>", desk.file, name="desk-file"),
    path("desk/<str:number>/<slug:what>", desk.act, name="desk-act"),
]
