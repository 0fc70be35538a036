/* Pairs: an answer is sent, the page is laid out anew with the figures that follow, and what it
   came to is said, with the way back. */
(function () {
  "use strict";
  const CARD = ".pair-card";
  const STAYS_MS = 12000; // what an answer came to stays in sight
  const PATIENCE_MS = 8000; // until the page is laid out anew
  let busy = false;
  let hide;

  const lang = () => new URLSearchParams(window.location.search).get("lang") || "fr";

  function say(told) {
    let box = document.getElementById("pair-said");
    if (!box) {
      box = document.createElement("div");
      box.id = "pair-said";
      box.setAttribute("role", "status");
    }
    (document.querySelector("dialog[open]") || document.body).append(box); // a dialog covers the page
    box.textContent = told.error || told.told;
    box.className = told.error ? "wrong" : "";
    if (told.decision) {
      const back = document.createElement("button");
      back.textContent = told.back;
      back.dataset.pair = "undo";
      back.dataset.said = JSON.stringify({ decision: told.decision });
      box.append(" ", back);
    }
    box.hidden = false;
    clearTimeout(hide);
    hide = setTimeout(() => { box.hidden = true; }, STAYS_MS);
  }

  /* The card that stands where the answered one stood takes the focus. */
  function refocus(place, old) {
    const until = Date.now() + PATIENCE_MS;
    (function look() {
      const cards = [...document.querySelectorAll(CARD)];
      if (old && old.isConnected && Date.now() < until) { setTimeout(look, 100); return; }
      const next = cards[Math.min(place, cards.length - 1)];
      if (next) next.focus();
      else if (!document.getElementById("tab-body") && Date.now() < until) setTimeout(look, 100);
    })();
  }

  async function send(button) {
    if (busy) return;
    busy = true;
    const card = button.closest(".card");
    const place = [...document.querySelectorAll(CARD)].indexOf(button.closest(CARD));
    if (card) card.setAttribute("aria-busy", "true");
    let told;
    try {
      const answer = await fetch("/pairs/" + button.dataset.pair + "?lang=" + lang(), {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Atlas": "1" },
        body: button.dataset.said,
      });
      told = await answer.json();
    } catch (error) { told = { error: error.message }; }
    busy = false;
    if (card) card.removeAttribute("aria-busy");
    say(told);
    if (!told.published) return;
    window.dash_clientside.set_props("published", { data: told.published });
    if (button.closest("dialog")) button.dispatchEvent(new Event("pair-answered", { bubbles: true }));
    else refocus(Math.max(place, 0), card);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pair]");
    if (button) send(button);
  });

  document.addEventListener("keydown", (event) => {
    const card = event.target.closest && event.target.closest(CARD);
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const cards = [...document.querySelectorAll(CARD)];
    const next = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (next && !card.closest("dialog")) { // there, one card is all there is
      event.preventDefault();
      (cards[cards.indexOf(card) + next] || card).focus();
    }
    const answer = card.querySelectorAll(".pair-answers button")[Number(event.key) - 1];
    if (answer) send(answer);
  });
})();
