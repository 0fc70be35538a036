/* The first visit: a few steps over the page, by keyboard too. It opens by itself once in a browser. */
(function () {
  "use strict";
  const SEEN = "atlas_visit=1"; // a cookie: signing out empties all else that the browser keeps
  let at = 0;
  const box = () => document.getElementById("visit");

  function show(step) {
    const steps = [...box().querySelectorAll("section")];
    at = Math.max(0, Math.min(step, steps.length - 1));
    steps.forEach((one, i) => { one.hidden = i !== at; });
    box().querySelector(".visit-at").textContent = `${at + 1} / ${steps.length}`;
    box().querySelector('[data-visit="-1"]').disabled = at === 0;
    box().querySelector('[data-visit="1"]').disabled = at === steps.length - 1;
    mark(steps[at].dataset.part);
    if (document.activeElement.disabled || document.activeElement === document.body) box().querySelector('[data-visit="close"]').focus();
  }

  function mark(part) {
    document.querySelectorAll(".visited").forEach((one) => one.classList.remove("visited"));
    const here = part && document.getElementById(part);
    if (!here) return;
    here.classList.add("visited");
    if (window.innerWidth <= 820) here.scrollIntoView({ block: "center" });
  }

  function open() {
    if (!box().open) box().show();
    show(0);
    box().querySelector('[data-visit="1"]').focus();
  }

  function close() {
    box().close();
    mark("");
    document.cookie = SEEN + "; path=/; max-age=31536000; samesite=lax";
    document.querySelector(".visit-open").focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-visit]");
    if (!button) return;
    const asked = button.dataset.visit;
    if (asked === "open") open();
    else if (asked === "close") close();
    else show(at + Number(asked));
  });
  document.addEventListener("keydown", (event) => {
    if (!box() || !box().open || (event.target !== document.body && !box().contains(event.target))) return;
    const steps = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (steps) show(at + steps);
    if (event.key !== "Escape") return;
    event.stopImmediatePropagation();
    close();
  }, true);

  /* The map first; whoever follows an address to a view of it is not at his first visit. */
  async function firstTime() {
    if (document.cookie.includes(SEEN) || window.location.search) return;
    await (window.atlas || {}).drawn;
    if (box() && !document.querySelector("dialog[open]")) open();
  }
  window.addEventListener("load", firstTime);
})();
