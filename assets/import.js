/* The import page: sends files, asks how far they are, tells the server what a person says.
   Loaded when it is first opened. It writes no text of its own but numbers and file names. */
(function () {
  "use strict";
  const atlas = window.atlas;
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const dialog = document.getElementById("import");
  const POLL_MS = 400;
  const REDRAWN_MS = 600;
  let now = { draft: null, topic: "", n: 0 };
  let source = "auto";
  const KEPT = "atlas-draft"; // a draft outlives a reload of the page, in this window only
  let watching = false;
  let seen = "";

  const lang = () => document.documentElement.lang || "fr";

  /* Draw the page anew, with what the last action came to. */
  function show(changes) {
    now = Object.assign({}, now, { error: "", published: "", undone: false }, changes, { lang: lang(), n: now.n + 1 });
    if (now.draft) sessionStorage.setItem(KEPT, now.draft); else sessionStorage.removeItem(KEPT);
    set("import-asked", { data: now });
  }

  async function ask(path, options) {
    const headers = Object.assign({ "X-Atlas": "1" }, (options || {}).headers);
    const answer = await fetch("/import/" + path + "?lang=" + lang(), Object.assign({}, options, { headers }));
    const told = await answer.json();
    if (told.error) throw new Error(told.error);
    return told;
  }

  const tell = (path, words) => ask(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(words || {}),
  });

  /* Do something, then draw what came of it: an error is told and changes nothing. */
  async function act(doing, number) {
    try {
      show((await doing()) || {});
      watch();
    } catch (error) {
      show({ error: error.message });
    }
    setTimeout(() => refocus(number), REDRAWN_MS);
  }

  /* What was pressed may be gone once the page is drawn: the keyboard stays in its file. */
  function refocus(number) {
    const lost = !document.activeElement || document.activeElement === document.body || document.activeElement === dialog;
    if (!dialog.open || !lost) return;
    const part = dialog.querySelector('[data-file="' + number + '"]') || dialog;
    const next = part.querySelector("button:not(:disabled), select, summary");
    if (next) next.focus();
  }

  async function draft() {
    if (!now.draft) now.draft = (await tell("")).draft;
    return now.draft;
  }

  /* One file, as it is, with a bar that tells how much of it has gone. */
  function send(name, file, path) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const words = new URLSearchParams({ name, source, modified: file.lastModified / 1000, lang: lang() });
      request.open("POST", "/import/" + path + "/files?" + words);
      request.setRequestHeader("X-Atlas", "1");
      request.upload.onprogress = (sent) => sending(name, sent.loaded / Math.max(sent.total, 1));
      request.onerror = () => reject(new Error(name));
      request.onload = () => {
        let told = {};
        try { told = JSON.parse(request.responseText); } catch { told = { error: name }; }
        if (told.error) reject(new Error(told.error)); else resolve(told);
      };
      request.send(file);
    });
  }

  function sending(name, share) {
    const bar = document.getElementById("import-bar");
    bar.max = 1;
    bar.value = share;
    bar.parentElement.classList.remove("idle");
    const words = bar.parentElement.dataset.sending;
    document.getElementById("import-told").textContent = words.replace("{file}", name) + " " + Math.round(100 * share) + " %";
  }

  async function take(files) {
    const refused = [];
    try {
      const path = await draft();
      for (const file of files) {
        try { await send(file.name, file, path); } catch (error) { refused.push(error.message); }
        show({ error: refused.join(" ") });
        watch();
      }
    } catch (error) {
      show({ error: error.message });
    }
  }

  /* Ask how far the files are, until all are read; the page is drawn when something changed. */
  async function watch() {
    if (watching) return;
    watching = true;
    while (watching && now.draft) {
      let files = [];
      try {
        files = (await ask(now.draft)).files;
      } catch (error) {
        if (watching) show({ error: error.message });
        break;
      }
      const told = JSON.stringify(files);
      if (told !== seen && now.draft) show({ error: now.error });
      seen = told;
      if (files.every((file) => file.state === "read" || file.state === "failed")) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    watching = false;
  }

  function pasted(text) {
    const lines = text.split("\n");
    const kind = text.includes("\t") ? "tsv" : /[;,]/.test(lines[0]) ? "csv" : "txt";
    const hour = new Date().toTimeString().slice(0, 8).replace(/:/g, "");
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

  async function all(action) {
    const told = await tell(now.draft + "/" + action);
    watching = false;
    now.draft = null;
    if (told.published) set("published", { data: told.published });
    if (action === "discard") dialog.close();
    return told;
  }

  async function undo(snapshot) {
    const told = await tell("undo", { snapshot });
    set("published", { data: told.published });
    return { undone: true };
  }

  dialog.addEventListener("click", (event) => {
    const part = event.target.closest("button");
    if (!part || part.disabled) return;
    const data = part.dataset;
    if (data.do === "close") dialog.close();
    else if (data.do === "choose") choose();
    else if (data.undo) act(() => undo(data.undo));
    else if (data.all) act(() => all(data.all));
    else if (data.post !== undefined) {
      act(async () => { await tell(own(part, data.post), JSON.parse(data.body || "{}")); }, numberOf(part));
    }
  });

  dialog.addEventListener("change", (event) => {
    const part = event.target;
    const column = part.dataset.column;
    const answer = part.closest("[data-told]");
    if (column !== undefined) act(async () => { await tell(own(part), { columns: { [column]: part.value } }); }, numberOf(part));
    else if (answer) act(async () => { await tell(own(part), { [answer.dataset.told]: part.value }); }, numberOf(part));
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
    } catch { now.draft = null; } // published elsewhere, or a day old
    show({ topic: topic });
    dialog.showModal();
    watch();
  };
})();
