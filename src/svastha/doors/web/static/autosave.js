// Forms that save themselves. <form id data-autosave action method=post> with a hidden `version`.
// What is typed is saved, or is still on the screen. The server answers 204 with an ETag; 412 with {version, fields}
// when another window was first: what only one of the two changed is put together, what both changed is asked about.
// 409 when it can no longer be changed. Words come as data-t-… on <body>.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const byId = id => document.getElementById(id);
const words = key => document.body.dataset["t" + key] ?? "";

const drafts = new WeakMap();
const draft = form => drafts.get(form) ?? drafts.set(form, { typed: 0, saved: 0, tries: 0, unanswered: [], base: asServed(form) }).get(form);
const unsaved = form => draft(form).typed > draft(form).saved;
const RANK = ["", "saved", "dirty", "saving", "offline", "refused", "signin", "conflict"];

function say(form, state, text = words(state[0].toUpperCase() + state.slice(1))) {
  form.dataset.saved = state;
  const board = $(`[data-saves~="${form.id}"]`); // forms may share one line: it shows the worst
  const worst = board?.dataset.saves.split(" ").map(id => byId(id)?.dataset.saved ?? "").reduce((a, b) => RANK.indexOf(b) > RANK.indexOf(a) ? b : a);
  if (worst !== state) return;
  board.dataset.saved = state;
  board.textContent = state === "saved" ? `${text} ${clock.format()}` : text;
}
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-autosave]");
  if (!form) return;
  const d = draft(form);
  if (!unsaved(form)) d.since = Date.now();
  d.typed++;
  if (d.stuck) return;
  say(form, "dirty");
  clearTimeout(d.timer);
  d.timer = setTimeout(save, Math.min(+form.dataset.autosave || 800, Math.max(0, d.since + 5000 - Date.now())), form);
});

async function save(form, keepalive = false) { // -> is everything saved?
  const d = draft(form);
  clearTimeout(d.timer);
  if (!unsaved(form)) return true;
  if (d.stuck) return false;
  if (d.flying) return d.flying.then(() => save(form, keepalive));
  d.flying = send(form, d, keepalive);
  return d.flying.finally(() => { d.flying = null; });
}

