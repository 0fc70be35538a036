/* The meeting: arrows step from screen to screen, F fills the wall, Escape goes back. */
(function () {
  "use strict";
  const screens = [...document.querySelectorAll(".screen")];
  const at = () => {
    const middle = window.innerHeight / 2;
    return Math.max(0, screens.findIndex((one) => {
      const box = one.getBoundingClientRect();
      return box.top <= middle && box.bottom > middle;
    }));
  };
  function show(n) {
    const next = screens[Math.min(Math.max(n, 0), screens.length - 1)];
    next.scrollIntoView();
    next.focus({ preventScroll: true });
    history.replaceState(null, "", "#" + next.id);
  }
  const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select") && event.key !== "Escape") return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (steps[event.key]) show(at() + steps[event.key]);
    else if (event.key === "Home") show(0);
    else if (event.key === "End") show(screens.length - 1);
    else if (event.key === "f" || event.key === "F") {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen();
    } else if (event.key === "Escape") {
      if (event.target.matches("input, select")) event.target.blur();
      else if (!document.fullscreenElement) window.location = "/" + window.location.search;
      return;
    } else return;
    event.preventDefault();
  });
})();
