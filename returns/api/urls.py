"""The addresses of withdrawals and returns in the API."""

from django.urls import path

from returns.api import claim_views, own_claims, views

urlpatterns = [
    path("orders/<slug:token>/withdrawals", views.Declarations.as_view(), name="api-withdrawals"),
    path("withdrawals/<slug:token>", views.OneWithdrawal.as_view(), name="api-withdrawal"),
    path("returns/<slug:token>", views.OneReturn.as_view(), name="api-return"),
    path("returns/<slug:token>/label", views.ReturnLabel.as_view(), name="api-return-label"),
    path("orders/<slug:token>/claims", claim_views.Claims.as_view(), name="api-claims"),
    path("claims/<slug:token>", claim_views.OneClaim.as_view(), name="api-claim"),
    path("claims/<slug:token>/files", claim_views.ClaimFiles.as_view(), name="api-claim-files"),
    path("claims/<slug:token>/choice", claim_views.ClaimChoice.as_view(), name="api-claim-choice"),
    path("merchant/returns", views.OwnReturns.as_view(), name="api-merchant-returns"),
    path("merchant/returns/<slug:public_id>", views.OwnReturn.as_view(), name="api-merchant-return"),
    path(
        "merchant/returns/<slug:public_id>/receipt",
        views.OwnReceipt.as_view(),
        name="api-merchant-return-receipt",
    ),
    path(
        "merchant/returns/<slug:public_id>/inspection",
        views.OwnInspection.as_view(),
        name="api-merchant-return-inspection",
    ),
    path("merchant/claims", own_claims.OwnClaims.as_view(), name="api-merchant-claims"),
    path("merchant/claims/<slug:public_id>", own_claims.OwnClaim.as_view(), name="api-merchant-claim"),
    path(
        "merchant/claims/<slug:public_id>/answer",
        own_claims.OwnClaimAnswer.as_view(),
        name="api-merchant-claim-answer",
    ),
    path(
        "merchant/claims/<slug:public_id>/files/<int:file>",
        own_claims.OwnClaimFile.as_view(),
        name="api-merchant-claim-file",
    ),
]
