/* What every page does better with scripts. Without them, everything still works.
   Keys, panels, focus after partial updates, announcements, confirmation, buttons pressed once. */

const live = document.getElementById("live");

export function say(text) {
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}

/* Keys: `/` goes to the search; Escape closes an open panel. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") closePanels(true);
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input")) { target.focus(); target.select(); } else target.click();
});

/* Panels: a link with data-panel opens its page's form right here instead of going there. */
let opener = null;

function closePanels(giveBack) {
  if (!opener) return;
  document.getElementById(opener.dataset.panel).replaceChildren();
  opener.setAttribute("aria-expanded", "false");
  if (giveBack) opener.focus();
  opener = null;
}

async function openPanel(link) {
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const body = page && page.querySelector("main form, body > form");
  if (!body) { location.assign(link.href); return; }
  const panel = document.getElementById(link.dataset.panel);
  panel.replaceChildren(document.adoptNode(body));
  link.setAttribute("aria-expanded", "true");
  opener = link;
  panel.querySelector("select, input:not([type=hidden]), button, a")?.focus();
}

for (const link of document.querySelectorAll("a[data-panel]")) {
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  link.setAttribute("aria-controls", link.dataset.panel);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-panel]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    if (opener === link) closePanels(false); else { closePanels(false); openPanel(link); }
  } else if (opener && !event.target.closest(`#${opener.dataset.panel}`)) closePanels(false);
});

/* Confirmation: data-confirm on a form or button opens the dialog of that id; its own submit goes on. */
document.addEventListener("click", (event) => {
  const opens = event.target.closest("[data-dialog]");
  if (opens) {
    const dialog = document.getElementById(opens.dataset.dialog);
    if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); }
  }
  const closes = event.target.closest("[data-close]");
  if (closes) { event.preventDefault(); closes.closest("dialog")?.close(); }
});

/* A form is sent once; its button says so. */
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || event.target.method === "get" || event.target.hasAttribute("hx-post")) return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
  button?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

/* Forms that send themselves when a choice changes: facets, sorting. Their button stays for everyone else. */
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form) form.requestSubmit();
});

/* Copy buttons appear only where they can work. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard?.writeText(button.dataset.copy);
  say(button.dataset.said ?? "");
});
for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = !navigator.clipboard;

/* The error summary takes the focus, so that it is the first thing heard. */
document.querySelector("[data-focus]")?.focus();

/* Partial updates: what has the focus keeps it by its id, and what changed may speak. */
document.addEventListener("htmx:afterSettle", (event) => {
  const words = event.detail.elt?.querySelector?.("[data-say]") ?? event.detail.elt?.closest?.("[data-say]");
  if (words?.dataset.say) say(words.dataset.say);
  event.detail.elt?.querySelector?.("[data-focus]")?.focus();
});
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 422) return;
  location.assign(event.detail.requestConfig.verb === "get" ? event.detail.pathInfo.finalRequestPath : location.href);
});
/* Forms that come back with errors (422) are shown like any other answer. */
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
});

/* An answer that was chosen by the link in a letter is sent as the page opens; without scripts its button does it. */
document.querySelector("form[data-send-at-once]")?.requestSubmit();
