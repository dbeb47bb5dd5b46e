// The video visit, one script for the doctor and the patient.
// The doctor's side makes every offer, so there is no glare. Each page load has a session id, each peer connection a call
// id; what concerns an earlier one is dropped. Recovery is always a NEW peer connection with fresh servers, never an ICE
// restart: between Chromium and Firefox a restart often left one side without media while both said "connected".
const byId = id => document.getElementById(id);
const stage = byId("call"), words = stage.dataset;
const doctor = words.role === "doctor";
const policy = new URLSearchParams(location.search).has("relay") ? "relay" : "all";
const sid = Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");

const began = performance.now();
const call = (globalThis.call = { // read by the browser tests
  events: [], rx: 0, policy, pair,
  get pc() { return pc; }, get ws() { return ws; }, get phase() { return words.phase; }, get level() { return level; },
});
const mark = (what, detail = "") => call.events.push([Math.round(performance.now() - began), what, String(detail)]);

/* 1 What we send. Tracks come and go; a sender without a track costs nothing and needs no new negotiation. */
const local = new MediaStream();
const wish = { audio: true, video: true, only: false, nothing: false }; // only: voice, both ways; nothing: chat
const chosen = {}; // device ids
const track = kind => local.getTracks().find(t => t.kind === kind);
const sender = kind => pc?.getTransceivers().find(t => t.receiver.track.kind === kind)?.sender;

async function capture(kinds) {
  const device = id => (id ? { deviceId: { ideal: id } } : {});
  const want = {};
  if (kinds.audio && !track("audio")) want.audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...device(chosen.audioinput) };
  if (kinds.video && !track("video")) want.video = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 24, max: 30 }, ...device(chosen.videoinput) };
  if (!want.audio && !want.video) return;
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "SecurityError");
  const got = await navigator.mediaDevices.getUserMedia(want);
  for (const fresh of got.getTracks()) take(fresh);
  mark("media", got.getTracks().map(t => t.kind));
  byId("ask").hidden = true;
  paint();
}

function take(fresh) {
  drop(fresh.kind);
  local.addTrack(fresh);
  if (fresh.kind === "audio") fresh.enabled = wish.audio;
  fresh.onended = () => { // unplugged, or taken away by the system
    drop(fresh.kind);
    wish[fresh.kind] = false;
    announce(words.tStopped);
    tell();
  };
  sender(fresh.kind)?.replaceTrack(fresh).then(shape);
  if (fresh.kind === "video") byId("local").srcObject = local;
}

function drop(kind) {
  const old = track(kind);
  if (!old) return;
  old.onended = null;
  old.stop();
  local.removeTrack(old);
  sender(kind)?.replaceTrack(null).catch(() => {});
}

async function obtain(kinds = { audio: !wish.nothing, video: wish.video && !wish.nothing }) { // a refusal is explained, never fatal
  try {
    await capture(kinds);
  } catch (error) {
    mark("refused", error.name);
    if (kinds.audio && kinds.video && error.name !== "NotAllowedError") await capture({ audio: true }).catch(() => {}); // no camera? then voice
    byId("ask-says").textContent = { NotFoundError: words.tMissing, NotReadableError: words.tTaken, SecurityError: words.tInsecure }[error.name] ?? words.tDenied;
    byId("ask").hidden = false;
    paint();
  }
}

async function toggle(kind) {
  wish.nothing = false;
  if (kind === "video") {
    wish.video = !track("video");
    if (wish.video) {
      wish.only = false;
      await obtain({ video: true });
    } else drop("video"); // the light of the camera goes out
  } else if (track("audio")) track("audio").enabled = wish.audio = !wish.audio;
  else {
    wish.audio = true;
    await obtain({ audio: true });
  }
  tell();
}

async function voiceOnly() {
  wish.only = !wish.only;
  wish.video = !wish.only;
  if (wish.only) drop("video");
  else await obtain({ video: true });
  tell();
}

function tell() { // to the other side, and to the visit's log
  send({ t: "media", audio: !!track("audio") && wish.audio, video: !!track("video"), only: wish.only });
  paint();
}

/* 2 The peer connection */
let ws, pc, peer, callId, held = [], calls = 0, generation = 0, ice = { servers: [], at: 0 };
let theirs = { audio: true, video: true }, met = false, blocked = false;
let since = 0, flowing = 0, packets = 0, attempts = 0, candidates = 0; // since: this attempt began; flowing: last packet seen
const send = message => ws?.readyState === WebSocket.OPEN && ws.send(JSON.stringify({ ...message, call: callId, to: peer }));

