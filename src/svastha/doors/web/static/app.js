// The client layer. Every page works without it; each part only shortens a round trip.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const byId = id => document.getElementById(id);
const on = (type, selector, act) =>
  document.addEventListener(type, event => {
    const target = event.target.closest?.(selector);
    if (target) act(event, target);
  });

/* 1 Fragments. <a|form data-swap="#id …">: fetch, take the ids from the answer (a page or just the pieces), put them in place. */
const underway = new Map(); // target -> AbortController: a late answer must not win

async function swap(url, target, { method = "GET", body, push = true } = {}) { // -> was it put in place?
  if (method !== "GET" && underway.has(target)) return;
  const ids = target.replaceAll("#", "").split(" ");
  underway.get(target)?.abort();
  const control = new AbortController();
  underway.set(target, control);
  byId(ids[0])?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { method, body, signal: control.signal, headers: { "X-Fragment": ids.join(" ") } });
    const elsewhere = answer.headers.get("X-Location"), got = method === "GET";
    if (elsewhere) return location.assign(elsewhere);
    if (answer.headers.get("Content-Type")?.includes("json")) {
      const problem = await answer.json();
      return toast(problem.detail ?? problem.title);
    }
    const page = parse(await answer.text());
    if (!page.getElementById(ids[0])) {
      if (got || answer.redirected) return location.assign(answer.url); // signed out, or moved
      return toast($("[role=alert], h1, title", page)?.textContent.trim());
    }
    if (push && got) {
      history.replaceState({ swap: 1 }, "");
      history[push === "over" ? "replaceState" : "pushState"]({ swap: 1 }, "", answer.url);
    }
    place(page, ids);
    if (got) return true;
    const flash = page.getElementById("flash")?.textContent.trim();
    if (flash) toast(flash);
    $("[aria-invalid=true]", byId(ids[0]))?.focus();
    return true;
  } catch (error) {
    if (error.name !== "AbortError") toast(document.body.dataset.tOffline);
  } finally {
    if (underway.get(target) === control) {
      underway.delete(target);
      byId(ids[0])?.removeAttribute("aria-busy");
    }
  }
}

const parse = html => new DOMParser().parseFromString(html, "text/html");

const alike = (one, other) => one.textContent === other.textContent && one.value === other.value
  && one.href === other.href && one.form?.action === other.form?.action;

function place(page, ids) {
  for (const id of ids) {
    const fresh = page.getElementById(id), old = byId(id);
    if (!fresh || !old || fresh.isEqualNode(old)) continue;
    const field = document.activeElement; // keeps focus, caret and text of the field in use
    const kept = (field.id || field.matches("a, button, summary")) && old.contains(field) && { value: field.value, from: field.selectionStart, to: field.selectionEnd };
    $$("details[open][id]", old).forEach(one => page.getElementById(one.id)?.setAttribute("open", ""));
    old.replaceWith(document.adoptNode(fresh));
    ready(fresh);
    const again = kept && (field.id ? byId(field.id) : $$(field.localName, fresh).find(one => alike(one, field)));
    if (again) {
      again.focus({ preventScroll: true });
      if (again.matches("textarea, input:not([type=radio], [type=checkbox])")) again.value = kept.value;
      try { again.setSelectionRange(kept.from, kept.to); } catch { /* not a text field */ }
    }
    fresh.dispatchEvent(new Event("placed", { bubbles: true }));
  }
}

on("click", "a[data-swap]", (event, link) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  swap(link.href, link.dataset.swap);
});
on("submit", "form[data-swap]", (event, form) => {
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  if (form.method === "get") {
    const query = new URLSearchParams([...data].filter(([, value]) => value)); // what is left empty is not asked
    swap(`${form.action.split("?")[0]}?${query}`, form.dataset.swap, { push: "liveInput" in form.dataset ? "over" : true }); // no way back letter by letter
  }
  else swap(form.action, form.dataset.swap, { method: "POST", body: new URLSearchParams(data) }).then(() => form.closest("dialog")?.close());
});
const timers = new WeakMap();
function soon(element, wait, act) {
  clearTimeout(timers.get(element));
  timers.set(element, setTimeout(act, wait));
}
for (const type of ["input", "change"])
  on(type, `form[data-swap][data-live-${type}]`, (event, form) => soon(form, type === "input" ? 250 : 0, () => form.requestSubmit()));
addEventListener("popstate", event => event.state?.swap && location.reload());

