// Passkeys. <form|button data-passkey="create|get" data-begin data-finish>: ask the server what to ask, the device for an
// answer, and bring it to the server, which says in X-Location where to go. Words of refusals come in data-t-… and from the server.
const bytes = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), sign => sign.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const listed = (list = []) => list.map(one => ({ ...one, id: bytes(one.id) }));

async function post(url, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-Fragment": "passkey" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const elsewhere = answer.headers.get("X-Location") ?? (answer.redirected && answer.url); // done, or signed out
  if (elsewhere) return location.assign(elsewhere);
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  if (said.code === "step_up_required") location.assign(`/step-up?next=${encodeURIComponent(location.pathname + location.search)}`);
  throw new Error(said.detail || said.title || document.body.dataset.tOffline);
}

async function made(options) {
  const { id, rawId, response, type, authenticatorAttachment } = await navigator.credentials.create({
    publicKey: { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: listed(options.excludeCredentials) },
  });
  return {
    id, type, authenticatorAttachment, rawId: text(rawId),
    response: { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject), transports: response.getTransports?.() ?? [] },
  };
}

async function shown(options) {
  const { id, rawId, response, type, authenticatorAttachment } = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) },
  });
  return {
    id, type, authenticatorAttachment, rawId: text(rawId),
    response: {
      clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
      signature: text(response.signature), userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

async function run(element) {
  const { passkey, begin, finish, tCancelled, tMissing, tKnown } = element.dataset;
  const form = element.closest("form"), button = element.matches("form") ? element.querySelector("button") : element;
  const says = element.querySelector("[data-says]") ?? element.parentElement.querySelector("[data-says]");
  says.hidden = true;
  button.disabled = true;
  try {
    if (!window.PublicKeyCredential) throw new Error(tMissing);
    const typed = Object.fromEntries(["name", "next"].map(name => [name, form?.elements.namedItem(name)?.value ?? element.dataset[name] ?? ""]));
    const asked = await post(begin, {});
    if (!asked) return;
    const credential = await (passkey === "create" ? made : shown)(asked.public_key);
    await post(finish, { ...typed, ceremony: asked.ceremony, credential });
  } catch (trouble) {
    const words = { NotAllowedError: tCancelled, AbortError: tCancelled, InvalidStateError: tKnown, SecurityError: tMissing, NotSupportedError: tMissing };
    says.textContent = (trouble instanceof DOMException && (words[trouble.name] ?? tCancelled)) || trouble.message;
    says.hidden = false;
    button.disabled = false;
  }
}

document.addEventListener("submit", event => {
  if (!event.target.matches("form[data-passkey]")) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // not a form that leaves the page: the client layer has no part in it
  run(event.target);
}, true);
document.addEventListener("click", event => {
  const button = event.target.closest("button[data-passkey]");
  if (button) run(button);
});
