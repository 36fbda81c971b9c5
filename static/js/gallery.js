/* Pictures of a product: the thumbnail of what is in view is marked; arrow keys move. */
for (const gallery of document.querySelectorAll("[data-gallery]")) {
  const track = gallery.querySelector(".gallery__track");
  const items = [...track.children];
  const thumbs = [...gallery.querySelectorAll(".gallery__thumb")];
  let current = 0;

  const show = (index) => {
    current = Math.max(0, Math.min(items.length - 1, index));
    const sign = getComputedStyle(track).direction === "rtl" ? -1 : 1;
    track.scrollTo({ left: sign * current * track.clientWidth });
  };
  const mark = (index) => {
    current = index;
    thumbs.forEach((thumb, i) => (i === index ? thumb.setAttribute("aria-current", "true") : thumb.removeAttribute("aria-current")));
  };

  thumbs.forEach((thumb, index) => thumb.addEventListener("click", (event) => { event.preventDefault(); show(index); }));
  track.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(current + step * (getComputedStyle(track).direction === "rtl" ? -1 : 1));
  });
  const watcher = new IntersectionObserver(
    () => mark(Math.round(Math.abs(track.scrollLeft) / Math.max(1, track.clientWidth))), // a resize reports items that only passed by
    { root: track, threshold: 0.6 },
  );
  items.forEach((item) => watcher.observe(item));
}