/* 2 Submit once. The form's idempotency key is the real guard; this is for the eye. */
on("submit", "form", (event, form) => {
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = 1;
  (event.submitter ?? form).setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => $$("form[data-sent]").forEach(form => {
  delete form.dataset.sent;
  $$("[aria-busy]", form).forEach(button => button.removeAttribute("aria-busy"));
}));

/* 3 Live pieces. One EventSource a page, <body data-live="…">: each message is HTML whose top elements carry ids. */
let live, down, hidden;
function listen() {
  const { live: url } = document.body.dataset;
  if (!url || live) return;
  live = new EventSource(url);
  live.onopen = () => { clearTimeout(down); delete document.body.dataset.down; };
  live.onerror = () => {
    clearTimeout(down);
    down = setTimeout(() => { document.body.dataset.down = ""; }, 1500);
    if (live?.readyState !== EventSource.CLOSED) return;
    live = null;
    setTimeout(listen, 5000 + Math.random() * 5000); // refused for now: spread the herd
  };
  live.onmessage = ({ data }) => { const page = parse(data); place(page, [...page.body.children].map(piece => piece.id)); };
  live.addEventListener("toast", ({ data }) => toast(data));
  live.addEventListener("go", ({ data }) => location.assign(data));
}
function hush() { live?.close(); live = null; }
addEventListener("pagehide", hush);
addEventListener("pageshow", listen);
// Over HTTP/1.1 six connections are all a browser opens to a site, so hidden tabs let go; a stream begins with the present state.
document.addEventListener("visibilitychange", () => {
  clearTimeout(hidden);
  if (!document.hidden) listen();
  else if (!("liveKeep" in document.body.dataset)) hidden = setTimeout(hush, 10000);
});

/* 4 Repeating rows. <ul id data-rows><template>…name="rx-#-dose"…</template></ul>, <button data-add="id">, <button data-remove> */
const changed = list => list.dispatchEvent(new Event("input", { bubbles: true }));
function more(list) {
  const template = $("template", list);
  const n = +(list.dataset.next ?? $$(":scope > li", list).length);
  list.dataset.next = n + 1;
  const row = template.content.firstElementChild.cloneNode(true);
  for (const element of [row, ...$$("*", row)])
    for (const name of ["name", "id", "for", "list", "aria-labelledby"])
      if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replace("#", n));
  template.before(row);
  return row;
}
document.addEventListener("more", event => more(event.target)); // for other scripts
on("click", "[data-add]", (event, button) => {
  event.preventDefault();
  const list = byId(button.dataset.add);
  $("input, select, textarea", more(list))?.focus();
  changed(list);
});
on("click", "[data-remove]", (event, button) => {
  event.preventDefault();
  const row = button.closest("li"), list = row.parentElement, near = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  ($("[data-remove]", near?.matches("li") ? near : list) ?? $(`[data-add="${list.id}"]`))?.focus();
  changed(list);
});

/* 5 Suggestions. <input list data-suggest="/medicines?q="> fills the native datalist. */
on("input", "input[data-suggest]", (event, input) => {
  if (input.value.length < 2 || event.inputType === "insertReplacementText") return;
  soon(input, 200, async () => {
    const answer = await fetch(input.dataset.suggest + encodeURIComponent(input.value)).catch(() => null);
    if (answer?.ok) input.list?.replaceChildren(...$$("option", parse(await answer.text())));
  });
});

/* 6 Small things */
let toasted;
function toast(text) {
  const line = byId("toast");
  line.textContent = text;
  line.hidden = false;
  line.showPopover?.();
  clearTimeout(toasted);
  toasted = setTimeout(() => { line.hidePopover?.(); line.hidden = true; }, 6000);
}
document.addEventListener("toast", event => toast(event.detail)); // for other scripts
on("click", "button[commandfor]", (event, button) => { // browsers before invoker commands
  if ("command" in HTMLButtonElement.prototype) return;
  const dialog = byId(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "show-modal") dialog.showModal();
  else dialog.close();
});
on("click", "a[data-dialog]", (event, link) => { // a question that also has a page of its own
  event.preventDefault();
  byId(link.dataset.dialog).showModal();
});
on("click", ".tabs a[href^='#']", (event, link) => {
  $$("a", link.parentElement).forEach(tab => tab.removeAttribute("aria-current"));
  link.setAttribute("aria-current", "true");
});
on("click", "[data-print]", () => print());
on("change", "input[data-tells]", (event, input) => { byId(input.dataset.tells).textContent = `, ${input.parentElement.textContent.trim()}`; }); // the choice, said elsewhere too
document.addEventListener("click", event => $$("details.menu[open]").forEach(menu => menu.contains(event.target) || (menu.open = false)));
on("keydown", "details.menu[open]", (event, menu) => {
  if (event.key !== "Escape") return;
  menu.open = false;
  $("summary", menu).focus();
});

// <time data-countdown datetime data-seconds data-warn data-expired="#id">: seconds left by the server's clock, the phone's may be wrong
function countdown(time) {
  const end = time.dataset.seconds ? Date.now() + time.dataset.seconds * 1000 : Date.parse(time.dateTime);
  const whole = Math.max(1, time.dataset.whole ? time.dataset.whole * 1000 : end - Date.now());
  let before = Infinity;
  (function tick() {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    time.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    time.closest(".hold")?.style.setProperty("--left", Math.min(1, (end - Date.now()) / whole));
    if (left <= 60 && before > 60 && time.dataset.warn) toast(time.dataset.warn);
    before = left;
    if (!time.isConnected) return;
    if (left) setTimeout(tick, 1000);
    else if ("expired" in time.dataset) time.dataset.expired ? swap(location.href, time.dataset.expired, { push: false }) : location.reload();
  })();
}
function ready(root) {
  $$("time[data-countdown]", root).forEach(countdown);
  const format = { dateStyle: "medium", timeStyle: "short" };
  $$("time[data-local]", root).forEach(time => { time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, format); });
}
ready(document);
listen();

// The server writes times in the reader's zone, and learns it here. The middle of a first page that was written in another
// is asked for again, once: a browser that keeps no cookies stays as it is.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const zoned = () => /(^|; )__Host-zone=/.test(document.cookie);
if (timeZone && !document.cookie.split("; ").includes(`__Host-zone=${timeZone}`)) {
  const first = !zoned(), { zone } = document.body.dataset;
  document.cookie = `__Host-zone=${timeZone}; Path=/; Max-Age=31536000; SameSite=Lax; Secure`;
  if (first && zoned() && zone && zone !== timeZone.replace("Calcutta", "Kolkata") && $("main time")) swap(location.href, "#main", { push: false });
}

// The offline page, long after the page is usable.
const idle = window.requestIdleCallback ?? setTimeout;
if (navigator.serviceWorker)
  addEventListener("load", () => setTimeout(() => idle(() => navigator.serviceWorker.register("/sw.js").catch(() => {})), 4000));
