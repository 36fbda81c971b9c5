// The listing editor made livelier: the panel follows the typing, pictures can be dropped, a code is filled in.
const form = document.querySelector("#listing-form");
const panel = document.querySelector("#panel");
let waiting = 0;
let asked = 0;

async function judge() {
  const mine = ++asked;
  const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form), credentials: "same-origin" });
  if (answer.ok && mine === asked) panel.innerHTML = await answer.text();
}

if (form && panel && form.dataset.preview) {
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(judge, 400);
  });
}

for (const button of document.querySelectorAll("[data-fill]")) {
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.fill);
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

for (const area of document.querySelectorAll("[data-drop]")) {
  const input = area.querySelector("input[type=file]");
  const mark = (isOver) => area.classList.toggle("rf-drop--over", isOver);
  area.addEventListener("dragover", (event) => { event.preventDefault(); mark(true); });
  area.addEventListener("dragleave", () => mark(false));
  area.addEventListener("drop", (event) => { event.preventDefault(); mark(false); input.files = event.dataTransfer.files; });
}

// What was entered is not lost by leaving: the browser asks once, unless the form is being sent.
if (form) {
  let isChanged = false;
  form.addEventListener("input", () => { isChanged = true; });
  form.addEventListener("submit", () => { isChanged = false; });
  window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });
}
