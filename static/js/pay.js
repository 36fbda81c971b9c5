/* The card form of the payment page. Its fields are the provider's own, in frames of the provider: no card
   number ever touches this site. Whatever becomes of the payment, the server asks the provider itself. */

document.getElementById("pay-without").remove();
const form = document.getElementById("pay");
const button = document.getElementById("pay-button");
const problem = document.getElementById("pay-problem");
const { key, secret, locale, unloaded } = form.dataset;
const back = form.dataset.return;

function tell(words) {
  problem.hidden = true;
  problem.querySelector("p").textContent = words;
  requestAnimationFrame(() => { problem.hidden = false; });
}

function isDark() {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function work(on) {
  button.toggleAttribute("disabled", on);
  if (on) button.setAttribute("aria-busy", "true"); else button.removeAttribute("aria-busy");
}

/* Refusals are told here and another card may follow; anything else the server knows better. */
async function pay(stripe, elements) {
  work(true);
  problem.hidden = true;
  const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: back } });
  if (error.type !== "card_error" && error.type !== "validation_error") { location.assign(back); return; }
  work(false);
  tell(error.message);
  button.focus();
}

function mount() {
  const stripe = window.Stripe(key, { locale });
  const elements = stripe.elements({ clientSecret: secret, appearance: { theme: isDark() ? "night" : "stripe" } });
  const card = elements.create("payment");
  const place = document.getElementById("card");
  /* Room for the fields and the button from the start: nothing moves under the finger when they come. */
  place.classList.add("card-fields");
  button.hidden = false;
  work(true);
  card.on("ready", () => { place.removeAttribute("aria-busy"); work(false); });
  card.on("loaderror", () => { place.remove(); button.remove(); tell(unloaded); });
  card.mount("#card");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!button.disabled) pay(stripe, elements);
  });
}

if (window.Stripe && key) mount(); else tell(unloaded);
/* Coming back by the browser's own back button: what stands here may be over. */
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
