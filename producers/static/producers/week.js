// The week's grid: Enter goes down, a pasted column fills cells, a filled cell saves its row. Without it the page is one form.
const grid = document.querySelector("[data-grid]");
const changed = (input) => input.dispatchEvent(new Event("change", { bubbles: true }));
const column = (input) => [...grid.querySelectorAll(`tr:not([hidden]) [data-column="${input.dataset.column}"]`)];

// Down (or up with Shift), as in a spreadsheet. Leaving a cell that changed saves its row.
grid?.addEventListener("keydown", (event) => {
  const input = event.target;
  if (event.key !== "Enter" || !input.dataset.column) return;
  event.preventDefault();
  const cells = column(input);
  const next = cells[cells.indexOf(input) + (event.shiftKey ? -1 : 1)];
  if (next) { next.focus(); next.select(); } else input.blur();
});

// Lines of a copied column go into this cell and those under it; a single value is an ordinary paste.
grid?.addEventListener("paste", (event) => {
  const input = event.target;
  const values = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t")[0].trim());
  if (!input.dataset.column || values.length < 2) return;
  event.preventDefault();
  const cells = column(input);
  const from = cells.indexOf(input);
  values.forEach((value, index) => {
    const cell = cells[from + index];
    if (cell && value && cell.value !== value) { cell.value = value; changed(cell); }
  });
});

grid?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  const input = button.closest(".cell").querySelector("input");
  input.value = button.dataset.fill;
  changed(input);
});

// One more or less of an unlimited stock would limit it by a slip of the thumb: that number is typed.
grid?.addEventListener("click", (event) => {
  const cell = event.target.closest("[data-add]")?.closest(".cell");
  const input = cell?.querySelector("input");
  if (!input || !input.value || !Number.isNaN(Number(input.value.replace(",", ".")))) return;
  if (input.value === cell.querySelector("[data-fill]").dataset.fill) return;
  event.stopPropagation();
  input.focus();
  input.select();
}, true);

// A saved row comes back while somebody may be typing in its next cell or pressing + again: keep what changed since.
const sent = new Map();
let kept = [];
grid?.addEventListener("htmx:beforeRequest", (event) => {
  const row = event.target.closest("tr");
  sent.set(row.id, Object.fromEntries([...row.querySelectorAll("[data-column]")].map((input) => [input.id, input.value])));
  row.querySelector(".state")?.replaceChildren(grid.dataset.saving);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const before = sent.get(event.target.id) ?? {};
  kept = [...event.target.querySelectorAll("[data-column]")].filter((input) => input.id in before && input.value !== before[input.id]);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const old of kept.splice(0)) {
    const input = document.getElementById(old.id);
    if (input) input.value = old.value;
  }
});
// The row listens again now: what changed meanwhile is saved too, but not what is still being typed.
document.addEventListener("htmx:afterSettle", (event) => {
  const row = event.target.closest?.("[data-grid] tr");
  const late = [...(row?.querySelectorAll("[data-column]") ?? [])];
  late.filter((input) => input.value !== input.defaultValue && input !== document.activeElement).forEach(changed);
});

// A browser forgets what was typed into a cell that was replaced meanwhile: leaving it is said here, if nothing said it yet.
grid?.addEventListener("change", ({ target }) => { target.dataset.told = target.value; });
grid?.addEventListener("focusout", ({ target }) => {
  if (target.dataset.column && target.value !== target.defaultValue && target.value !== target.dataset.told) changed(target);
});

// Three letters are enough to find a row among hundreds; accents do not matter.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
document.querySelector("[data-find]")?.addEventListener("input", (event) => {
  const words = plain(event.target.value).split(/\s+/);
  for (const row of grid.tBodies[0].rows) row.hidden = !words.every((word) => plain(row.cells[0].textContent).includes(word));
});
