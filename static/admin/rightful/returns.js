// The returns with a scanner and a keyboard. Without scripts every step is a field, a link or a button all the same.
const live = document.querySelector("[data-keys-live]");

function isTyping(target) { return Boolean(target.closest?.("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select")); }

function press(key) {
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => one.getClientRects().length);
  if (!target) return false;
  if (target.matches("input, textarea, select")) { target.focus(); target.select?.(); }
  else if (target.matches("summary")) { target.parentElement.open = true; target.parentElement.querySelector("input:not([type=hidden]), select, textarea")?.focus(); }
  else if (target.matches("form")) target.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  else target.click();
  return true;
}

// Browsers do not always follow autofocus on a page that was reached by Enter; hands on a keyboard wait for it.
if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();

// The list: j and k go down and up, x chooses; Enter opens, because the focus stands on the link.
const rows = [...document.querySelectorAll("[data-row]")];
let at = -1;
function move(key) {
  if (!rows.length) return false;
  if (key === "j" || key === "k") {
    at = Math.max(0, Math.min(rows.length - 1, at + (key === "j" ? 1 : -1)));
    rows[at].querySelector("th a").focus();
    return true;
  }
  const box = key === "x" && rows[at]?.querySelector("input[type=checkbox]");
  if (!box) return false;
  box.checked = !box.checked;
  if (live) live.textContent = `${box.value} ${box.checked ? "✓" : "–"}`;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form");
    if (form) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (press(event.key) || move(event.key)) event.preventDefault();
});

// The help sheet; its button is shown only where it works.
for (const button of document.querySelectorAll("[data-opens]")) {
  button.hidden = false;
  button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
}

// A form is sent once, however often Enter is pressed.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; });
