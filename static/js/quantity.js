/* Minus and plus beside number fields. The field itself works without them. */
const SVG = "http://www.w3.org/2000/svg";

function sign(path) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ class: "icon", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.5", "stroke-linecap": "round", "aria-hidden": "true" })) svg.setAttribute(name, value);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

function dress(box) {
  const input = box.querySelector("input");
  if (box.dataset.dressed || !input) return;
  box.dataset.dressed = "yes";
  const button = (label, path, move) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "quantity__button";
    made.setAttribute("aria-label", `${label}: ${input.labels[0]?.textContent.trim() ?? ""}`);
    made.append(sign(path));
    made.addEventListener("click", () => {
      move();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    return made;
  };
  const less = button(box.dataset.less, "M5 12h14", () => input.stepDown());
  const more = button(box.dataset.more, "M12 5v14M5 12h14", () => input.stepUp());
  const judge = () => {
    less.disabled = input.valueAsNumber <= Number(input.min || -Infinity);
    more.disabled = input.max !== "" && input.valueAsNumber >= Number(input.max);
  };
  input.addEventListener("input", judge);
  input.before(less);
  input.after(more);
  judge();
}

const dressAll = (root) => root.querySelectorAll?.("[data-quantity]").forEach(dress);
dressAll(document);
document.addEventListener("htmx:load", (event) => { if (event.detail.elt.matches?.("[data-quantity]")) dress(event.detail.elt); dressAll(event.detail.elt); });