async function ticket() {
  const answer = await fetch(words.token, { method: "POST", headers: { Accept: "application/json" }, signal: AbortSignal.timeout?.(8000) });
  if (!answer.ok) throw Object.assign(new Error("no ticket"), { status: answer.status });
  const given = await answer.json();
  ice = { servers: given.ice_servers, at: Date.now() };
  return given;
}

async function renew(id) { // -> false if a newer one overtook it
  const mine = ++generation;
  callId = id;
  held = [];
  since = performance.now();
  if (Date.now() - ice.at > 20000) await ticket().catch(() => {});
  if (mine !== generation || words.phase !== "call") return false;
  close();
  packets = lost = candidates = call.rx = 0;
  since = flowing = performance.now();
  const me = (pc = new RTCPeerConnection({ iceServers: ice.servers, iceTransportPolicy: policy, bundlePolicy: "max-bundle" }));
  const remote = new MediaStream();
  pc.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate) candidates++;
    if (me === pc) send({ t: "ice", c: candidate });
  };
  pc.onicecandidateerror = error => mark("candidate error", `${error.errorCode} ${error.url}`);
  pc.ontrack = event => {
    remote.addTrack(event.track);
    show(remote);
  };
  pc.onconnectionstatechange = () => {
    if (me !== pc) return;
    mark("connection", pc.connectionState);
    if (pc.connectionState === "failed") again("failed");
    if (pc.connectionState === "connected") {
      met = true;
      blocked = false;
      quality = "good";
      flowing = performance.now();
      startClock();
      shape();
    }
    paint();
  };
  return true;
}

function close() {
  if (!pc) return;
  pc.onconnectionstatechange = pc.onicecandidate = pc.ontrack = null;
  pc.close();
  pc = null;
}

async function dial() {
  if (!(await renew(`${sid}:${++calls}`))) return;
  for (const kind of ["audio", "video"]) pc.addTransceiver(track(kind) ?? kind, { direction: "sendrecv", streams: [local] });
  const me = pc;
  await me.setLocalDescription();
  if (me === pc) send({ t: "offer", d: me.localDescription });
}

async function answer(offer) {
  if (!(await renew(offer.call))) return;
  const me = pc;
  await me.setRemoteDescription(offer.d);
  for (const line of me.getTransceivers()) {
    line.direction = "sendrecv";
    line.sender.setStreams?.(local);
    await line.sender.replaceTrack(track(line.receiver.track.kind) ?? null);
  }
  await me.setLocalDescription();
  if (me === pc) send({ t: "answer", d: me.localDescription });
}

function again(why) {
  if (!peer) return; // the next `peer` message dials
  mark("again", why);
  attempts++;
  blocked = why === "no candidates";
  since = flowing = performance.now();
  if (doctor) dial().catch(error => mark("error", error.message));
  else send({ t: "again" });
  paint();
}
call.again = again;

// Once a second: "connected" is not "seen". No packet for 5 s, no connection for 8 s, or no way out at all: again.
setInterval(async () => {
  if (words.phase !== "call") return;
  const now = performance.now(), waited = now - since, patience = (doctor ? 8000 : 11000) + 2000 * Math.min(attempts, 6);
  if (pc?.connectionState === "connected") return measure(pc, now);
  paint();
  if (!pc || !peer) return;
  if (pc.iceGatheringState === "complete" && !candidates && waited > 2000 + 1000 * Math.min(attempts, 10)) again("no candidates");
  else if (pc.connectionState === "disconnected" && now - flowing > 4000) again("disconnected");
  else if (waited > patience) again("slow");
}, 1000);

/* 3 How well it goes. Weak twice: send less. Good for a while: send more. */
const LEVELS = [
  { maxBitrate: 900_000, maxFramerate: 24, scaleResolutionDownBy: 1 },
  { maxBitrate: 300_000, maxFramerate: 15, scaleResolutionDownBy: 1.5 },
  { maxBitrate: 110_000, maxFramerate: 8, scaleResolutionDownBy: 3 },
];
let level = 0, weak = 0, good = 0, lost = 0, quality = "lost", hinted = false;

