/* When the line is down the page shows what it last saw, and says of when that is. Answers are kept
   for one visitor (X-Atlas-Keep: who, and for how many seconds), forgotten when another one asks, and
   emptied by the browser at sign-out. Browsers keep nothing but on a secure page. */
(function () {
  "use strict";
  const atlas = (window.atlas = window.atlas || {});
  const SEEN = "atlas-seen ";
  const PARTS = "atlas-parts";
  const MOST = 200;
  const send = window.fetch.bind(window);
  const contact = { last: new Date(), shown: null, lost: false };
  const unanswered = new Set();

  const dateOf = (answer) => new Date(answer.headers.get("Date"));
  const keyOf = ({ output, inputs, state }) => "/seen?" + encodeURIComponent(JSON.stringify([output, inputs, state]));

  /* Says that the line is down, of when the page is, and greys it where it does not answer what is asked. */
  function tell() {
    const bar = document.getElementById("offline");
    if (!bar) return;
    bar.hidden = !contact.lost && !contact.shown;
    const day = new Intl.DateTimeFormat(document.documentElement.lang || "fr", { dateStyle: "long", timeStyle: "short" });
    const said = bar.querySelector(".offline-words");
    const state = !contact.lost ? "back" : unanswered.size ? "unanswered" : "seen";
    const words = said.dataset[state].replace("|", day.format(contact.shown || contact.last));
    if (said.textContent !== words) said.textContent = words;
    document.querySelector(".columns").classList.toggle("unanswered", unanswered.size > 0);
  }

  /* What the line said just now, of an answer or of a look for news. */
  atlas.heard = function (reached) {
    if (reached && !contact.shown) contact.last = new Date();
    contact.lost = !reached;
    tell();
  };

  async function keep(asked, answer) {
    const [who] = (answer.headers.get("X-Atlas-Keep") || "").split(" ");
    if (!who) return;
    const name = SEEN + who;
    const others = (await caches.keys()).filter((one) => one.startsWith(SEEN) && one !== name);
    if (others.length) {
      await Promise.all([...others, PARTS].map((one) => caches.delete(one)));
      setTimeout(handOver, 1000);
    }
    const seen = await caches.open(name);
    const key = keyOf(asked);
    await seen.delete(key); // the newest stands last
    await seen.put(key, answer);
    const keys = await seen.keys();
    await Promise.all(keys.slice(0, -MOST).map((one) => seen.delete(one)));
  }

  async function kept(asked) {
    if (!window.caches) return null;
    const answer = await caches.match(keyOf(asked));
    if (!answer) return null;
    const [who, seconds] = answer.headers.get("X-Atlas-Keep").split(" ");
    if (Date.now() - dateOf(answer) < seconds * 1000) return answer;
    await caches.delete(SEEN + who);
    return null;
  }

  /* The page itself was not seen under this address: the one that was laid out last is opened. */
  async function openLast(asked) {
    for (const name of (await caches.keys()).filter((one) => one.startsWith(SEEN))) {
      const laid = (await (await caches.open(name)).keys())
        .map((one) => JSON.parse(decodeURIComponent(new URL(one.url).search.slice(1))))
        .filter(([output]) => output === asked.output);
      const search = laid.length ? laid[laid.length - 1][1][0].value || "" : window.location.search;
      if (search !== window.location.search) window.location.replace("/" + search);
    }
  }

  async function ask(resource, options) {
    const asked = JSON.parse(options.body);
    try {
      const answer = await send(resource, options);
      if (window.caches && answer.ok) keep(asked, answer.clone()).catch(() => {});
      unanswered.delete(asked.output);
      atlas.heard(true);
      return answer;
    } catch (problem) {
      if (problem.name === "AbortError") throw problem;
      const answer = await kept(asked);
      if (answer) {
        const day = dateOf(answer);
        contact.shown = contact.shown && contact.shown < day ? contact.shown : day;
        unanswered.delete(asked.output);
      } else {
        unanswered.add(asked.output);
        if (!document.querySelector(".columns") && window.caches) openLast(asked);
      }
      atlas.heard(false);
      setTimeout(tell, 500); // the bar may be in this very answer
      if (!answer) throw problem;
      return answer;
    }
  }

  window.fetch = (resource, options) =>
    (String(resource).includes("/_dash-update-component") ? ask : send)(resource, options);

  /* The worker sees no more than what is asked for after it: what came before is handed to it once. */
  async function handOver() {
    const parts = await caches.open(PARTS);
    const came = performance.getEntriesByType("resource").map((one) => one.name);
    for (const url of ["/", ...came]) {
      if (/\/(\?|$)|\/assets\/|\/geometry\/|_dash-(component|layout|dependencies)/.test(url) && !(await parts.match(url)))
        await send(url, { cache: "force-cache" }).then((answer) => answer.ok && parts.put(url, answer)).catch(() => {});
    }
  }

  window.addEventListener("load", async () => {
    if (!navigator.serviceWorker || !window.caches) return;
    await Promise.race([atlas.drawn, new Promise((resolve) => setTimeout(resolve, 6000))]);
    const known = Boolean(navigator.serviceWorker.controller);
    try {
      await navigator.serviceWorker.register("/worker.js");
      if (!known) setTimeout(handOver, 1000); // the tab's own scripts come first
    } catch { /* the browser keeps nothing: the page asks the line each time */ }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-reload]")) window.location.reload();
  });
})();
