// The picture of the week follows what is typed: the server draws it, so that there is one way to draw.
const form = document.querySelector("form[data-draw]");
const picture = document.getElementById(form.dataset.draw);
let waiting, underway;

async function draw() {
  underway?.abort();
  underway = new AbortController();
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "draw");
  const answer = await fetch(form.action, { method: "POST", body, signal: underway.signal, headers: { "X-Fragment": picture.id } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of [picture, ...form.querySelectorAll("summary .times")]) {
    const fresh = page.getElementById(old.id);
    if (fresh) old.replaceChildren(...fresh.childNodes);
  }
}

form.addEventListener("input", event => {
  if (event.target.name?.startsWith("copy_")) return;
  clearTimeout(waiting);
  waiting = setTimeout(draw, 300);
});
// A piece of the picture leads to its row, also when rows were added meanwhile and the picture counts them anew.
picture.addEventListener("click", event => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  const [, what, n] = link.hash.match(/#f-(\w+)\.(\d+)/);
  const rows = [...form.querySelectorAll(`[id^="${what}-"] > li`)].filter(row => [...row.querySelectorAll("input[type=time]")].some(input => input.value));
  const row = rows[n];
  if (!row) return;
  row.closest("details").open = true;
  row.querySelector("input").focus();
});
