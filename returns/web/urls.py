"""Addresses of what comes after the sale: the withdrawal function, declarations, returns."""

from django.urls import path

from returns.web import claims, exchanges, sending, withdraw

urlpatterns = [
    path("withdraw", withdraw.start, name="withdraw"),
    path("withdraw/without-order", withdraw.unmatched, name="withdraw-unmatched"),
    path("withdraw/order/<str:key>", withdraw.order, name="withdraw-order"),
    path("withdraw/order/<str:key>/confirm", withdraw.confirm, name="withdraw-confirm"),
    path("withdrawals/<str:token>", withdraw.show, name="withdrawal"),
    path("withdrawals/<str:token>/receipt.pdf", withdraw.receipt, name="withdrawal-receipt"),
    path("withdrawals/<str:token>/dispute", withdraw.dispute, name="withdrawal-dispute"),
    path("returns/scan/<str:ret>", sending.scan, name="return-scan"),
    path("returns/<str:token>", sending.show, name="return"),
    path("returns/<str:token>/send", sending.send, name="return-send"),
    path("returns/<str:token>/own", sending.own, name="return-own"),
    path("returns/<str:token>/answer", sending.answer, name="return-answer"),
    path("returns/<str:token>/label.pdf", sending.label, name="return-label"),
    path("returns/<str:token>/evidence/<str:loss>", sending.evidence, name="return-evidence"),
    path("webhooks/carriers/<slug:carrier>", sending.carrier_webhook, name="carrier-webhook"),
    path("claims/order/<str:key>", claims.start, name="claim-start"),
    path("claims/order/<str:key>/<str:line>", claims.file, name="claim-file"),
    path("claims/<str:token>", claims.show, name="claim"),
    path("claims/<str:token>/files/<int:pk>", claims.evidence, name="claim-evidence"),
    path("claims/<str:token>/exchange", exchanges.for_claim, name="exchange-claim"),
    path("exchanges/order/<str:key>", exchanges.start, name="exchange-start"),
    path("exchanges/order/<str:key>/<str:line>", exchanges.choose, name="exchange-choose"),
    path("exchanges/<str:token>", exchanges.show, name="exchange"),
    path("exchanges/<str:token>/<slug:action>", exchanges.act, name="exchange-act"),
    path("claims/<str:token>/<slug:action>", claims.act, name="claim-act"),
    path("late/<str:key>/<str:order>", claims.late, name="late"),
    path("late/<str:key>/<str:order>/<slug:action>", claims.late_act, name="late-act"),
]
