/* The URL is the state of the page: controls write it, everything else is read from it. */
(function () {
  "use strict";
  const atlas = (window.atlas = window.atlas || {});
  const clientside = (window.dash_clientside = window.dash_clientside || {});

  /* Keys of what lies over the side column. */
  const OPENED = ["zone", "org", "funder", "why"];

  /* What was asked for last and the address does not say yet. */
  let ahead = null;
  window.addEventListener("popstate", () => { ahead = null; });

  function current() { return new URLSearchParams(ahead === null ? window.location.search : ahead); }

  function written(query) {
    const text = query.toString().replace(/%2F/g, "/");
    return text ? "?" + text : "";
  }

  /* Change parts of the URL; an empty value takes the key out, {without: v} that value alone. */
  atlas.go = function (changes) {
    const query = current();
    Object.entries(changes).forEach(([key, change]) => {
      const value = change && change.without ? query.getAll(key).filter((v) => v !== change.without) : change;
      query.delete(key);
      if (value !== null && value !== "") [].concat(value).forEach((v) => query.append(key, v));
    });
    ahead = written(query);
    clientside.set_props("url", { search: ahead });
  };

  /* A zone more among those that the figures are held to, or one less. */
  atlas.toggleZone = function (zone) {
    const held = current().getAll("unit");
    atlas.go({ unit: held.includes(zone) ? held.filter((one) => one !== zone) : [...held, zone], zone: "", org: "", funder: "" });
  };

  /* The view that a person chose as the first one; an address that asks for something goes first. */
  const HOME = "atlas-home";
  function home(asked) {
    try {
      if (asked === undefined) return localStorage.getItem(HOME);
      if (asked) localStorage.setItem(HOME, asked);
      else localStorage.removeItem(HOME);
    } catch { /* the browser keeps nothing */ }
    return asked;
  }
  if (!window.location.search && home()) window.history.replaceState(null, "", home());
  function showHome(button) {
    const here = home() === button.dataset.home;
    button.setAttribute("aria-pressed", String(here));
  }

  function read(query, spec) {
    if (spec.many) return query.getAll(spec.key);
    if (!query.has(spec.key)) return spec.default;
    const said = query.get(spec.key);
    if ((spec.year || spec.prop === "date") && !/^\d{4}-\d\d-\d\d$/.test(said)) return spec.default;
    return spec.year ? said.slice(0, 4) : said;
  }

  function write(query, spec, value) {
    const held = query.get(spec.key);
    if (spec.year && held && held.slice(0, 4) === value) return; // the day that the URL names
    query.delete(spec.key);
    if (value === null || value === undefined || value === spec.default) return;
    const values = [].concat(value).map((v) => (spec.year ? v + spec.year : v)).sort();
    values.forEach((v) => query.append(spec.key, v));
  }

  const same = (a, b) => JSON.stringify(a === undefined ? null : a) === JSON.stringify(b === undefined ? null : b);
  const settled = (query) => { const q = new URLSearchParams(query); q.sort(); return q.toString(); };

  /* The question of a tab; of a tab of several, that of what the map shows (atlas/web/questions.py). */
  function questionOf(query, spec) {
    const tab = query.get("tab") || "ranking";
    const having = spec.questions.filter((one) => one.tabs.includes(tab));
    return having.find((one) => one.indicators.includes(query.get("indicator"))) || having[0] || spec.questions[0];
  }

  /* Marks the question, and shows its filters beside those in force. */
  function showQuestion(query, spec) {
    const question = questionOf(query, spec);
    document.querySelectorAll("#questions button").forEach((button) => {
      const asked = button.dataset.tab === question.tabs[0];
      button.setAttribute("aria-current", asked ? "page" : "false");
      if (asked) button.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    const fold = (key, away) => document.querySelector(".field-" + key).classList.toggle("folded", away);
    spec.controls.forEach((one) => fold(one.key, !question.filters.includes(one.key) && same(read(query, one), one.default)));
    fold("plans", !query.has("plans"));
  }

  /* Another tab of a question: the map goes on showing what the URL asks for at the click,
     which the tab may have been drawn before. */
  let questions = [];
  function openTab(changes) {
    const query = current();
    const of = (asked) => questionOf(asked, { questions }).indicators;
    const shown = [query.get("indicator"), of(query)[0], ""].find((one) => one === "" || of(query).includes(one));
    query.delete("indicator");
    query.set("tab", changes.tab || "ranking");
    const usual = of(query)[0] || questions[0].indicators[0];
    atlas.go({ ...changes, indicator: shown === usual ? "" : shown });
  }

  /* Controls ↔ URL. Arguments: search, the value of each control, the spec of the controls. */
  function sync(search, ...rest) {
    const spec = rest.pop();
    const no = clientside.no_update;
    if (!spec) return no; // the page is not laid out yet
    questions = spec.questions;
    const specs = spec.controls;
    const query = new URLSearchParams(search || "");
    const asked = clientside.callback_context.triggered.map((t) => t.prop_id);
    const fromUrl = asked.length === 0 || asked.includes("url.search");
    if (fromUrl) {
      if ((search || "") === ahead) ahead = null;
      clientside.set_props("message", { children: "" });
      const plans = document.getElementById("control-plans");
      if (plans) plans.setAttribute("aria-checked", String(query.has("plans")));
      document.documentElement.lang = query.get("lang") || "fr";
      showQuestion(query, spec);
      clientside.set_props("question", { data: search || "" });
      specs.forEach((spec, i) => {
        const value = read(query, spec);
        if (!same(value, rest[i])) clientside.set_props("control-" + spec.key, { [spec.prop]: value });
      });
      return no;
    }
    const before = settled(query);
    const shown = () => specs.filter((s) => s.key === "frame" || s.key === "level").map((s) => read(query, s)).join();
    const placed = shown();
    specs.forEach((spec, i) => write(query, spec, rest[i]));
    if (shown() !== placed) OPENED.forEach((key) => query.delete(key));
    if (settled(query) === before) return no;
    showQuestion(query, spec);
    clientside.set_props("question", { data: written(query) });
    return written(query);
  }

  /* The map keeps what it must show where its drawing functions find it, even mid-load. */
  function paint(asked) {
    const no = clientside.no_update;
    if (!asked) return [no, no, no];
    atlas.paint = asked.paint;
    document.querySelector(".map-box").dataset.level = asked.paint.level;
    return [asked.url, asked.paint, asked.facts];
  }

  const scripts = {};
  function load(url) {
    scripts[url] = scripts[url] || new Promise((resolve, reject) => {
      const tag = document.createElement("script");
      tag.src = url;
      tag.onload = resolve;
      tag.onerror = reject;
      document.head.appendChild(tag);
    });
    return scripts[url];
  }

  /* What the map and the figures are asked: not which tab or list is open beside them. */
  function map(search, spec, shown) {
    const query = new URLSearchParams(search || "");
    const usual = questionOf(query, spec).indicators[0];
    if (!query.has("indicator") && usual) query.set("indicator", usual);
    ["tab", "only", "why"].forEach((key) => query.delete(key));
    return written(query) === shown ? clientside.no_update : written(query);
  }

  const patience = new Promise((resolve) => setTimeout(resolve, 6000));
  /* Charts and grids wait for the map; a grid brings its own script. What lies under a list
     or a panel stays as it is: scrolled where it was, and with the figure that was chosen. */
  async function side(search, spec, shown) {
    await Promise.race([atlas.drawn, patience]);
    const query = new URLSearchParams(search || "");
    OPENED.forEach((key) => query.delete(key));
    if (written(query) === shown) return clientside.no_update;
    const tab = query.get("tab");
    if (tab === "zones" || tab === "activities") await load(spec.grid);
    if (!tab || tab === "gaps") await load(spec.chart);
    return written(query);
  }

  /* A figure of the table opens what it is made of; the name of a zone, the zone. */
  function openRow(clicked, spec) {
    if (!clicked) return;
    if (spec.figures.includes(clicked.colId)) atlas.go({ why: clicked.colId + "|" + clicked.rowId });
    else if (!clicked.rowId.startsWith("_")) atlas.go({ zone: clicked.rowId, org: "", funder: "" });
  }

  /* A bar or a bubble opens what it is made of. It is forgotten at once: the same one may be clicked again. */
  function openPoint() {
    const asked = clientside.callback_context.triggered[0];
    if (!asked || !asked.value) return;
    clientside.set_props(JSON.parse(asked.prop_id.slice(0, asked.prop_id.lastIndexOf("."))), { clickData: null });
    atlas.go(JSON.parse(asked.value.points[0].customdata));
  }

  /* So does the name of a bar, which Plotly draws and leaves to the page. */
  function openTick(tick) {
    const graph = tick.closest(".js-plotly-plot");
    const place = [...graph.querySelectorAll("g.ytick")].indexOf(tick);
    atlas.go(JSON.parse(graph.data[0].customdata[place]));
  }

  /* A setting that was typed; what is typed wrongly is shown as the page's problem. */
  function set() {
    const asked = clientside.callback_context.triggered[0];
    if (!asked || asked.value === undefined) return;
    const key = JSON.parse(asked.prop_id.slice(0, asked.prop_id.lastIndexOf("."))).key;
    const value = asked.value === null ? "" : String(asked.value);
    if (value !== (current().get(key) || "")) atlas.go({ [key]: value });
  }

  clientside.atlas = { sync, paint, map, side, set, openRow, openPoint };

  /* The import page and the meeting bring their own script and style, once. */
  async function openImport(asked) {
    await Promise.all([load(asked.script), dress(asked.style)]);
    atlas.openImport(asked.import, asked.source);
  }

  async function openMeeting(asked) {
    await Promise.all([load(asked.script), dress(asked.style)]);
    atlas.openMeeting();
  }

  function dress(url) {
    scripts[url] = scripts[url] || new Promise((resolve) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = url;
      link.onload = link.onerror = resolve;
      document.head.appendChild(link);
    });
    return scripts[url];
  }

  /* What opened a list or a panel has the focus again once it is closed, though the page may
     have been drawn anew meanwhile: it is known by what it asks for, by its cell or its name. */
  const openers = {};
  let asked = null;
  function known(element) {
    const cell = element.closest(".ag-cell");
    if (cell) return `[row-id="${CSS.escape(cell.closest("[row-id]").getAttribute("row-id"))}"] [col-id="${CSS.escape(cell.getAttribute("col-id"))}"]`;
    if (element.matches("path.unit")) return `path.unit[aria-label="${CSS.escape(element.getAttribute("aria-label"))}"]`;
    const chart = element.closest(".drawn");
    if (chart) return "#" + chart.id;
    const link = element.closest("[data-go]");
    return link && `button[data-go="${CSS.escape(link.dataset.go)}"]`;
  }
  function watchPanels() {
    let open = "";
    new MutationObserver(() => {
      const panel = document.querySelector(".panel");
      document.querySelectorAll("[data-home]:not([aria-pressed])").forEach(showHome);
      const now = panel ? panel.id : "";
      if (now === open) return;
      const closed = open;
      open = now;
      const closing = !now || closed === "why-panel"; // a list lies over a zone's panel
      const back = closing && openers[closed] ? document.querySelector(openers[closed]) : null;
      if (now && !back) openers[now] = asked;
      const next = back || (panel && panel.querySelector(".close"));
      const narrow = window.innerWidth <= 820; // the panel stands below the map
      if (next) next.focus({ preventScroll: !narrow });
      if (narrow && panel && !back) panel.scrollIntoView();
    }).observe(document.body, { childList: true, subtree: true });
  }
  watchPanels();

  /* Dash names a list by what is chosen alone, lets the keyboard stop at a hidden field before it,
     and gives the plain box around a day the states of a list: each is named by its label. */
  function nameControls() {
    document.querySelectorAll('.dash-dropdown-focus-target[tabindex="0"]').forEach((hidden) => {
      hidden.tabIndex = -1;
      const list = hidden.parentElement.querySelector("button.dash-dropdown");
      if (list) list.tabIndex = 0;
    });
    document.querySelectorAll(".field > label:not([id])").forEach((label) => {
      const control = document.getElementById(label.htmlFor);
      if (!control) return;
      label.id = "label-" + control.id;
      const box = control.closest(".dash-datepicker-input-wrapper");
      if (box) box.setAttribute("role", "combobox");
      if (box) control.setAttribute("aria-label", label.textContent);
      else control.setAttribute("aria-labelledby", [label.id, control.getAttribute("aria-labelledby")].join(" "));
    });
  }
  new MutationObserver(nameControls).observe(document.body, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["tabindex"],
  });

  /* The search box: what the words may mean, each a button that changes the URL. */
  let waiting;
  let lastAsked = 0;
  async function search(box) {
    const number = (lastAsked += 1);
    const found = document.getElementById("found");
    if (box.value.trim().length < 2) return found.replaceChildren();
    const asked = current();
    asked.set("words", box.value);
    let told;
    try {
      told = await (await fetch("/search?" + asked)).json();
    } catch { return; } // the server is away; what was found stays
    if (number !== lastAsked) return; // a later question is on its way
    const one = (name, text, more = {}) => Object.assign(document.createElement(name), { textContent: text }, more);
    found.replaceChildren(...told.groups.flatMap((group) => [one("h3", group.head), ...group.items.map((item) => {
      const button = one("button", item.text, { type: "button" });
      button.dataset.go = JSON.stringify(item.go);
      button.append(one("span", item.note, { className: "meta" }));
      return button;
    })]));
    if (!told.groups.length) found.replaceChildren(one("p", told.none));
  }
  document.addEventListener("input", (event) => {
    if (event.target.id !== "search") return;
    clearTimeout(waiting);
    waiting = setTimeout(() => search(event.target), 150);
  });
  function closeSearch(empty) {
    const box = document.getElementById("search");
    const found = document.getElementById("found");
    if (found) found.replaceChildren();
    if (box && empty) box.value = "";
  }
  /* The arrows go from the box through what was found, Escape leaves it. */
  function searchKey(event) {
    const inside = event.target.closest(".search");
    if (!inside) return false;
    if (event.key === "Escape") closeSearch(true);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const stops = [document.getElementById("search"), ...inside.querySelectorAll("button")];
      const next = stops[stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) next.focus();
      event.preventDefault();
    } else if (event.key === "Enter" && event.target.id === "search") {
      const first = inside.querySelector("button");
      if (first) first.click();
    } else return false;
    return true;
  }

  /* Somebody may publish while this page is open: say so, and change nothing unasked. */
  let published = "";
  const FRESH_MS = 30000;
  async function lookForNews() {
    const header = document.querySelector("[data-snapshot]");
    if (!header || document.hidden) return;
    try {
      published = (await (await fetch("/published")).json()).snapshot;
    } catch { return atlas.heard(false); } // the server is away; the page stays as it is, and says so
    atlas.heard(true);
    const fresh = document.getElementById("fresh");
    if (fresh) fresh.hidden = !published || published === header.dataset.snapshot;
  }
  setInterval(lookForNews, FRESH_MS);
  document.addEventListener("visibilitychange", lookForNews);
  ["online", "offline"].forEach((change) => window.addEventListener(change, lookForNews));

  // Browsers copy only on a secure page; elsewhere the words are shown to be copied by hand.
  function copy(words, button) {
    if (navigator.clipboard) navigator.clipboard.writeText(words).then(() => { button.textContent = button.dataset.done; });
    else window.prompt("", words);
  }

  // The picture is asked for inside the item: browsers take it only while the click lasts.
  async function copyImage(button) {
    const address = button.dataset.copyImage + window.location.search;
    button.disabled = true;
    try {
      const picture = fetch(address).then((answer) => answer.blob());
      await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
      button.textContent = button.dataset.done;
    } catch { window.location = address; } // not on a secure page, or not allowed: it is downloaded
    button.disabled = false;
  }

  /* The rows that a long table keeps back; the keyboard stays at the table. */
  function showRest(box) {
    box.querySelector("tbody.rest").hidden = false;
    box.focus({ preventScroll: true });
  }

  /* What a person publishes from a tab: the page as its URL says it, and the day they wrote. */
  async function post(button) {
    const { post: path, day, form, seen, published: snapshot } = button.dataset;
    const said = { question: window.location.search, snapshot, seen, as_of: day ? document.getElementById(day).value : "" };
    Object.assign(said, JSON.parse(button.dataset.said || "{}"));
    if (form) for (const field of document.getElementById(form).querySelectorAll("[name]")) said[field.name] = field.value;
    const headers = { "X-Atlas": "1", "Content-Type": "application/json" };
    const lang = document.documentElement.lang || "fr";
    button.disabled = true;
    let told;
    try {
      told = await (await fetch(path + "?lang=" + lang, { method: "POST", headers, body: JSON.stringify(said) })).json();
    } catch (problem) { told = { error: String(problem) }; }
    button.disabled = false;
    if (told.error) {
      lookForNews(); // it may be refused because somebody else published
      return clientside.set_props("message", { children: told.error });
    }
    atlas.go(JSON.parse(button.dataset.then || "{}"));
    // What was said may leave the published state as it is: the page is laid out anew all the same.
    clientside.set_props("published", { data: told.published + " " + Date.now() });
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest(".close")) asked = known(event.target);
    const link = event.target.closest("[data-go]");
    if (!event.target.closest("#search")) closeSearch(Boolean(link && link.closest(".search")));
    if (link) {
      event.preventDefault();
      (link.getAttribute("role") === "tab" ? openTab : atlas.go)(JSON.parse(link.dataset.go));
    }
    const tick = event.target.closest(".chart g.ytick");
    if (tick) openTick(tick);
    const flag = event.target.closest("[data-flag]");
    if (flag) atlas.go({ [flag.dataset.flag]: current().has(flag.dataset.flag) ? null : "1" });
    const file = event.target.closest("a[data-file]");
    if (file) file.href = file.dataset.file + window.location.search;
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog).showModal();
    const importer = event.target.closest("[data-import]");
    if (importer) openImport(importer.dataset);
    const chair = event.target.closest("[data-script][data-meeting]");
    if (chair) openMeeting(chair.dataset);
    if (event.target.closest("#fresh")) clientside.set_props("published", { data: published });
    const copier = event.target.closest("[data-copy]");
    if (copier) {
      const link = new URL(copier.dataset.copy, window.location.href).href;
      copy(link, copier);
    }
    const homer = event.target.closest("[data-home]");
    if (homer) {
      home(home() === homer.dataset.home ? "" : homer.dataset.home);
      showHome(homer);
    }
    const zoner = event.target.closest("[data-zone]");
    if (zoner) atlas.toggleZone(zoner.dataset.zone);
    const pictured = event.target.closest("[data-copy-image]");
    if (pictured) copyImage(pictured);
    const reader = event.target.closest("[data-copy-text]");
    if (reader) copy(reader.dataset.copyText, reader);
    const rest = event.target.closest("[data-rest]");
    if (rest) showRest(rest.parentElement);
    const poster = event.target.closest("[data-post]");
    if (poster) post(poster);
    const widener = event.target.closest("[data-widen]");
    if (widener) {
      const wide = document.body.classList.toggle("wide-side");
      widener.setAttribute("aria-pressed", String(wide));
    }
    const folder = event.target.closest("[data-fold]");
    if (folder) {
      const open = document.getElementById(folder.dataset.fold).classList.toggle("open");
      folder.setAttribute("aria-expanded", String(open));
    }
    const menu = document.querySelector("details.menu[open]");
    const picked = event.target.closest("details.menu [data-go]");
    if (menu && (picked || !menu.contains(event.target))) menu.removeAttribute("open");
  });

  document.addEventListener("change", (event) => {
    const select = event.target.closest("[data-setting]");
    if (select) atlas.go({ [select.dataset.setting]: select.value === select.dataset.default ? "" : select.value });
  });

  document.addEventListener("keydown", (event) => {
    if (searchKey(event)) return;
    if (event.key === "Enter" || event.key === " ") {
      asked = known(event.target);
      const cell = event.target.closest("#zones-grid .ag-cell");
      if (cell) {
        event.preventDefault();
        cell.click();
      }
    }
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    const close = document.querySelector(".panel .close");
    if (menu) menu.removeAttribute("open");
    else if (close) close.click();
  });

  /* On paper a grid is a plain table of the rows that it shows, its empty columns left out. */
  function writeTable(grid) {
    const api = window.dash_ag_grid && window.dash_ag_grid.getApi(grid.id);
    if (!api) return;
    const paged = api.getGridOption("pagination");
    const size = paged ? api.paginationGetPageSize() : Infinity;
    const first = paged ? api.paginationGetCurrentPage() * size : 0;
    const nodes = [];
    api.forEachNodeAfterFilterAndSort((node, at) => { if (at >= first && at < first + size) nodes.push(node); });
    for (let i = 0; i < api.getPinnedBottomRowCount(); i += 1) nodes.push(api.getPinnedBottomRow(i));
    const text = (rowNode, colKey) => api.getCellValue({ rowNode, colKey, useFormatter: true }) || "";
    const columns = api.getAllDisplayedColumns().filter((one) => nodes.some((node) => !["", "–"].includes(text(node, one))));
    const table = document.createElement("table");
    const row = (part, cell, words) => words.forEach((said, i) => {
      const drawn = part.appendChild(document.createElement(cell));
      drawn.textContent = said;
      if (columns[i].getColDef().type === "rightAligned") drawn.className = "num";
    });
    row(table.createTHead().insertRow(), "th", columns.map((one) => api.getDisplayNameForColumn(one, "header")));
    const body = table.createTBody();
    nodes.forEach((node) => row(body.insertRow(), "td", columns.map((one) => text(node, one))));
    if (paged) table.createCaption().textContent = grid.querySelector(".ag-paging-row-summary-panel").textContent;
    table.className = "plain on-paper";
    grid.after(table);
  }
  const takeTables = () => document.querySelectorAll(".on-paper").forEach((one) => one.remove());
  window.addEventListener("beforeprint", () => {
    takeTables();
    document.querySelectorAll(".tab-body .ag-theme-quartz").forEach(writeTable);
  });
  window.addEventListener("afterprint", takeTables);

  /* The calendar asks date-fns for its words; the browser knows them in the page's language. */
  const named = (options, day) => new Intl.DateTimeFormat(document.documentElement.lang || "fr", options).format(day);
  const wide = (asked) => ({ wide: "long", abbreviated: "short" })[asked && asked.width] || "short";
  window.dateFns = { locale: { fr: {
    code: "fr",
    options: { weekStartsOn: 1, firstWeekContainsDate: 4 },
    localize: {
      month: (month, asked) => named({ month: wide(asked) }, new Date(2024, month, 1)),
      day: (day, asked) => named({ weekday: wide(asked) }, new Date(2024, 0, 7 + day)).slice(0, wide(asked) === "long" ? 99 : 2),
      ordinalNumber: String, era: String, quarter: String, dayPeriod: String,
    },
    formatLong: { date: () => "dd/MM/yyyy", time: () => "HH:mm", dateTime: () => "dd/MM/yyyy HH:mm" },
    formatRelative: () => "dd/MM/yyyy", formatDistance: String, match: {},
  } } };

  const formats = () => new Intl.NumberFormat(document.documentElement.lang || "fr", { maximumFractionDigits: 2 });
  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
    exact: (value) => (value === null || value === undefined ? "–" : formats().format(value)),
  });
})();
