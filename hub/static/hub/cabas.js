// Small comforts of every page. Each works on attributes named in docs/style.md; without this file the pages work too.
const root = document.documentElement;
const french = root.lang.startsWith("fr");
const say = (name) => document.getElementById("words")?.dataset[name] ?? "";

// Deadlines tick. The same words as hub/format.py: left().
function left(ms) {
  const minutes = Math.floor(ms / 60000), days = Math.floor(minutes / 1440), hours = Math.floor(minutes / 60) % 24;
  const all = [[days, french ? "j" : "d"], [hours, "h"], [minutes % 60, "min"]];
  return (days ? all.slice(0, 2) : all.slice(1)).filter(([n]) => n).map((part) => part.join("\u00a0")).join("\u00a0") || say("soon");
}
function tick() {
  for (const time of document.querySelectorAll("[data-left]")) {
    const ms = new Date(time.dateTime) - Date.now();
    const words = ms > 0 ? left(ms) : say("over");
    if (time.textContent !== words) time.textContent = words;
  }
}

// Toasts leave by themselves, unless somebody is looking at them.
function toast(words) {
  const box = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  box.querySelector("[data-words]").textContent = words;
  document.getElementById("toasts").append(box);
  watch(box);
}
function watch(box) {
  if (box.dataset.watched) return;
  box.dataset.watched = "1";
  let seconds = Number(box.dataset.seconds) || 8;
  const clock = setInterval(() => {
    if (box.matches(":hover, :focus-within")) return;
    const count = box.querySelector("[data-count]");
    if (count) count.textContent = `(${seconds}\u00a0s)`;
    if (seconds-- <= 0 || !box.isConnected) { clearInterval(clock); box.remove(); }
  }, 1000);
}
// The session has ended: the page stays as it is, with a way to sign in that comes back to it.
function signIn() {
  if (document.getElementById("sign-in-again")) return;
  const box = document.getElementById("signed-out").content.firstElementChild.cloneNode(true), link = box.querySelector("a");
  link.href += `?next=${encodeURIComponent(location.pathname + location.search)}`;
  document.getElementById("toasts").append(box);
}
const ready = (part) => { tick(); part.querySelectorAll?.(".toast:not(#sign-in-again)").forEach(watch); };

const acts = {
  dialog: (el) => document.getElementById(el.dataset.dialog)?.showModal(),
  close: (el) => el.closest("dialog, .toast")[el.closest("dialog") ? "close" : "remove"](),
  copy: async (el) => { await navigator.clipboard.writeText(el.dataset.copy); toast(say("copied")); },
  add(el) {
    const input = el.closest(".step, .cell").querySelector("input");
    const value = (Number(input.value.replace(",", ".")) || 0) + Number(el.dataset.add);
    input.value = Math.min(Math.max(value, Number(input.min) || 0), Number(input.max || Infinity));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  },
};
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const el = event.target.closest?.("[data-dialog], [data-close], [data-copy], [data-add]");
  if (!el) return;
  event.preventDefault();
  for (const name in acts) if (name in el.dataset) acts[name](el);
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-drop]")) named(event.target);
  else event.target.closest("form[data-autosubmit]")?.requestSubmit();
});

// A file may be dropped on its label.
function named(input) {
  input.closest("[data-drop]").querySelector("[data-name]").textContent = input.files[0]?.name ?? "";
}
for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, (event) => {
  const drop = event.target.closest?.("[data-drop]");
  if (!drop) return;
  event.preventDefault();
  drop.classList.toggle("over", kind === "dragover");
  if (kind !== "drop") return;
  const input = drop.querySelector("[type=file]");
  input.files = event.dataTransfer.files;
  named(input);
});

// What went wrong with a request, in words: no network (no status), signed out, not or no longer allowed, a fault with the
// server's reference.
function failed(status, reference) {
  if (!status) toast(say("offline"));
  else if (status === 401) signIn();
  else toast(status === 403 ? say("refused") : say("failed") + (reference ? ` (${reference})` : ""));
}
// For scripts that ask the server by themselves: say what failed; wake what they have put on the page.
window.cabas = { failed, ready };

// The screens of those who work have htmx, which gets the token of the page. 422 is swapped (see the meta tag htmx-config).
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  if (token && detail.verb !== "get") detail.headers["X-CSRFToken"] = token;
});
document.addEventListener("htmx:afterSettle", (event) => ready(event.target));
document.addEventListener("htmx:oobAfterSwap", (event) => ready(event.target));
for (const kind of ["sendError", "timeout"]) document.addEventListener(`htmx:${kind}`, () => failed());
document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => failed(xhr.status, xhr.getResponseHeader("X-Request-ID")));

root.classList.add("js");
document.querySelector("[data-focus], [aria-invalid=true]")?.focus();
ready(document);
setInterval(tick, 15000);
