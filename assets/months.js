/* The maps of the months one at a time: buttons, arrows, space; all of them again on demand. */
(() => {
  const STAYS_MS = 1200;
  const player = document.querySelector("[data-player]");
  const maps = [...document.querySelectorAll("[data-months] figure")];
  if (!player || !maps.length) return;
  const box = maps[0].parentElement;
  const button = (act) => player.querySelector(`[data-play="${act}"]`);
  const playing = button("play").textContent;
  let at = maps.length - 1;
  let clock = null;

  function show(next) {
    at = (next + maps.length) % maps.length;
    box.classList.add("one-month");
    maps.forEach((map, i) => { map.hidden = i !== at; });
    player.querySelector(".month-at").textContent = maps[at].querySelector("figcaption").textContent;
  }

  function stop() {
    clearInterval(clock);
    clock = null;
    button("play").textContent = playing;
  }

  function play() {
    if (clock) return stop();
    button("play").textContent = button("all").dataset.stop;
    show(at === maps.length - 1 ? 0 : at);
    clock = setInterval(() => (at === maps.length - 1 ? stop() : show(at + 1)), STAYS_MS);
  }

  function all() {
    stop();
    box.classList.remove("one-month");
    maps.forEach((map) => { map.hidden = false; });
    player.querySelector(".month-at").textContent = "";
  }

  const acts = {
    back: () => { stop(); show(at - 1); }, next: () => { stop(); show(at + 1); }, play, all,
  };
  player.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-play]");
    if (asked) acts[asked.dataset.play]();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("a, input, select")) return;
    const act = { ArrowLeft: "back", ArrowRight: "next" }[event.key];
    const space = event.key === " " && !event.target.closest("button");
    if (!act && !space) return;
    event.preventDefault();
    acts[act || "play"]();
  });
  player.hidden = false;
  show(at);
})();
