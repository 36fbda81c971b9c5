"""Who may come where: one rule for every address of the product. A new address without a rule fails the suite.

Rules, from the widest to the narrowest:

``public``    everybody gets an answer that is not "sign in" and not "forbidden"
``token``     everybody may ask; without the right secret in the address the answer is 404
``signed_in`` people who are signed in; others are sent to sign in
``staff``     whoever may enter the admin at all (merchants' staff, officers, operators)
``merchant``  merchants' staff for what is theirs, operators; for others it does not exist or is forbidden
``agent``     those who work complaints, and operators
``officer``   compliance officers and operators
``moderator`` those who decide about what was reported: agents, compliance officers and operators
``operator``  operators only
``machine``   other systems with their own proof (webhooks, API keys)
"""

PUBLIC, TOKEN, SIGNED_IN, STAFF, MERCHANT, AGENT, OFFICER, MODERATOR, OPERATOR, MACHINE = (
    "public", "token", "signed_in", "staff", "merchant", "agent", "officer", "moderator", "operator", "machine",
)  # fmt: skip

BY_NAME = {
    "healthz": PUBLIC,
    "favicon": PUBLIC,
    "gallery": STAFF,
    "place": PUBLIC,
    **dict.fromkeys(
        (
            "home",
            "search",
            "category",
            "product",
            "merchant",
            "wishes",
            "wish-toggle",
            "picture",
            "sitemap",
            "robots",
        ),
        PUBLIC,
    ),
    **dict.fromkeys(
        (
            "basket",
            "basket-add",
            "basket-accept",
            "basket-set",
            "basket-remove",
            "checkout-start",
            "order-find",
        ),
        PUBLIC,
    ),
    **dict.fromkeys(
        (
            "checkout",
            "checkout-bank",
            "checkout-pay",
            "checkout-pay-leave",
            "offline_challenge",
            "order",
            "order-document",
        ),
        TOKEN,
    ),
    **dict.fromkeys(("rights", "rights-ask", "rights-ics"), PUBLIC),
    "payment-webhook": MACHINE,
    "account": SIGNED_IN,
    "account-details": SIGNED_IN,
    "account-addresses": SIGNED_IN,
    "account-address-new": SIGNED_IN,
    "account-address": SIGNED_IN,
    "account-address-delete": SIGNED_IN,
    "api-schema": PUBLIC,
    "api-docs": PUBLIC,
    "api-rights": PUBLIC,
    "api-rights-ask": PUBLIC,
    **dict.fromkeys(
        ("api-listings", "api-listing", "api-categories", "api-merchant", "api-baskets", "api-checkouts"),
        PUBLIC,
    ),
    **dict.fromkeys(
        (
            "api-basket",
            "api-basket-lines",
            "api-basket-line",
            "api-basket-accept",
            "api-checkout",
            "api-checkout-quote",
            "api-checkout-pay",
            "api-order",
        ),
        TOKEN,
    ),
    **dict.fromkeys(
        (
            "api-merchant-offers",
            "api-merchant-offer",
            "api-merchant-orders",
            "api-merchant-order",
            "api-merchant-parcels",
            "api-merchant-cancellation",
            "api-merchant-delivery",
        ),
        MACHINE,
    ),
    **dict.fromkeys(
        ("terms", "privacy", "imprint", "withdraw", "ranking", "reviews-policy", "contact", "accessibility"),
        PUBLIC,
    ),
    # the public pages of the law
    **dict.fromkeys(
        (
            "public-law",
            "public-law-sitemap",
            "public-law-changes",
            "public-law-atom",
            "public-law-json",
            "public-law-rule",
            "public-law-place",
            "public-law-place-changes",
            "public-law-place-atom",
            "public-law-place-json",
            "public-law-topic",
        ),
        PUBLIC,
    ),
    # what comes after the sale
    **dict.fromkeys(("withdraw-unmatched", "return-scan"), PUBLIC),
    **dict.fromkeys(
        (
            "withdraw-order",
            "withdraw-confirm",
            "withdrawal",
            "withdrawal-receipt",
            "withdrawal-dispute",
            "return",
            "return-send",
            "return-own",
            "return-answer",
            "return-label",
            "return-evidence",
        ),
        TOKEN,
    ),
    **dict.fromkeys(
        ("exchange-start", "exchange-choose", "exchange-claim", "exchange", "exchange-act"), TOKEN
    ),
    **dict.fromkeys(("supplement", "supplement-bank", "supplement-leave"), TOKEN),
    "carrier-webhook": MACHINE,
    "suggestions": PUBLIC,
    "you-said": PUBLIC,
    "suggest": SIGNED_IN,
    "suggestion-vote": SIGNED_IN,
    "api-complaints": SIGNED_IN,  # the list; everybody may complain
    **dict.fromkeys(("api-complaint", "api-complaint-messages"), TOKEN),
    **dict.fromkeys(("api-withdrawals", "api-withdrawal", "api-return", "api-return-label"), TOKEN),
    **dict.fromkeys(("api-claims", "api-claim", "api-claim-files", "api-claim-choice"), TOKEN),
    **dict.fromkeys(
        (
            "api-merchant-returns",
            "api-merchant-return",
            "api-merchant-return-receipt",
            "api-merchant-return-inspection",
            "api-merchant-claims",
            "api-merchant-claim",
            "api-merchant-claim-answer",
            "api-merchant-claim-file",
        ),
        MACHINE,
    ),
    **dict.fromkeys(
        ("claim-start", "claim-file", "claim", "claim-evidence", "claim-act", "late", "late-act"), TOKEN
    ),
    **dict.fromkeys(
        ("merchant-money-start", "merchant-money", "merchant-statement", "merchant-paper"), MERCHANT
    ),
    **dict.fromkeys(("history-list", "history", "history-oddities"), OPERATOR),
    **dict.fromkeys(("money-books", "money-check", "money-payouts", "money-pay", "money-repeat"), OPERATOR),
    # what people say
    **dict.fromkeys(("reviews", "questions", "content-report", "review-photo"), PUBLIC),
    "question-confirm": TOKEN,
    "question-answer": SIGNED_IN,
    "moderation": MODERATOR,
    "moderation-case": MODERATOR,
    **dict.fromkeys(
        ("review-write", "order-question", "message-new", "thread", "thread-act", "message-file"), TOKEN
    ),
    "message-ask": PUBLIC,
    "messages-mine": SIGNED_IN,
    **dict.fromkeys(("moderation-threads", "moderation-thread", "moderation-thread-file"), MODERATOR),
    "complain": PUBLIC,
    "complaints-mine": SIGNED_IN,
    "desk": AGENT,
    **dict.fromkeys(
        (
            "complaint",
            "complaint-file",
            "complaint-rating",
            "complaint-room",
            "complaint-exchange",
            "complaint-outside",
            "complaint-outside-withdraw",
            "complaint-dossier",
        ),
        TOKEN,
    ),
}
# Addresses of libraries, by the start of their name or address; the library's own tests are its proof, ours
# is that an outsider gets no further than the rule says.
BY_PREFIX = {
    "admin:accounts_user": OPERATOR,
    "admin:accounts_merchant_add": OPERATOR,
    "admin:accounts_merchant": MERCHANT,
    "admin:kernel_": OPERATOR,
    "admin:axes_": OPERATOR,
    "admin:django_celery_beat_": OPERATOR,
    "admin:account_": OPERATOR,
    "admin:mfa_": OPERATOR,
    "admin:login": PUBLIC,
    "admin:catalog_": MERCHANT,
    "admin:orders_": MERCHANT,
    "admin:compliance_": OFFICER,
    "law-": OFFICER,
    "desk-": AGENT,
    "merchant-fix": MERCHANT,
    "merchant-measure": MERCHANT,
    "merchant-return": MERCHANT,
    "merchant-complaint": MERCHANT,
    "merchant-voice": MERCHANT,
    "merchant-messages": MERCHANT,
    "merchant-thread": MERCHANT,
    "admin:": STAFF,
    "account_": PUBLIC,
    "account_email": SIGNED_IN,
    "account_email_verification_sent": PUBLIC,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "mfa_": SIGNED_IN,
    "mfa_authenticate": PUBLIC,  # the second step of signing in; without a first step it leads back to it
    "mfa_login_webauthn": PUBLIC,
}


def rule_of(name: str) -> str | None:
    """Return the rule of a route by its full name (``admin:catalog_listing_change``); None if it has none."""
    if name in BY_NAME:
        return BY_NAME[name]
    best = max((prefix for prefix in BY_PREFIX if name.startswith(prefix)), key=len, default=None)
    return BY_PREFIX[best] if best else None
