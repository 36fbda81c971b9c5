/* The desk with a keyboard: keys, drafts that are kept while one writes, who else is here, what is new. Without
   scripts every step is a form of its own. */
import { say } from "./page.js";

const ticket = document.querySelector("[data-ticket]");
let lead = "";

function isTyping(target) { return target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]"); }

/* Keys of two letters (g n), and opening what a key belongs to. page.js presses plain [data-key] things. */
document.addEventListener("keydown", (event) => {
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      const button = form?.querySelector(event.shiftKey ? "[data-send-next]" : "[data-send]");
      if (button) { event.preventDefault(); form.requestSubmit(button); }
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (lead === "g" && event.key === "n") { event.preventDefault(); event.stopImmediatePropagation(); lead = ""; document.querySelector('[data-lead="g"]')?.click(); return; }
  lead = event.key === "g" ? "g" : "";
  if (event.key === "n") { event.stopImmediatePropagation(); return; }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (target?.matches("textarea, select")) { event.preventDefault(); event.stopImmediatePropagation(); target.focus(); return; }
  if (target?.matches("summary")) {
    event.preventDefault(); event.stopImmediatePropagation();
    target.parentElement.open = true;
    (target.parentElement.querySelector("textarea, select, input:not([type=hidden])") ?? target).focus();
    return;
  }
  move(event);
}, true);

/* The list: j, k, Enter, x. */
const rows = [...document.querySelectorAll("[data-row]")];
let at = -1;
function move(event) {
  if (!rows.length) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    rows[at]?.removeAttribute("data-current");
    at = Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)));
    rows[at].setAttribute("data-current", "");
    rows[at].querySelector("th a").focus();
  } else if (event.key === "x" && rows[at]) {
    event.preventDefault();
    const box = rows[at].querySelector("input[type=checkbox]");
    box.checked = !box.checked;
    say(box.checked ? "✓" : "–");
  }
}

/* The floor: looked at anew while somebody watches it, never under a finger. */
const live = document.querySelector("[data-live]");
async function renew() {
  if (document.hidden || live.contains(document.activeElement)) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  live.replaceChildren(...page.querySelector("[data-live]").children);
}
if (live) setInterval(renew, 15000);

/* Dialogs that a button opens. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opens]");
  if (button) document.getElementById(button.dataset.opens).showModal();
});

/* A ticket: drafts, presence, news. */
if (ticket) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const others = ticket.querySelector("[data-others]");
  const words = { writing: "✎", looking: "◦" };

  async function keep(form) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token);
    body.set("version", ticket.dataset.version);
    const text = form?.elements[form.dataset.field];
    if (form) { body.set("body", text.value); body.set("kind", form.dataset.composer); }
    const answer = await fetch(ticket.dataset.keep, { method: "POST", body }).catch(() => null);
    if (!answer?.ok) return;
    const told = await answer.json();
    others.textContent = told.others.map((one) => `${one.writing ? words.writing : words.looking} ${one.name}`).join("  ");
    ticket.querySelector("[data-news]").hidden = !told.is_new;
    const kept = form?.querySelector("[data-kept]");
    if (kept) kept.textContent = text.value.trim() ? "✓" : "";
  }

  for (const form of ticket.querySelectorAll("[data-composer]")) {
    let timer = 0;
    form.elements[form.dataset.field].addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => keep(form), 800); });
    form.addEventListener("submit", () => clearTimeout(timer));
  }
  setInterval(() => { if (!document.hidden) keep(null); }, 25000);

  ticket.querySelector("[data-macro]")?.addEventListener("change", (event) => {
    const text = document.getElementById("reply");
    if (event.target.value) text.value = text.value ? `${text.value}\n\n${event.target.value}` : event.target.value;
    const then = event.target.selectedOptions[0].dataset.then;
    if (then) document.getElementById("reply-after").value = then;
    event.target.selectedIndex = 0;
    text.focus();
    text.dispatchEvent(new Event("input"));
  });
}