async function send(form, d, keepalive) {
  const { typed } = d, body = rows(form);
  const later = state => {
    say(form, state);
    d.timer = setTimeout(save, Math.min(30000, 1000 * 2 ** d.tries++), form);
    return false;
  };
  say(form, "saving");
  let answer;
  try {
    const headers = { "X-Autosave": "1", "If-Match": `"${form.elements.version.value}"` };
    answer = await fetch(form.action, { method: "POST", body, keepalive, headers, signal: AbortSignal.timeout?.(15000) });
  } catch { /* no answer: it may have been saved all the same */ }
  if (!answer || answer.status >= 500 || answer.status === 429) {
    d.unanswered = [...d.unanswered.slice(-4), body];
    return later("offline");
  }
  if (answer.status === 401 || answer.redirected) return later("signin");
  const told = answer.ok ? {} : await answer.json().catch(() => ({}));
  if (answer.ok) return kept(form, d, typed, answer.headers.get("ETag")?.replace(/^W\/|"/g, ""), parts(body));
  if (answer.status !== 412 && answer.status !== 409) { say(form, "refused", told.detail); return false; }
  const both = told.fields && merge(form, d, told, body);
  if (both && !both.length)
    return changed(d.base, parts(rows(form))).length ? send(form, d, keepalive) : kept(form, d, d.typed, told.version, d.base);
  d.stuck = true;
  say(form, "conflict");
  compare(form, d, told, both);
  return false;
}

// Three ways: the last version both knew, theirs, and what is on the screen. -> the parts that both changed.
function merge(form, d, { version, fields }, body) {
  const theirs = parts(Object.entries(fields)), mine = parts(rows(form)), { base } = d;
  const ours = [body, ...d.unanswered].map(parts); // a save of our own whose answer was lost on the way is no news
  const news = changed(base, theirs).filter(part => !ours.some(sent => same(sent, theirs, part)));
  news.filter(part => same(mine, base, part)).forEach(part => put(form, part, fields));
  form.elements.version.value = version;
  Object.assign(d, { base: theirs, unanswered: [] });
  return news.filter(part => !same(mine, base, part) && !same(mine, theirs, part));
}

const same = (one, other, part) => (one[part] ?? "") === (other[part] ?? "");
const changed = (one, other) => Object.keys({ ...one, ...other }).filter(part => !same(one, other, part));
const partOf = name => name.match(/^(\w+)-\d+-/)?.[1] ?? name;

function parts(entries) { // by name; the repeating rows of a list are one part, in which empty rows are none
  const found = {}, lists = {};
  for (const [name, value] of entries) {
    const part = partOf(name), text = value.replace(/\r\n?/g, "\n");
    if (part === name) found[name] = text;
    else if (text.trim()) ((lists[part] ??= {})[name.split("-")[1]] ??= []).push([name.split("-").slice(2).join("-"), text.trim()]);
  }
  delete found.version;
  for (const part in lists) found[part] = JSON.stringify(Object.values(lists[part]).map(row => row.sort()));
  return found;
}

function asServed(form) { // whatever the browser restored, or was typed before this script came
  const clean = form.cloneNode(true);
  clean.reset();
  return parts(rows(clean));
}

function put(form, part, fields) { // theirs, into what is on the screen
  const list = $$("[data-rows]", form).find(one => $(`[name^="${part}-#-"]`, $("template", one).content));
  if (!list) return fill(form.elements[part], fields[part]);
  const all = () => $$(":scope > li", list);
  const count = Math.max(0, ...Object.keys(fields).filter(name => name !== part && partOf(name) === part).map(name => +name.split("-")[1] + 1));
  while (all().length <= count) list.dispatchEvent(new Event("more", { bubbles: true })); // and an empty one, as the server does
  all().forEach((row, n) => {
    if (n > count && !row.contains(document.activeElement)) return row.remove();
    for (const field of $$("[name]", row)) fill(field, fields[field.name.replace(/-\d+-/, `-${n}-`)]);
  });
}

function fill(field, value = "") {
  if (!field || field.value === value) return;
  const at = field.selectionStart, within = at !== null && at < field.value.length;
  field.value = value;
  if (within && field === document.activeElement) field.setSelectionRange(at, at);
}

function kept(form, d, typed, version, base) {
  if (version) for (const field of [form.elements.version, ...$$(`[data-version-of="${form.id}"]`)]) field.value = version;
  Object.assign(d, { saved: typed, since: Date.now(), tries: 0, unanswered: [], base });
  if (!unsaved(form)) say(form, "saved");
  else d.timer = setTimeout(save, 800, form);
  return !unsaved(form);
}

function rows(form) { // what is sent; repeating rows are counted anew, whatever was added and removed
  const sent = new URLSearchParams(), seen = {};
  for (const [name, value] of new FormData(form))
    sent.append(name.replace(/^(\w+)-(\d+)-/, (all, list, n) => {
      const order = (seen[list] ??= []);
      if (!order.includes(n)) order.push(n);
      return `${list}-${order.indexOf(n)}-`;
    }), value.replace(/\r\n?/g, "\n"));
  return sent;
}

const differing = (fields, sent) => [...new Set([...Object.keys(fields), ...sent.keys()])].filter(name =>
  name !== "version" && (sent.get(name) ?? "") !== (fields[name] ?? "").replace(/\r\n?/g, "\n"));

function compare(form, d, { fields, detail }, both) {
  const box = Object.assign(document.createElement("section"), { className: "conflict stack" });
  box.setAttribute("role", "alert");
  const add = (tag, text, to = box) => to.appendChild(Object.assign(document.createElement(tag), { textContent: text }));
  const button = (text, onclick) => Object.assign(add("button", text, foot), { type: "button", className: "btn", onclick });
  add("p", (!fields && detail) || words("Conflict"));
  const list = add("dl", ""), foot = add("p", "");
  foot.className = "row wrap";
  const goOn = () => { d.stuck = false; d.typed++; save(form); };
  show(list, form, fields, both);
  if (fields) button(words("Keep"), () => { box.remove(); goOn(); });
  button(words("Take"), async () => { // theirs comes into the form; mine stays here until put away
    if (fields) {
      show(list, form, null, both);
      both.forEach(part => put(form, part, fields));
      goOn();
      return putAway();
    }
    const answer = await fetch(location.href).catch(() => null);
    const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(form.id);
    if (!fresh) return toast(words("Offline"));
    show(list, form);
    form.replaceWith(document.adoptNode(fresh));
    if (fresh.matches("form")) draft(fresh);
    say(fresh, "", "");
    putAway();
  });
  function putAway() {
    foot.replaceChildren();
    button(words("Copy"), () => navigator.clipboard?.writeText([...list.children].map(line => line.textContent).join("\n")));
    button(words("Close"), () => box.remove());
  }
  form.before(box);
  box.scrollIntoView({ block: "nearest" });
}

function show(list, form, fields, only) { // both versions of what differs, or mine alone; of these parts only, if any are named
  const mine = rows(form);
  const add = (tag, text, whose = "") => Object.assign(list.appendChild(document.createElement(tag)), { textContent: text }).dataset.whose = whose;
  const all = [form, ...$$("template", form).map(template => template.content)].flatMap(root => $$("[name]", root));
  list.replaceChildren();
  const names = fields ? differing(fields, mine) : [...mine.keys()].filter(name => name !== "version" && mine.get(name));
  for (const name of names.filter(name => !only || only.includes(partOf(name)))) {
    const row = name.match(/-(\d+)-/)?.[1];
    const field = all.find(one => one.name.endsWith(name.replace(/^\w+-\d+/, "")));
    const label = (field?.closest("label") ?? field?.labels?.[0])?.firstChild.textContent.trim() ?? name;
    const read = value => [...field?.options ?? []].find(option => option.value === value)?.text ?? value ?? "";
    add("dt", row ? `${label} (${+row + 1})` : label);
    if (fields) add("dd", read(fields[name]), words("Theirs"));
    add("dd", read(mine.get(name)), words("Mine"));
  }
}

const toast = detail => document.dispatchEvent(new CustomEvent("toast", { detail }));

// Any other form of the page is sent only when everything typed is saved: what gets signed is what is on the screen.
document.addEventListener("submit", event => {
  const form = event.target;
  if (form.matches("[data-autosave]")) {
    event.preventDefault();
    draft(form).typed++;
    return save(form);
  }
  const open = form.method === "post" ? $$("form[data-autosave]").filter(unsaved) : [];
  if (!open.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  Promise.all(open.map(one => save(one))).then(saved =>
    saved.every(Boolean) ? form.requestSubmit(event.submitter) : toast(words("Unsaved")));
}, { capture: true });

$$("form[data-autosave]").forEach(draft);
const saveAll = keepalive => $$("form[data-autosave]").forEach(form => save(form, keepalive));
addEventListener("online", () => saveAll());
document.addEventListener("visibilitychange", () => document.hidden && saveAll(true));
addEventListener("beforeunload", event => $$("form[data-autosave]").some(unsaved) && event.preventDefault());