async function measure(me, now) {
  const report = await Promise.race([me.getStats(), new Promise(done => setTimeout(done, 900))]); // Firefox: never settles once closed
  if (!report || me !== pc) return;
  let received = 0, gone = 0, trouble = 0, delay = 0;
  for (const r of report.values()) {
    if (r.type === "inbound-rtp") { received += r.packetsReceived ?? 0; gone += r.packetsLost ?? 0; }
    if (r.type === "remote-inbound-rtp") trouble = Math.max(trouble, r.fractionLost ?? 0);
    if (r.type === "candidate-pair" && r.nominated && r.state === "succeeded") delay = r.currentRoundTripTime ?? 0;
  }
  const came = received - packets, missing = Math.max(0, gone - lost);
  packets = received;
  lost = gone;
  if (came > 0) {
    flowing = now;
    attempts = 0;
  } else if (now - flowing > 5000 && (theirs.audio || theirs.video)) return again("silent");
  const bad = trouble > 0.06 || delay > 0.45 || missing > 0.06 * (came + missing);
  weak = bad ? weak + 1 : 0;
  good = bad ? 0 : good + 1;
  if (weak >= 4 && level < LEVELS.length - 1) degrade(1);
  if (good >= 16 && level > 0) degrade(-1);
  if (came > 0 || !(theirs.audio || theirs.video)) quality = weak >= 3 ? "weak" : good >= 2 || quality === "lost" ? "good" : quality;
  else if (now - flowing > 2000) quality = "lost";
  paint();
  if (weak > 10 && !hinted && track("video")) {
    hinted = true;
    announce(words.tSlow);
  }
}

function degrade(step) {
  level += step;
  weak = good = 0;
  mark("level", level);
  shape();
}

async function shape() {
  const video = sender("video"), parameters = video?.track && video.getParameters();
  if (!parameters?.encodings?.length) return;
  Object.assign(parameters.encodings[0], LEVELS[level], { active: !theirs.only });
  await video.setParameters(parameters).catch(error => mark("parameters", error.name));
}

async function pair() { // for tests: by which way the call goes
  const report = await pc.getStats();
  for (const r of report.values())
    if (r.type === "candidate-pair" && r.nominated && r.state === "succeeded")
      return `${report.get(r.localCandidateId).candidateType} <-> ${report.get(r.remoteCandidateId).candidateType}`;
}

/* 4 Signalling */
let reopening, tries = 0, waiting = false; // waiting: for a pong

