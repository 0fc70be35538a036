/* The import page: sends files, asks how far they are, tells the server what a person says.
   Loaded when it is first opened. It writes no text of its own but numbers and file names. */
(function () {
  "use strict";
  const atlas = window.atlas;
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const dialog = document.getElementById("import");
  const POLL_MS = 400; // while a file is read
  const GLANCE_MS = 3000; // otherwise: another window may change the same import
  const AGAIN_MS = 2000; // until the next try, while the server does not answer
  const KEPT = "atlas-draft"; // a draft outlives a reload of the page, in this window only
  let now = { draft: null, topic: "", look: {}, n: 0 };
  let source = "auto";
  let round = 0; // the watch that counts: an older one ends
  let seen = "";

  const lang = () => new URLSearchParams(window.location.search).get("lang") || "fr";
  const byId = (id) => document.getElementById(id);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const mark = () => Math.random().toString(36).slice(2) + Date.now().toString(36);
  const WINDOW = mark(); // whose answers these are

  /* Draw the page anew, with what the last action came to; then do what waits for it. */
  async function show(changes, then) {
    now = Object.assign({}, now, { error: "", done: "" }, changes, { n: now.n + 1 });
    if (now.draft) sessionStorage.setItem(KEPT, now.draft); else sessionStorage.removeItem(KEPT);
    const asked = now;
    const answer = await insist(() => fetched("page", post(asked)));
    const page = await answer.text();
    if (asked !== now) return; // something newer is on its way
    if (!answer.ok) { if (!byId("import-title")) byId("import-body").textContent = dialog.dataset.failed; return; }
    const fresh = document.createElement("div");
    fresh.innerHTML = page;
    fresh.id = "import-body";
    atlas.morph(byId("import-body"), fresh);
    if (then) then();
  }

  class Away extends Error {} // the server does not answer, as against: it answers no

  async function fetched(path, options) {
    const headers = Object.assign({ "X-Atlas": "1" }, (options || {}).headers);
    let answer;
    try {
      answer = await fetch("/import/" + path + "?lang=" + lang(), Object.assign({}, options, { headers }));
    } catch (error) { throw new Away(error.message); }
    offline(false);
    return answer;
  }

  const post = (words) => ({
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(words || {}),
  });

  async function ask(path, options) {
    const told = await (await fetched(path, options)).json();
    if (told.error) throw new Error(told.error);
    return told;
  }

  /* The same, again and again while the server does not answer. */
  async function insist(doing) {
    for (;;) {
      try { return await doing(); } catch (error) {
        if (!(error instanceof Away)) throw error;
        offline(true);
        await pause(AGAIN_MS);
      }
    }
  }

  function offline(is) {
    const told = byId("import-offline");
    if (told && told.hidden === is) told.hidden = !is;
  }

  const tell = (path, words) => insist(() => ask(path, post(words)));

  /* Do something, then draw what came of it: an error is told and changes nothing. */
  async function act(doing, place) {
    try {
      show((await doing()) || {}, () => refocus(place));
      watch();
    } catch (error) {
      show({ error: error.message }, () => refocus(place));
    }
  }

  /* Where the keyboard is: in which file, in which question of which list. */
  function placeOf(part) {
    const item = part.closest("li");
    const file = part.closest("[data-file]");
    const lists = file ? [...file.querySelectorAll(".import-places")] : [];
    return {
      file: file && file.dataset.file,
      list: item ? lists.indexOf(item.parentElement) : -1,
      row: item ? [...item.parentElement.children].indexOf(item) : -1,
    };
  }

  /* What was pressed may be gone once the page is drawn: the keyboard goes to the next question. */
  function refocus(place) {
    const lost = !document.activeElement || document.activeElement === document.body || document.activeElement === dialog;
    if (!dialog.open || !lost || !place) return;
    const file = dialog.querySelector('[data-file="' + place.file + '"]') || dialog;
    const list = file.querySelectorAll(".import-places")[place.list];
    const rows = list ? [...list.children].slice(place.row).filter((row) => !row.classList.contains("answered")) : [];
    const next = (rows[0] || file).querySelector(".import-choices button, button:not(:disabled), select, summary");
    if (next) next.focus();
  }

  async function draft() {
    if (!now.draft) now.draft = (await tell("")).draft;
    return now.draft;
  }

  /* One file, as it is, with a bar that tells how much of it has gone; again until it is there. */
  async function send(file, path) {
    const once = mark();
    for (;;) {
      try { return await sendOnce(file, path, once); } catch (error) {
        if (!(error instanceof Away)) throw error;
        sending(file.name, 0, "again");
        await pause(AGAIN_MS);
      }
    }
  }

  function sendOnce(file, path, once) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const words = new URLSearchParams({ name: file.name, source, once, by: WINDOW, lang: lang() });
      request.open("POST", "/import/" + path + "/files?" + words);
      request.setRequestHeader("X-Atlas", "1");
      request.upload.onprogress = (sent) => sending(file.name, sent.loaded / Math.max(sent.total, 1), "sending");
      request.onerror = () => reject(new Away(file.name));
      request.onload = () => {
        let told = {};
        try { told = JSON.parse(request.responseText); } catch { told = { error: file.name }; }
        if (told.error) reject(new Error(told.error)); else resolve(told);
      };
      request.send(file);
    });
  }

  function sending(name, share, words) {
    const bar = byId("import-bar");
    if (!bar) return;
    bar.max = 1;
    bar.value = share;
    const box = bar.closest(".import-progress");
    box.classList.remove("idle");
    byId("import-told").textContent = box.dataset[words].replace("{file}", name) + " " + Math.round(100 * share) + " %";
  }

  async function take(files) {
    const refused = [];
    try {
      const path = await draft();
      for (const file of files) {
        try { await send(file, path); } catch (error) { refused.push(error.message); }
        show({ error: refused.join(" ") });
        watch();
      }
    } catch (error) {
      show({ error: error.message });
    }
  }

  /* Ask how far the files are, as long as the page is open; it is drawn when something changed. */
  async function watch() {
    const own = ++round;
    while (own === round && now.draft && dialog.open) {
      let files = null;
      try {
        files = (await ask(now.draft)).files;
      } catch (error) {
        if (own !== round) return;
        if (!(error instanceof Away)) { now.draft = null; show({ error: error.message, look: {} }); return; }
        offline(true);
      }
      if (own !== round) return;
      const pending = files && files.some((file) => file.state === "waiting" || file.state === "reading");
      if (files) changed(files);
      await pause(!files ? AGAIN_MS : pending ? POLL_MS : GLANCE_MS);
    }
  }

  function changed(files) {
    const told = now.draft + JSON.stringify(files.map((file) => [file.file, file.state, file.version, file.answers]));
    if (told !== seen) show({ error: now.error, done: now.done });
    seen = told;
    files.forEach((file) => {
      const card = dialog.querySelector('[data-file="' + file.file + '"]');
      const bar = card && card.querySelector("[data-bar]");
      if (!bar || !file.told) return;
      bar.value = file.share;
      card.querySelector("[data-phase]").textContent = file.told;
    });
    const bar = byId("import-bar");
    if (!bar) return;
    bar.max = Math.max(files.length, 1);
    bar.value = files.reduce((sum, file) => sum + file.share, 0);
  }

  function pasted(text) {
    const lines = text.split("\n");
    const kind = text.includes("\t") ? "tsv" : /[;,]/.test(lines[0]) ? "csv" : "txt";
    // "20h19m02s": six figures in a row would be read as the month of the situation
    const hour = new Date().toTimeString().slice(0, 8).replace(":", "h").replace(":", "m") + "s";
    take([new File([text], "presse-papiers-" + hour + "." + kind)]);
  }

  function choose() {
    const picker = document.createElement("input");
    picker.type = "file";
    picker.multiple = true;
    picker.onchange = () => take([...picker.files]);
    picker.click();
  }

  const numberOf = (part) => part.closest("[data-file]").dataset.file;
  const own = (part, action) => now.draft + "/files/" + numberOf(part) + (action ? "/" + action : "");
  /* Which answers this window had seen when it said something: another may answer meanwhile. */
  const knowing = (words, seen) => Object.assign({ by: WINDOW, seen }, words);
  const answering = (part, action, words) => {
    const told = knowing(words, Number(part.closest("[data-file]").dataset.answers));
    const path = own(part, action);
    return act(async () => { await tell(path, told); }, placeOf(part));
  };
  const say = (part, words) => answering(part, "", words);

  /* What is shown of a file: a filter, a page, a row. The row is brought into sight. */
  function look(part, changes) {
    const number = numberOf(part);
    const place = placeOf(part);
    const at = Object.assign({}, now.look[number], changes);
    show({ look: Object.assign({}, now.look, { [number]: at }), error: now.error }, () => {
      const box = dialog.querySelector('[data-file="' + number + '"] .import-rows');
      if ("row" in changes && box) {
        (box.querySelector("tr.here") || box).scrollIntoView({ block: "center" });
        box.querySelector(".scroll").focus({ preventScroll: true });
      } else refocus(place);
    });
  }

  async function all(action, words) {
    const told = await tell(now.draft + "/" + action, knowing(words));
    round++;
    now.draft = null;
    now.look = {};
    if (told.published) set("published", { data: told.published });
    return told;
  }

  /* Something about what is published, or about an import that was left. */
  async function whole(path, words) {
    const told = await tell(path, words);
    if (told.published) set("published", { data: told.published });
    return { done: told.done || "" };
  }

  function filled(part) {
    const words = {};
    part.closest("[role=group]").querySelectorAll("[data-part]").forEach((field) => {
      words[field.dataset.part] = field.querySelector("input, select").value.trim();
    });
    return words;
  }

  const form = (part) => say(part, { [part.dataset.form]: filled(part) });
  const added = (part) => say(part, { decide: { organisation: { [part.dataset.new]: JSON.stringify(filled(part)) } } });

  /* All that a wording may mean: fetched when somebody first wants another choice. */
  const lists = {};
  async function offer(input, answer) {
    const path = answer.dataset.choices;
    const id = "choices-" + path.replace(/\W/g, "-") + "-" + lang();
    input.setAttribute("list", id);
    if (lists[id]) return;
    lists[id] = document.createElement("datalist");
    lists[id].id = id;
    dialog.append(lists[id]);
    const told = await insist(() => ask("choices/" + path));
    told.choices.forEach(([value, name]) => {
      const option = new Option(name, name);
      option.dataset.value = value;
      lists[id].append(option);
    });
  }

  /* Another choice than those proposed: one of the list, by its name. */
  function chosen(input, answer) {
    const options = lists[input.getAttribute("list")];
    const found = options && [...options.options].find((one) => one.value === input.value.trim());
    input.setCustomValidity(found || !input.value.trim() ? "" : answer.dataset.none);
    if (found) say(input, { decide: { [answer.dataset.kind]: { [answer.dataset.wording]: found.dataset.value } } });
    else input.reportValidity();
  }

  dialog.addEventListener("focusin", (event) => {
    const answer = event.target.closest("[data-choices]");
    if (answer) offer(event.target, answer);
  });

  dialog.addEventListener("click", (event) => {
    const part = event.target.closest("button");
    if (!part || part.disabled) return;
    const data = part.dataset;
    if (data.do === "close") dialog.close();
    else if (data.do === "choose") choose();
    else if (data.look) look(part, JSON.parse(data.look));
    else if (data.form) form(part);
    else if (data.new !== undefined) added(part);
    else if (data.resume) { now.draft = data.resume; show({ look: {} }); watch(); }
    else if (data.ask) act(() => whole(data.ask, knowing(JSON.parse(data.body || "{}"))), placeOf(part));
    else if (data.all) act(() => all(data.all, JSON.parse(data.body || "{}")), placeOf(part));
    else if (data.post !== undefined) answering(part, data.post, JSON.parse(data.body || "{}"));
  });

  dialog.addEventListener("change", (event) => {
    const part = event.target;
    const column = part.dataset.column;
    const key = part.dataset.lookKey;
    const answer = part.closest("[data-told]");
    const other = part.closest("[data-wording]");
    if (column !== undefined) say(part, { columns: { [column]: part.value } });
    else if (key) look(part, { [key]: part.value, page: 0 });
    else if (answer) say(part, { [answer.dataset.told]: part.value });
    else if (other) chosen(part, other);
  });

  /* Up and down go from question to question; Enter in a form sends it. */
  dialog.addEventListener("keydown", (event) => {
    const group = event.target.closest(".import-control");
    if (event.key === "Enter" && group && event.target.tagName === "INPUT") form(group.querySelector("[data-form]"));
    const item = event.target.tagName === "BUTTON" && event.target.closest(".import-places > li");
    const next = item && { ArrowDown: item.nextElementSibling, ArrowUp: item.previousElementSibling }[event.key];
    if (!next) return;
    event.preventDefault();
    (next.querySelector(".import-choices button") || next.querySelector("button")).focus();
  });

  dialog.addEventListener("paste", (event) => {
    if (event.target.closest("input")) return;
    const files = [...event.clipboardData.files];
    const text = event.clipboardData.getData("text/plain");
    if (!files.length && !text.trim()) return;
    event.preventDefault();
    if (files.length) take(files); else pasted(text);
  });

  ["dragover", "dragleave", "drop"].forEach((name) => dialog.addEventListener(name, (event) => {
    event.preventDefault();
    dialog.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  }));

  /* Open the page, with the files of a draft that was left in this window. */
  atlas.openImport = async function (topic, asSource) {
    source = asSource || "auto";
    const left = now.draft || sessionStorage.getItem(KEPT);
    try {
      if (left) await ask(left);
      now.draft = left;
    } catch (error) { now.draft = error instanceof Away ? left : null; } // published elsewhere, or too old
    show({ topic: topic });
    dialog.showModal();
    watch();
  };
})();
