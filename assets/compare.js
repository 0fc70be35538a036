/* Two maps that zoom and move together: buttons, wheel, drag, keys. */
(() => {
  const boxes = [...document.querySelectorAll("[data-linked]")];
  const most = 12;
  let scale = 1, x = 0, y = 0; // of the drawing, x and y in shares of its box

  function show() {
    x = Math.min(0, Math.max(1 - scale, x));
    y = Math.min(0, Math.max(1 - scale, y));
    for (const box of boxes) {
      box.firstElementChild.style.transform = `translate(${100 * x}%, ${100 * y}%) scale(${scale})`;
      box.dataset.scale = scale.toFixed(2);
    }
  }

  function zoom(by, atX = 0.5, atY = 0.5) {
    const next = Math.min(most, Math.max(1, scale * by));
    x = atX - (atX - x) * next / scale;
    y = atY - (atY - y) * next / scale;
    scale = next;
    show();
  }

  function move(dx, dy) { x += dx; y += dy; show(); }
  function whole() { scale = 1; x = y = 0; show(); }

  const keys = {
    "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), "0": whole,
    ArrowLeft: () => move(0.1, 0), ArrowRight: () => move(-0.1, 0),
    ArrowUp: () => move(0, 0.1), ArrowDown: () => move(0, -0.1),
  };
  for (const box of boxes) {
    const share = (event) => {
      const at = box.getBoundingClientRect();
      return [(event.clientX - at.left) / at.width, (event.clientY - at.top) / at.height];
    };
    box.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && scale === 1 && event.deltaY > 0) return; // the page scrolls on
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, ...share(event));
    }, { passive: false });
    box.addEventListener("keydown", (event) => {
      const act = keys[event.key];
      if (act && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); act(); }
    });
    let from = null;
    box.addEventListener("pointerdown", (event) => {
      if (scale > 1) { from = share(event); box.setPointerCapture(event.pointerId); }
    });
    box.addEventListener("pointermove", (event) => {
      if (!from) return;
      const now = share(event);
      move(now[0] - from[0], now[1] - from[1]);
      from = now;
    });
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => { from = null; });
  }
  const acts = { in: () => zoom(1.5), out: () => zoom(1 / 1.5), whole };
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", acts[button.dataset.zoom]);
  }
  document.querySelector("[data-zooms]").hidden = false;
})();