async function open() {
  clearTimeout(reopening);
  let given;
  try {
    given = await ticket();
  } catch (error) {
    if (error.status === 409) return status() === "in_progress" ? reopen(3000) : settle("wait"); // not let in (any more)
    if (error.status === 401) return settle("left", words.tSignin);
    if (error.status === 403 || error.status === 404) return settle("left", words.tClosed);
    return reopen();
  }
  if (words.phase !== "call") return;
  const url = new URL(given.ws, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("token", given.token);
  url.searchParams.set("sid", sid);
  ws?.close();
  const me = (ws = new WebSocket(url));
  let chain = Promise.resolve(); // strictly in order
  waiting = false;
  me.onopen = () => mark("socket", "open");
  me.onmessage = ({ data }) => {
    waiting = false;
    tries = 0;
    chain = chain.then(() => me === ws && receive(JSON.parse(data))).catch(error => mark("error", error.message));
  };
  me.onclose = ({ code }) => {
    if (me !== ws) return;
    mark("socket", code);
    ws = null;
    if (code === 4001) settle("left", words.tElsewhere); // the newest window of a person has the call
    else reopen();
  };
}

function reopen(wait = Math.min(8000, 250 * 2 ** tries++) * (0.75 + Math.random() / 2)) {
  clearTimeout(reopening);
  if (words.phase === "call") reopening = setTimeout(open, wait);
}

setInterval(() => { // a phone that changes networks is not told that its socket is dead
  if (ws?.readyState !== WebSocket.OPEN) return;
  if (!waiting) {
    waiting = true;
    return send({ t: "ping" });
  }
  const dead = ws;
  ws = null;
  dead.close();
  reopen(0);
}, 20000);
addEventListener("online", () => words.phase === "call" && !ws && open());

async function receive(message) {
  switch (message.t) {
    case "pong": return;
    case "state": return moved(message.status);
    case "chat": return line(message);
    case "chats": return history(message.items);
    case "refused": return line({ ...message, from: words.role, refused: true });
    case "gone":
      if (message.sid && message.sid !== peer) return;
      mark("gone");
      peer = null;
      return paint();
    case "peer": {
      const back = message.sid === peer;
      peer = message.sid;
      mark("peer", back ? "back" : "new");
      tell();
      if (!back) theirs = { audio: true, video: true };
      if (doctor && !(back && pc?.connectionState === "connected")) await dial();
      return paint();
    }
  }
  if (message.from !== peer) return; // a page that is gone
  if (message.t === "media") {
    theirs = message;
    shape();
    return paint();
  }
  if (message.t === "again") return doctor && dial();
  if (message.t === "offer") await answer(message);
  else if (message.call !== callId || !pc) return; // about an earlier peer connection
  else if (message.t === "answer") await pc.setRemoteDescription(message.d);
  else if (message.t === "ice") {
    if (!pc.remoteDescription) return held.push(message.c);
    return pc.addIceCandidate(message.c).catch(error => mark("late", error.name));
  }
  for (const candidate of held.splice(0)) await pc.addIceCandidate(candidate).catch(error => mark("late", error.name));
}

/* 5 From the waiting room to the call and out of it */
const status = () => byId("visit-state")?.dataset.status;

async function join() {
  if (words.phase === "call") return;
  words.phase = "call";
  mark("join");
  stopCheck();
  paint();
  wakeLock();
  if (stage.getBoundingClientRect().top < 0) stage.scrollIntoView();
  if (!doctor && document.hidden) document.title = `● ${words.tAdmitted}`;
  // Asking comes first, since a granted camera also gives better addresses; but nobody waits for an unanswered question.
  await Promise.race([obtain(), new Promise(done => setTimeout(done, 3000))]);
  tell();
  open();
}

function settle(phase, text) { // wait, left or over
  if (words.phase === phase) return;
  mark("phase", phase);
  const was = words.phase;
  words.phase = phase;
  clearTimeout(reopening);
  if (was === "call") send({ t: "bye" });
  const old = ws;
  ws = null;
  old?.close(1000);
  close();
  generation++;
  peer = null;
  met = false;
  if (phase !== "wait") ["audio", "video"].forEach(drop);
  byId("ask").hidden = true;
  if (text) byId(phase === "over" ? "over-says" : "left-says").textContent = text;
  lock?.release().catch(() => {});
  lock = null;
  paint();
}

function moved(now) {
  if (now === "in_progress") return words.phase === "wait" && join();
  if (["completed", "cancelled", "no_show", "expired"].includes(now)) return settle("over", doctor || now === "completed" ? words.tOver : byId("visit-state").querySelector("[data-says]")?.textContent);
}
document.addEventListener("placed", ({ target }) => {
  if (target.id !== "visit-state") return;
  const says = byId("before-says");
  if (says) says.textContent = target.querySelector("[data-says]").textContent;
  moved(status());
});

let lock;
async function wakeLock() {
  if (document.hidden || words.phase !== "call") return;
  lock = await navigator.wakeLock?.request("screen").catch(() => null);
}
const title = document.title;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  document.title = title;
  wakeLock();
});
addEventListener("pageshow", event => event.persisted && location.reload());

/* 6 What is seen */
function show(stream) {
  const video = byId("remote");
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  video.muted = false;
  byId("unmute").hidden = true;
  video.play().catch(error => { // sound without a gesture is refused: first the picture, then ask
    if (error.name !== "NotAllowedError") return;
    video.muted = true;
    byId("unmute").hidden = false;
    video.play().catch(() => {});
  });
}
byId("remote").requestVideoFrameCallback?.(function count() { // frames really presented
  call.rx++;
  byId("remote").requestVideoFrameCallback(count);
});

const put = (id, text) => { if (byId(id).textContent !== text) byId(id).textContent = text; };
const press = (what, pressed) => stage.querySelector(`[data-do="${what}"]`).setAttribute("aria-pressed", pressed);

