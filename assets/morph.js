/* Plain parts of the page come from the server as text: Dash takes milliseconds for each element
   that it is told of. Here the text becomes elements, and what the person did to them stays. */
(function () {
  "use strict";
  const atlas = (window.atlas = window.atlas || {});

  const keyOf = (node) => (node.dataset ? node.dataset.key || node.dataset.file || node.id || "" : "");
  const opened = new WeakMap(); // whether the server last wanted a part open

  /* Make an element what the server drew, and leave alone what the person did to it: what is
     open, written, scrolled and in focus stays. */
  function morph(old, fresh) {
    const own = old.matches("tbody.rest") ? ["hidden"] : ["open", "list"]; // what the person's clicks change
    [...old.attributes].forEach((one) => { if (!fresh.hasAttribute(one.name) && !own.includes(one.name)) old.removeAttribute(one.name); });
    [...fresh.attributes].forEach((one) => { if (!own.includes(one.name) && old.getAttribute(one.name) !== one.value) old.setAttribute(one.name, one.value); });
    if (old.tagName === "DETAILS") {
      if (opened.get(old) !== fresh.open) old.open = fresh.open;
      opened.set(old, fresh.open);
    }
    morphAll(old, fresh);
    const form = old.closest("[data-part]"); // not sent yet
    if (old.tagName === "SELECT" && !form) old.value = fresh.value;
    if (old.tagName === "INPUT" && !form && old !== document.activeElement) old.value = fresh.value;
  }

  function morphAll(old, fresh) {
    const keyed = new Map([...old.children].filter(keyOf).map((child) => [keyOf(child), child]));
    let at = old.firstChild;
    [...fresh.childNodes].forEach((child) => {
      const key = keyOf(child);
      let same = key ? keyed.get(key) : at;
      while (!key && same && keyOf(same)) same = same.nextSibling;
      if (same && same.nodeName === child.nodeName) {
        if (same !== at) old.insertBefore(same, at); else at = at.nextSibling;
        if (same.nodeType === Node.ELEMENT_NODE) morph(same, child);
        else if (same.data !== child.data) same.data = child.data;
      } else {
        old.insertBefore(child, at);
        remember(child);
      }
    });
    while (at) { const next = at.nextSibling; at.remove(); at = next; }
  }

  function remember(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    [node, ...node.querySelectorAll("details")].forEach((one) => { if (one.tagName === "DETAILS") opened.set(one, one.open); });
  }
  atlas.morph = morph;

  /* What the person did last: where a part is scrolled, what has the focus. */
  const scrolled = new Map();
  let focused = null;
  document.addEventListener("scroll", (event) => {
    const part = event.target;
    if (part.nodeType === Node.ELEMENT_NODE) scrolled.set(part, [part.scrollLeft, part.scrollTop]);
  }, { capture: true, passive: true });
  document.addEventListener("focusin", (event) => { focused = event.target; });
  document.addEventListener("pointerdown", () => { focused = null; });

  const SHELL = "[data-markup]", BODY = "#tab-body", PLACE = BODY + ", .panel";
  const elements = (nodes, asked) => nodes.filter((node) => node.nodeType === Node.ELEMENT_NODE)
    .flatMap((node) => [...(node.matches(asked) ? [node] : []), ...node.querySelectorAll(asked)]);
  const placeName = (place) => (place ? [place.id, place.className, place.getAttribute("aria-label")].join(" ") : "");
  const shellName = (shell) => [placeName(shell.closest(PLACE)), shell.tagName, shell.className].join(" ");
  const ours = new WeakMap(); // the nodes written into an element of React

  function write(shell) {
    const fresh = document.createElement(shell.tagName);
    fresh.innerHTML = shell.dataset.markup;
    morphAll(shell, fresh);
    ours.set(shell, [...shell.childNodes]);
  }

  /* Dash draws all of an answer anew: what stood in the same part of the same tab comes back. */
  function inherit(shell, gone) {
    const place = gone.findIndex((old) => shellName(old) === shellName(shell));
    const [old] = place < 0 ? [] : gone.splice(place, 1);
    const wanted = shell.open;
    if (old) shell.append(...old.childNodes);
    if (old && opened.get(old) === wanted) shell.open = old.open;
    if (shell.tagName === "DETAILS") opened.set(shell, wanted);
  }

  /* What is back is scrolled as it was, and has the focus that it had. */
  function settle(shells, removed) {
    const body = document.querySelector(BODY);
    const old = elements(removed, BODY).find((one) => one !== body && placeName(one) === placeName(body));
    if (old && scrolled.has(old)) [body.scrollLeft, body.scrollTop] = scrolled.get(old);
    scrolled.forEach((at, part) => {
      if (!part.isConnected) scrolled.delete(part);
      else if (shells.some((shell) => shell.contains(part))) [part.scrollLeft, part.scrollTop] = at;
    });
    const lost = focused && focused.isConnected && document.activeElement === document.body;
    if (lost && shells.some((shell) => shell.contains(focused))) focused.focus({ preventScroll: true });
  }

  new MutationObserver((records) => {
    const removed = records.flatMap((one) => [...one.removedNodes]).filter((node) => !node.isConnected);
    const added = elements(records.flatMap((one) => [...one.addedNodes]), SHELL);
    const changed = records.filter((one) => one.type === "attributes").map((one) => one.target);
    const shells = [...new Set([...added, ...changed])].filter((shell) => shell.isConnected);
    if (!shells.length) return;
    const gone = elements(removed, SHELL);
    shells.forEach((shell) => {
      if (!shell.matches(SHELL)) (ours.get(shell) || []).forEach((node) => node.remove()); // React holds it now
      else {
        if (!shell.hasChildNodes()) inherit(shell, gone);
        write(shell);
      }
    });
    settle(shells, removed);
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-markup"] });
})();
