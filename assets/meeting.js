/* The meeting: one point of the agenda a screen, stepped through without asking the server; what
   is decided is sent, and the screens drawn anew. Loaded when it is first opened. */
(function () {
  "use strict";
  const atlas = window.atlas;
  const dialog = document.getElementById("meeting");
  const byId = (id) => document.getElementById(id);
  const lang = () => new URLSearchParams(window.location.search).get("lang") || "fr";
  let at = 0;
  let busy = false;

  const screens = () => [...dialog.querySelectorAll(".meeting-screen")];

  /* Show one screen; the keyboard goes to it, a pair takes its answers by number. */
  function step(to, stay) {
    const all = screens();
    at = Math.max(0, Math.min(to, all.length - 1));
    all.forEach((one, i) => { one.hidden = i !== at; });
    byId("meeting-at").textContent = all.length ? `${at + 1} / ${all.length}` : "";
    if (stay || !all.length) return;
    (all[at].querySelector(".pair-card[tabindex]") || all[at]).focus({ preventScroll: true });
    all[at].scrollTop = 0;
  }

  function draw(markup) {
    const fresh = document.createElement("div");
    fresh.innerHTML = markup;
    fresh.id = "meeting-body";
    atlas.morph(byId("meeting-body"), fresh);
  }

  function say(words, wrong) {
    const box = byId("meeting-said");
    if (!box) { byId("meeting-body").textContent = words; return; }
    box.textContent = words;
    box.classList.toggle("wrong", Boolean(wrong));
  }

  async function send(act, said) {
    if (busy) return false;
    busy = true;
    dialog.setAttribute("aria-busy", "true");
    const bar = dialog.querySelector(".meeting-bar");
    const meeting = bar && bar.dataset.meeting ? Number(bar.dataset.meeting) : null;
    const body = JSON.stringify({ question: window.location.search, meeting, ...said });
    const headers = { "X-Atlas": "1", "Content-Type": "application/json" };
    let done = false;
    try {
      const answer = await fetch("/meeting/" + act + "?lang=" + lang(), { method: "POST", headers, body });
      if (answer.ok) { draw(await answer.text()); done = true; }
      else say((await answer.json()).error, true);
    } catch { say(dialog.dataset.failed, true); } // the server is away; the screens stay
    busy = false;
    dialog.removeAttribute("aria-busy");
    return done;
  }

  async function act(button) {
    const name = button.dataset.act;
    const said = JSON.parse(button.dataset.said || "{}");
    const form = button.closest("#meeting-point");
    if (form) form.querySelectorAll("[name]").forEach((field) => { said[field.name] = field.value; });
    if (!(await send(name, said))) return;
    if (form) byId("meeting-point").querySelectorAll("[name]").forEach((field) => { field.value = ""; });
    const started = name === "open" || name === "undo";
    step(name === "open" ? 1 : name === "undo" ? 0 : at, !started);
    if (form) byId("meeting-point").querySelector("[name]").focus();
    else if (!started && !dialog.contains(document.activeElement)) step(at);
    if (name === "undo") window.dash_clientside.set_props("published", { data: "meeting " + Date.now() });
  }

  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("button, a");
    if (!button) return;
    if (button.dataset.do === "leave") leave();
    else if (button.dataset.do) step(at + (button.dataset.do === "next" ? 1 : -1));
    else if (button.dataset.act) act(button);
    else if (button.dataset.go) leave(); // assets/page.js shows it
    else if (button.dataset.minutes !== undefined) button.href = button.getAttribute("href").split("?")[0] + "?lang=" + lang();
  });

  // What was answered about a pair (assets/pairs.js) is drawn in its place.
  dialog.addEventListener("pair-answered", async () => { if (await send("page")) step(at); });

  const STEPS = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 };
  dialog.addEventListener("keydown", (event) => {
    const writing = event.target.matches("input, textarea, select");
    if (event.key === "Escape" && writing) { // the first leaves the field, the next the meeting
      event.preventDefault();
      step(at);
      return;
    }
    if (event.key === "Enter" && writing) { act(event.target.closest("#meeting-point").querySelector("[data-act]")); return; }
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target.closest("button, a, summary")) return;
    if (event.key === "Home" || event.key === "End") step(event.key === "Home" ? 0 : Infinity);
    else if (STEPS[event.key]) step(at + STEPS[event.key]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const screen = screens()[at]; // one that is longer than the screen is read first
      if (screen.scrollHeight <= screen.clientHeight) step(at + (event.key === "ArrowDown" ? 1 : -1));
      else return;
    } else return;
    event.preventDefault();
  });

  function leave() {
    if (document.fullscreenElement) document.exitFullscreen();
    dialog.close();
  }
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && dialog.open) dialog.close();
  });

  atlas.openMeeting = async function () {
    dialog.showModal();
    if (dialog.requestFullscreen) dialog.requestFullscreen().catch(() => {}); // not allowed: it fills the window
    if (await send("page")) step(at);
  };
})();