function paint() {
  const connected = pc?.connectionState === "connected" && quality !== "lost";
  words.mine = ["audio", "video"].filter(track).join(" ");
  words.theirs = connected && theirs.video && !theirs.only ? "audio video" : connected ? "audio" : "";
  const begun = words.mine !== "" || words.phase === "call";
  press("mic", begun && !(track("audio") && wish.audio));
  press("cam", begun && !track("video"));
  press("only", wish.only);
  if (words.phase !== "call") return;
  byId("quality").dataset.quality = connected ? quality : "lost";
  put("quality-says", connected ? (quality === "weak" ? words.tWeak : words.tGood) : blocked ? words.tBlocked : met || attempts > 1 ? words.tLost : words.tConnecting);
  put("there-says", connected ? (theirs.only ? words.tVoice : words.tCamoff) : peer ? (met ? words.tLost : words.tConnecting) : met ? words.tAway : words.tWaiting);
  put("call-says", connected && !theirs.audio ? words.tMuted : "");
  byId("muted").hidden = !(connected && !theirs.audio);
}

let clock;
function startClock() {
  if (clock) return;
  const from = Date.parse(byId("visit-state")?.dataset.since) || Date.now();
  clock = setInterval(() => {
    if (words.phase !== "call") return;
    const seconds = Math.max(0, Math.floor((Date.now() - from) / 1000)), two = n => String(n).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    byId("elapsed").textContent = `${hours ? `${hours}:` : ""}${hours ? two(Math.floor(seconds / 60) % 60) : Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  }, 1000);
}

const announce = text => document.dispatchEvent(new CustomEvent("toast", { detail: text }));

/* 7 Chat. A line is known by its id, so what was sent twice is shown once and what was lost is sent again. */
const lines = byId("lines"), pending = new Map();
let unread = 0;

function line({ id, from, name, text, at, refused }, quiet = false) {
  let item = lines.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (refused && !item) return;
  const mine = from === words.role, fresh = !item;
  if (fresh) {
    item = document.createElement("p");
    item.dataset.id = id;
    item.className = mine ? "mine" : "";
    item.append(Object.assign(document.createElement("small")), text);
    lines.append(item);
  }
  if (at || refused) pending.delete(id);
  const clock = at && new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" }).format(new Date(at));
  item.querySelector("small").textContent = `${mine ? words.tYou : name} · ${refused ? words.tUnsent : clock || words.tSending}`;
  if (fresh) lines.scrollTop = lines.scrollHeight;
  if (fresh && !mine && !quiet && byId("chat").hidden) count(unread + 1);
}

function history(items) { // what was said before this page was opened is not news
  const first = !lines.children.length;
  for (const item of items) line(item, first);
  for (const [id, text] of pending) send({ t: "chat", id, text });
}

function count(n) {
  unread = n;
  byId("unread").hidden = !n;
  byId("unread").textContent = n || "";
  if (n) announce(words.tNew);
}

byId("say").addEventListener("submit", event => {
  event.preventDefault();
  event.stopPropagation();
  const field = byId("line"), text = field.value.trim();
  if (!text) return;
  field.value = "";
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // a UUID: randomUUID exists only on https
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const id = Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  pending.set(id, text);
  line({ id, from: words.role, text });
  send({ t: "chat", id, text });
});

function toggleChat() {
  const chat = byId("chat"), button = stage.querySelector('.ctl[data-do="chat"]');
  chat.hidden = !chat.hidden;
  button.setAttribute("aria-expanded", !chat.hidden);
  if (chat.hidden) return button.focus();
  count(0);
  lines.scrollTop = lines.scrollHeight;
  byId("line").focus();
}

/* 8 Before the call: camera, microphone, speaker, network */
const check = byId("check");
let sound, metering;

function report(what, is, text) {
  const row = check?.querySelector(`[data-check="${what}"]`);
  if (!row) return;
  row.dataset.is = is;
  row.querySelector("span").textContent = text;
}

async function startCheck() {
  if (!check) return obtain();
  for (const what of ["camera", "microphone"]) report(what, "", check.dataset.tAsk);
  network();
  await obtain({ audio: true, video: true });
  for (const [what, kind] of [["camera", "video"], ["microphone", "audio"]])
    report(what, track(kind) ? "good" : "bad", track(kind) ? (kind === "audio" ? check.dataset.tQuiet : check.dataset.tGood) : check.dataset.tOff);
  if (track("audio")) meter();
  await devices();
}

async function devices() {
  const all = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
  for (const select of check.querySelectorAll("[data-device]")) {
    const some = all.filter(one => one.kind === select.dataset.device && one.deviceId);
    select.replaceChildren(...some.map(one => new Option(one.label, one.deviceId)));
    select.hidden = some.length < 2;
    const used = track(select.dataset.device.slice(0, 5))?.getSettings().deviceId;
    if (used) select.value = used;
    select.onchange = async () => {
      chosen[select.dataset.device] = select.value;
      drop(select.dataset.device.slice(0, 5));
      await obtain();
      if (track("audio")) meter();
    };
  }
}

function audio() {
  sound ??= new AudioContext();
  sound.resume();
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => sound?.resume(), { once: true }); // silent until one
  return sound;
}

function meter() {
  clearInterval(metering);
  const analyser = audio().createAnalyser(), samples = new Float32Array(analyser.fftSize);
  sound.createMediaStreamSource(new MediaStream([track("audio")])).connect(analyser);
  let loud = 0;
  metering = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const volume = Math.min(1, Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length) * 5);
    check.querySelector("meter").value = volume;
    if (volume > 0.08 && ++loud === 3) report("microphone", "good", check.dataset.tHeard);
  }, 100);
}

function tone() {
  const now = audio().currentTime;
  [523, 659, 784].forEach((pitch, n) => {
    const voice = sound.createOscillator(), volume = sound.createGain();
    voice.frequency.value = pitch;
    volume.gain.setValueAtTime(0, now + n * 0.25);
    volume.gain.linearRampToValueAtTime(0.25, now + n * 0.25 + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.001, now + n * 0.25 + 0.5);
    voice.connect(volume).connect(sound.destination);
    voice.start(now + n * 0.25);
    voice.stop(now + n * 0.25 + 0.5);
  });
  report("speaker", "good", check.dataset.tPlayed);
}

async function network() {
  report("network", "", check.dataset.tTesting);
  const times = [];
  for (let n = 0; n < 4; n++) {
    const from = performance.now();
    const answered = await fetch("/health/live", { cache: "no-store" }).then(answer => answer.ok, () => false);
    if (!answered) return report("network", "bad", check.dataset.tNone);
    if (n) times.push(performance.now() - from); // the first one opens the connection
  }
  const trip = Math.round(times.sort((a, b) => a - b)[1]);
  if (!(await reachable())) return report("network", "bad", check.dataset.tBlocked);
  report("network", trip > 600 ? "bad" : "good", `${trip > 600 ? check.dataset.tSlow : check.dataset.tFast} (${trip} ms)`);
}

function reachable() { // does any way out exist?
  if (!globalThis.RTCPeerConnection) return false;
  const urls = words.stun.split(" ").filter(Boolean);
  const probe = new RTCPeerConnection({ iceServers: urls.length ? [{ urls }] : [] });
  return new Promise(done => {
    const end = found => { probe.close(); done(found); };
    setTimeout(end, 5000, false);
    probe.onicecandidate = ({ candidate }) => candidate?.candidate && end(true);
    probe.createDataChannel("probe");
    probe.setLocalDescription().catch(() => end(false));
  });
}

function stopCheck() {
  clearInterval(metering);
  sound?.close();
  sound = null;
  check?.closest("dialog")?.close();
}

/* 9 The buttons */
const acts = {
  mic: () => toggle("audio"),
  cam: () => toggle("video"),
  only: voiceOnly,
  chat: toggleChat,
  leave: () => settle("left", words.tLeft),
  rejoin: () => { words.phase = "wait"; join(); },
  retry: async () => { wish.nothing = false; wish.video = !wish.only; await (words.phase === "wait" ? startCheck() : obtain()); tell(); },
  voice: async () => { wish.nothing = wish.video = false; await obtain({ audio: true }); tell(); },
  write: () => { byId("ask").hidden = true; wish.nothing = true; if (words.phase === "call" && byId("chat").hidden) toggleChat(); tell(); },
  unmute: () => { byId("remote").muted = false; byId("unmute").hidden = true; },
  check: startCheck,
  tone,
};
document.addEventListener("click", event => {
  const button = event.target.closest("[data-do]");
  if (button) acts[button.dataset.do]?.(event);
});

paint();
if (status() === "in_progress") join();
else if (["completed", "cancelled", "no_show", "expired"].includes(status())) moved(status());
else if (navigator.permissions) // whoever has allowed it before is not asked to press a button
  Promise.all(["camera", "microphone"].map(name => navigator.permissions.query({ name })))
    .then(given => given.every(one => one.state === "granted") && words.phase === "wait" && startCheck())
    .catch(() => {});
