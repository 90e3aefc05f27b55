// "Add" and the steppers of the shop. What is touched changes on the page at once, is gathered, and travels together: after a
// pause, when the page is left, before another one is opened. Until the server has it, it is kept in this browser, so that neither
// a lost network nor a closed page loses it. A number that somebody of the household has changed meanwhile is not overwritten:
// each goes with the one that was seen before. Without this file the buttons send the form #wish.

const $ = (id) => document.getElementById(id);
const { shop, mine } = $("controls").dataset;
const KEPT = `wish ${mine} ${shop}`;
const onOrder = () => $("revision");
const store = (() => { try { return localStorage; } catch { return null; } })();
let touched = new Map();  // packaging code → { packs, seen, cents, about }: to be sent
let flying = new Map();   // the same: sent, not answered
let flight = null, timer = 0, sending = false;

// Asking the server: its answer, and the words of a part or a page; null where there are none to show. A page that says why it
// refuses (409, 422) is shown like one that does not; one that was led elsewhere, to sign in, is not.
async function post(url, body, keepalive = false) {
  const headers = { "HX-Request": "true", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
  const answer = await fetch(url, { method: "POST", body, headers, keepalive }).catch(() => null);
  const shown = answer && !answer.redirected && (answer.ok || [409, 422].includes(answer.status));
  return { answer, words: shown ? await answer.text().catch(() => null) : null };
}
function failed(answer) {
  cabas.failed(answer?.redirected ? 403 : answer?.ok ? 0 : answer?.status, answer?.headers.get("X-Request-ID"));
}
function parts(words) {
  const box = document.createElement("template");
  box.innerHTML = words;
  return [...box.content.children];
}

// The page
const control = (code) => document.querySelector(`.ctl:has([name="q-${code}"], [name="add"][value="${code}"])`);
const numbers = (ctl) => ctl.querySelectorAll(".step input");
const stored = (ctl) => Number(numbers(ctl)[1]?.value ?? 0);
const digits = (words) => Number(words?.replace(/\D/g, "") ?? 0);
function subject(ctl) {
  const add = ctl.querySelector("[name=add]"), [number] = numbers(ctl);
  return add ? { code: add.value, name: add.lastElementChild.textContent.trim(), most: add.dataset.most }
    : { code: number.name.slice(2), name: number.parentElement.dataset.name, most: number.max };
}
function drawn({ code, name, most }, packs) {
  const [stepper, button] = $("controls").content.querySelectorAll(".ctl");
  const safe = new Option(name).innerHTML.replaceAll('"', "&quot;");
  const [ctl] = parts((packs ? stepper : button).outerHTML.replaceAll(":code:", code).replaceAll(":name:", () => safe));
  const [number, seen] = numbers(ctl);
  if (number) [number.value, number.max, seen.value] = [packs, most ?? number.max, 0];
  else if (most < 1000) ctl.firstElementChild.dataset.most = most;
  return ctl;
}
function draw(ctl, packs) {
  const [number] = numbers(ctl), none = Number(packs) === 0;
  ctl.querySelectorAll("[role=status]").forEach((words) => words.remove());
  if (number && (!none || onOrder())) { number.value = packs; return; }
  if (!number && none) return;
  const now = drawn(subject(ctl), none ? 0 : packs), held = ctl.contains(document.activeElement);
  ctl.replaceWith(now);
  if (held) (now.querySelector('[data-add="1"]') ?? now.firstElementChild).focus();
}
// Packs and sum as they will be; the server's answer says them again, to the cent.
function count() {
  const total = $("total");
  for (const box of [total, $("sums")]) box?.setAttribute("aria-busy", Boolean(touched.size || flying.size));
  if (!total) return;
  let packs = digits(total.dataset.packs), cents = digits(total.dataset.cents);
  const lines = [...flying.values(), ...touched.values()], sum = total.querySelector(".num");
  const about = sum.textContent.startsWith("~") || lines.some((line) => line.about && line.packs > 0);
  for (const line of lines) {
    const more = (Math.trunc(line.packs) || 0) - line.seen;
    packs += more;
    cents += more * line.cents;
  }
  const lang = document.documentElement.lang;
  const words = new Intl.PluralRules(lang).select(packs) === "one" ? total.dataset.one : total.dataset.more;
  total.querySelector("[data-count]").textContent = words.replace(/\d+/, new Intl.NumberFormat(lang).format(packs));
  if (onOrder()) return;
  const money = new Intl.NumberFormat(lang, { style: "currency", currency: total.dataset.currency });
  sum.textContent = (about ? "~" : "") + money.format(cents / 100);
}

// What is touched
function keep() {
  const lines = [...flying, ...touched].map(([code, line]) => [code, { ...line, seen: flying.get(code)?.seen ?? line.seen }]);
  try { lines.length ? store?.setItem(KEPT, JSON.stringify(lines)) : store?.removeItem(KEPT); } catch { /* full or forbidden */ }
  count();
}
function touch(ctl, packs) {
  const { code } = subject(ctl), card = ctl.closest("li"), price = card?.querySelector(".num")?.textContent ?? "";
  const cents = digits(price) + digits(card?.dataset.deposit), about = price.startsWith("~");  // to be weighed
  const seen = touched.get(code)?.seen ?? flying.get(code)?.packs ?? stored(ctl);
  touched.set(code, { packs, seen: Number(seen) || 0, cents, about });
  draw(ctl, packs);
  keep();
  later(onOrder() ? 600 : 3000);
}
function later(ms) {
  clearTimeout(timer);
  timer = setTimeout(save, ms);
}
document.addEventListener("change", ({ target }) => {
  if (target.matches(".step input")) touch(target.closest(".ctl"), target.value.trim() || "0");
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[name=add], .fav");
  if (!button || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (button.name) touch(button.closest(".ctl"), "1");
  else turn(button);
});
async function turn(heart) {
  if (heart.ariaBusy) return;
  heart.ariaBusy = "true";
  const { answer, words } = await post(heart.getAttribute("formaction")), held = heart === document.activeElement;
  heart.ariaBusy = null;
  if (words === null) return failed(answer);
  const [now] = parts(words);
  heart.replaceWith(now);
  if (held) now.focus();
}

// Saving. "saved", "differs" (something on the page had to change), "offline" or "refused".
async function save() {
  clearTimeout(timer);
  while (flight) await flight;
  if (!touched.size) return "saved";
  flight = send();
  try { return await flight; } finally { flight = null; }
}
async function send() {
  [flying, touched] = [touched, new Map()];
  const body = new URLSearchParams(onOrder() ? { on_order: "1" } : {});
  for (const [code, line] of flying) { body.append(`q-${code}`, line.packs); body.append(`s-${code}`, line.seen); }
  const { answer, words } = await post(`${shop}souhait/`, body, true);
  const away = answer?.headers.get("HX-Redirect");
  if (away) return over(away);
  if (words === null) return unsaved(answer);
  $("unsaved")?.remove();
  for (const [code, line] of flying) {
    const ctl = control(code);
    if (ctl && numbers(ctl)[1]) numbers(ctl)[1].value = line.packs;
  }
  flying = new Map();
  const differs = place(words);
  keep();
  return differs ? "differs" : "saved";
}
// The sale is over: the page it leads to says so. Nothing is kept that could never be saved.
function over(url) {
  [flying, touched] = [new Map(), new Map()];
  keep();
  location.href = url;
  return "refused";
}
function unsaved(answer) {
  touched = new Map([...flying, ...touched].map(([code, line]) => [code, { ...line, seen: flying.get(code)?.seen ?? line.seen }]));
  flying = new Map();
  keep();
  if (answer?.status === 401) { $("unsaved")?.remove(); failed(answer); return "refused"; }
  const retry = !answer || answer.status >= 500, note = $("controls").content.querySelector("#unsaved").cloneNode(true);
  if (!retry) note.querySelector("span").textContent = $("words").dataset.refused;
  $("unsaved")?.remove();
  $("toasts").append(note);
  if (retry) later(10000);
  return answer ? "refused" : "offline";
}
// Each part of the answer goes where its like is; how many steppers the server sees otherwise.
function place(words) {
  let changed = 0;
  for (const part of parts(words)) {
    const { code } = part.dataset, there = code ? control(code) : $(part.id);
    const line = touched.get(code);
    if (line) line.seen = stored(part);
    else there?.replaceWith(part);
    changed += code ? 1 : 0;
  }
  return changed;
}

// Leaving: another page shows what was touched on this one.
addEventListener("pagehide", save);
addEventListener("online", save);
document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
const waiting = () => touched.size || flight;
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || !waiting() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.target) return;
  if (link.origin !== location.origin || link.hasAttribute("download") || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  if (await save() !== "offline") location.href = link.href;
});
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const sends = form.id === "wish" && onOrder() && !submitter?.hasAttribute("formaction");
  if (!sends && !waiting()) return;
  event.preventDefault();
  if (sending) return;
  sending = true;
  const saved = await save();
  if (sends && saved === "saved") await order(form);
  sending = false;
  if (!sends && saved !== "offline") form.requestSubmit(submitter);
});
// The answer is the page as it is now: ordered, or refused with the reason, which takes the focus.
async function order(form) {
  const { answer, words } = await post(form.action, new URLSearchParams(new FormData(form)));
  if (words === null) return failed(answer);
  const page = new DOMParser().parseFromString(words, "text/html");
  document.title = page.title;
  document.body.replaceWith(page.body);
  scrollTo(0, 0);
  cabas.ready(document);
  document.querySelector("[data-focus], [aria-invalid=true]")?.focus();
}

// What an earlier page could not save. Where this one was made without it, it is made again.
let unseen = false;
for (const [code, line] of JSON.parse(store?.getItem(KEPT) ?? "[]")) {
  const ctl = control(code);
  if (ctl && stored(ctl) === Number(line.packs)) continue;
  touched.set(code, line);
  if (ctl) draw(ctl, line.packs);
  else unseen = true;
}
keep();
if (touched.size) save().then((saved) => { if (unseen && saved === "saved") location.reload(); });
