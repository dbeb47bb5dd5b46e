// The day at the desk: a visit is taken in hand by its handle or by "Move", and put down on a free time of any doctor.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const words = $("#moving");
let inHand; // the visit's row

function putDown() {
  $$(".target").forEach(target => target.remove());
  $$("[data-doctor].made").forEach(list => list.closest(".column").remove());
  inHand?.classList.remove("in-hand");
  inHand = null;
  words.hidden = true;
}

async function take(row, { focus }) {
  if (inHand === row) return;
  putDown();
  inHand = row;
  row.classList.add("in-hand");
  const answer = await fetch(`${row.dataset.visit}/targets?day=${$("#columns").dataset.day}`);
  if (!answer.ok || inHand !== row) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html"), targets = $$(".target", page);
  for (const target of targets) {
    const list = $(`ol[data-doctor="${target.dataset.doctor}"]`) ?? column(target);
    const after = [...list.children].find(one => Date.parse(one.dataset.at) > Date.parse(target.dataset.at));
    list.insertBefore(document.adoptNode(target), after ?? null);
  }
  words.hidden = false;
  $("span", words).textContent = targets.length ? words.dataset.words : words.dataset.none;
  if (focus) (nearest(row) ?? words).focus?.();
}

function column({ dataset }) { // of a doctor who has nobody on this day
  const section = document.createElement("section"), title = document.createElement("h2"), list = document.createElement("ol");
  section.className = "column";
  title.textContent = dataset.doctorName;
  list.className = "visits made";
  list.dataset.doctor = dataset.doctor;
  section.append(title, list);
  $("#columns").append(section);
  return list;
}

const nearest = row => { // the free time that is closest to the one it had
  const at = Date.parse(row.dataset.at), distance = one => Math.abs(Date.parse(one.dataset.at) - at);
  return $("button", $$(".target", row.parentElement).sort((a, b) => distance(a) - distance(b))[0] ?? $(".target") ?? document);
};

function putOn(target) {
  const form = $("#move"), { visit, version } = inHand.dataset;
  form.action = `${visit}/move`;
  form.elements.starts_at.value = target.dataset.at;
  form.elements.doctor_id.value = target.dataset.doctor;
  form.elements.version.value = version;
  form.requestSubmit();
}

document.addEventListener("dragstart", event => {
  const row = event.target.closest?.("[data-visit]");
  if (!row) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
  take(row, { focus: false });
});
document.addEventListener("dragend", event => { if (event.dataTransfer.dropEffect === "none") putDown(); });
document.addEventListener("dragover", event => {
  const target = event.target.closest?.(".target");
  $$(".target.over").forEach(one => one.classList.toggle("over", one === target));
  if (!target) return;
  event.preventDefault();
  target.classList.add("over");
});
document.addEventListener("drop", event => {
  const target = event.target.closest?.(".target");
  if (!target || !inHand) return;
  event.preventDefault();
  putOn(target);
});
document.addEventListener("click", event => {
  const link = event.target.closest("a[data-move]"), target = event.target.closest(".target");
  if (link && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    take(link.closest("[data-visit]"), { focus: true });
  } else if (target && inHand) putOn(target);
});
document.addEventListener("keydown", event => {
  if (!inHand) return;
  if (event.key === "Escape") {
    const back = $("a[data-move]", inHand);
    putDown();
    back?.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const all = $$(".target button"), here = all.indexOf(document.activeElement);
    if (here < 0) return;
    event.preventDefault();
    all[here + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  }
});
