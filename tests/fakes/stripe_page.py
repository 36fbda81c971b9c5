"""The stand-in's browser side: a script with Stripe's interface, the card fields in a frame, the bank's page.

Only what the payment page uses: ``Stripe(key, {locale})``, ``elements({clientSecret})``, ``create("payment")``
with ``on`` and ``mount``, ``confirmPayment({elements, confirmParams: {return_url}})``. As with the real one the
card number is typed into a frame of another origin, which sends it to the API itself.
"""

from __future__ import annotations

from html import escape

CARDS = {
    "4242424242424242": "pm_card_visa",
    "4000002760003184": "pm_card_threeDSecure2Required",
    "4000000000000002": "pm_card_chargeDeclined",
    "4000000000009995": "pm_card_chargeDeclinedInsufficientFunds",
}

SCRIPT = """
(() => {
  const base = new URL(document.currentScript.src).origin;
  window.Stripe = (key, options = {}) => {
    const api = (path, body) => fetch(base + "/v1/" + path, {
      method: body ? "POST" : "GET",
      headers: { Authorization: "Bearer " + key },
      body: body && new URLSearchParams(body),
    }).then((answer) => answer.json());
    return {
      elements({ clientSecret, appearance = {} }) {
        const group = { clientSecret, frame: null, create: (kind) => {
          const heard = {};
          const tell = (name) => (heard[name] || []).forEach((listener) => listener({ elementType: kind }));
          return {
            on(name, listener) { (heard[name] ||= []).push(listener); },
            async mount(where) {
              const ref = clientSecret.split("_secret_")[0];
              const intent = await api("payment_intents/" + ref + "?client_secret=" + clientSecret);
              if (intent.error) { tell("loaderror"); return; }
              const frame = document.createElement("iframe");
              frame.title = "Secure payment input frame";
              frame.width = "100%"; frame.height = "240"; frame.setAttribute("frameborder", "0");
              const query = new URLSearchParams({ key, secret: clientSecret, locale: options.locale || "en",
                theme: appearance.theme || "stripe" });
              frame.src = base + "/elements/card?" + query;
              frame.addEventListener("load", () => tell("ready"));
              document.querySelector(where).replaceChildren(frame);
              group.frame = frame;
            },
          };
        } };
        return group;
      },
      confirmPayment({ elements, confirmParams }) {
        return new Promise((resolve) => {
          const channel = new MessageChannel();
          channel.port1.onmessage = ({ data }) => {
            if (data.error) { resolve(data); return; }
            const bank = data.next_action && data.next_action.redirect_to_url.url;
            const back = new URL(confirmParams.return_url);
            back.searchParams.set("payment_intent", data.id);
            back.searchParams.set("payment_intent_client_secret", data.client_secret);
            back.searchParams.set("redirect_status", "succeeded");
            location.assign(bank || back);
          };
          elements.frame.contentWindow.postMessage(confirmParams.return_url, base, [channel.port2]);
        });
      },
    };
  };
})();
"""

WORDS = {
    "en": ("Card number", "Expiry", "Security code", "Your card number is incomplete."),
    "de": ("Kartennummer", "Gültig bis", "Prüfziffer", "Ihre Kartennummer ist unvollständig."),
}

FRAME = """<!doctype html><html lang="{locale}"><head><meta charset="utf-8"><title>Card</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px sans-serif;margin:0;color:{ink};background:{paper}}}label{{display:block;margin:0 0 12px}}
input{{display:block;width:100%;box-sizing:border-box;font:inherit;padding:10px;margin-top:4px;border:1px solid #767676}}</style>
</head><body><form><label>{number}<input name="number" inputmode="numeric" autocomplete="cc-number"></label>
<label>{expiry}<input name="expiry" inputmode="numeric" autocomplete="cc-exp"></label>
<label>{code}<input name="code" inputmode="numeric" autocomplete="cc-csc"></label></form>
<script>
const given = new URLSearchParams(location.search), secret = given.get("secret");
addEventListener("message", async ({{ data, ports }}) => {{
  const number = document.forms[0].number.value.replace(/\\D/g, "");
  if (number.length < 16) {{
    ports[0].postMessage({{ error: {{ type: "validation_error", message: "{incomplete}" }} }});
    return;
  }}
  const body = {{ client_secret: secret, "card[number]": number, return_url: data }};
  const answer = await fetch("/v1/payment_intents/" + secret.split("_secret_")[0] + "/confirm", {{
    method: "POST", headers: {{ Authorization: "Bearer " + given.get("key") }}, body: new URLSearchParams(body) }});
  ports[0].postMessage(await answer.json());
}});
</script></body></html>"""

BANK = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>3D Secure</title>
<meta name="viewport" content="width=device-width"></head><body><h1>3D Secure</h1>
<form method="post"><input type="hidden" name="return_url" value="{back}">
<button name="result" value="complete">Complete authentication</button>
<button name="result" value="fail">Fail authentication</button></form></body></html>"""


def frame_page(*, locale: str, theme: str) -> str:
    """Return the frame with the card's fields."""
    number, expiry, code, incomplete = WORDS.get(locale, WORDS["en"])
    ink, paper = ("#fff", "#101010") if theme == "night" else ("#111", "#fff")
    return FRAME.format(
        locale=escape(locale), ink=ink, paper=paper, number=number, expiry=expiry, code=code,
        incomplete=incomplete,
    )  # fmt: skip


def bank_page(*, back: str) -> str:
    """Return the bank's question."""
    return BANK.format(back=escape(back))
