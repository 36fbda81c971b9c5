"""The pages of returns inside the admin: the merchant's inbox, the operator's overview."""

from django.contrib.admin.views.decorators import staff_member_required
from django.urls import path

from returns import admin_claims as claims
from returns import admin_exchanges as exchanges
from returns import admin_inbox as inbox
from returns import admin_letters as letters
from returns import admin_officer as officer
from returns import admin_refunds as refunds
from returns import admin_withdrawals as withdrawals

urlpatterns = [
    path("inbox", staff_member_required(inbox.show_inbox), name="merchant-returns"),
    path("inbox/next", staff_member_required(inbox.show_next), name="merchant-returns-next"),
    path("inbox/bulk", staff_member_required(inbox.bulk), name="merchant-returns-bulk"),
    path("inbox/unannounced", staff_member_required(inbox.unannounced), name="merchant-returns-unannounced"),
    path("inbox/<str:public_id>", staff_member_required(inbox.show_return), name="merchant-return"),
    path(
        "inbox/<str:public_id>/receive", staff_member_required(inbox.receive), name="merchant-return-receive"
    ),
    path(
        "inbox/<str:public_id>/inspect", staff_member_required(inbox.inspect), name="merchant-return-inspect"
    ),
    path(
        "inbox/<str:public_id>/units/<int:unit>",
        staff_member_required(inbox.settle),
        name="merchant-return-unit",
    ),
    path("inbox/<str:public_id>/loss", staff_member_required(inbox.claim_loss), name="merchant-return-loss"),
    path("inbox/<str:public_id>/seal", staff_member_required(inbox.claim_seal), name="merchant-return-seal"),
    path("inbox/<str:public_id>/close", staff_member_required(inbox.close), name="merchant-return-close"),
    path("inbox/<str:public_id>/pay", staff_member_required(inbox.pay), name="merchant-return-pay"),
    path(
        "inbox/<str:public_id>/letters/<slug:template>",
        staff_member_required(letters.of_return),
        name="merchant-return-letter",
    ),
    path("exchanges", staff_member_required(exchanges.show_exchanges), name="merchant-return-exchanges"),
    path(
        "exchanges/promise", staff_member_required(exchanges.promise), name="merchant-return-exchange-promise"
    ),
    path(
        "exchanges/<str:public_id>",
        staff_member_required(exchanges.show_exchange),
        name="merchant-return-exchange",
    ),
    path(
        "exchanges/<str:public_id>/ship",
        staff_member_required(exchanges.ship),
        name="merchant-return-exchange-ship",
    ),
    path(
        "exchanges/<str:public_id>/out",
        staff_member_required(exchanges.run_out),
        name="merchant-return-exchange-out",
    ),
    path("refunds", staff_member_required(refunds.show_late), name="merchant-return-refunds"),
    path(
        "refunds/<str:public_id>/pay", staff_member_required(refunds.pay), name="merchant-return-refund-pay"
    ),
    path(
        "withdrawals",
        staff_member_required(withdrawals.show_withdrawals),
        name="merchant-return-withdrawals",
    ),
    path(
        "withdrawals/<str:public_id>",
        staff_member_required(withdrawals.show_withdrawal),
        name="merchant-return-withdrawal",
    ),
    path(
        "withdrawals/<str:public_id>/<str:order>/letters/<slug:template>",
        staff_member_required(letters.of_withdrawal),
        name="merchant-return-withdrawal-letter",
    ),
    path("late", officer.late, name="law-returns"),
    path("late/withdrawals/<str:public_id>", withdrawals.case, name="law-withdrawal"),
    path(
        "late/withdrawals/<str:public_id>/<str:order>/letters/<slug:template>",
        letters.of_declaration,
        name="law-withdrawal-letter",
    ),
    path("late/record", officer.record, name="law-returns-record"),
    path("late/disputes/<int:pk>", officer.decide_dispute, name="law-returns-dispute"),
    path("late/losses/<int:pk>", officer.decide_loss, name="law-returns-loss"),
    path("late/losses/<int:pk>/evidence", officer.evidence, name="law-returns-evidence"),
    path("late/refunds/<int:pk>/pay", officer.pay, name="law-returns-pay"),
    path("late/declarations/<int:pk>", officer.place, name="law-returns-place"),
    path("claims", staff_member_required(claims.show_claims), name="merchant-return-claims"),
    path("claims/delay", staff_member_required(claims.tell_delay), name="merchant-return-delay"),
    path("claims/<str:public_id>", staff_member_required(claims.show_claim), name="merchant-return-claim"),
    path(
        "claims/<str:public_id>/files/<int:pk>",
        staff_member_required(claims.evidence),
        name="merchant-return-claim-evidence",
    ),
    path(
        "claims/<str:public_id>/<slug:action>",
        staff_member_required(claims.answer),
        name="merchant-return-claim-answer",
    ),
    path(
        "claims/<str:public_id>/letters/<slug:template>",
        staff_member_required(letters.of_claim),
        name="merchant-return-claim-letter",
    ),
    path("late/claims/<str:public_id>/letters/<slug:template>", letters.of_case, name="law-claim-letter"),
    path("late/claims", claims.to_decide, name="law-claims"),
    path("late/claims/<str:public_id>", claims.case, name="law-claim"),
    path("late/claims/<str:public_id>/decide", claims.decide, name="law-claim-decide"),
    path("late/claims/<str:public_id>/files/<int:pk>", claims.case_evidence, name="law-claim-evidence"),
]
