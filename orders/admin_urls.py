"""The pages of money beside the admin's own."""

from django.contrib.admin.views.decorators import staff_member_required
from django.urls import path

from orders import admin_history, admin_messages, admin_money

urlpatterns = [
    path("money", staff_member_required(admin_money.start), name="merchant-money-start"),
    path("money/<str:merchant>", staff_member_required(admin_money.money), name="merchant-money"),
    path(
        "money/<str:merchant>/<str:month>/<str:currency>/<slug:kind>",
        staff_member_required(admin_money.month),
        name="merchant-statement",
    ),
    path(
        "money/<str:merchant>/papers/<str:number>.pdf",
        staff_member_required(admin_money.paper),
        name="merchant-paper",
    ),
    path("books", admin_money.books, name="money-books"),
    path("books/check", admin_money.check, name="money-check"),
    path("books/refunds/<str:refund>/repeat", admin_money.repeat, name="money-repeat"),
    path("histories", admin_history.show_histories, name="history-list"),
    path("histories/<slug:slug>", admin_history.show_history, name="history"),
    path("histories/<slug:slug>/oddities.csv", admin_history.as_csv, name="history-oddities"),
    path("payouts", admin_money.payouts, name="money-payouts"),
    path("payouts/run", admin_money.pay, name="money-pay"),
    path("messages", staff_member_required(admin_messages.inbox), name="merchant-messages"),
    path("messages/<str:public_id>", staff_member_required(admin_messages.thread), name="merchant-thread"),
    path(
        "messages/<str:public_id>/files/<str:file>",
        staff_member_required(admin_messages.file),
        name="merchant-thread-file",
    ),
    path(
        "messages/<str:public_id>/<slug:action>",
        staff_member_required(admin_messages.act),
        name="merchant-thread-act",
    ),
    path("conversations", admin_messages.reports, name="moderation-threads"),
    path("conversations/<str:public_id>", admin_messages.report, name="moderation-thread"),
    path(
        "conversations/<str:public_id>/files/<str:file>",
        admin_messages.report_file,
        name="moderation-thread-file",
    ),
]
