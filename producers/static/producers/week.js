// The week's grid: Enter goes down, a pasted column fills cells, a filled cell saves its row. Without it the page is one form.
const grid = document.querySelector("[data-grid]");
const changed = (input) => input.dispatchEvent(new Event("change", { bubbles: true }));
const column = (input) => [...grid.querySelectorAll(`[data-column="${input.dataset.column}"]`)];

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

// A saved row comes back while somebody may be typing in its next cell: keep what they typed since.
let sent = new Map();
let typed = null;
grid?.addEventListener("htmx:beforeRequest", (event) => {
  const row = event.target;
  sent.set(row.id, Object.fromEntries([...row.querySelectorAll("input")].map((input) => [input.id, input.value])));
  row.querySelector(".state")?.replaceChildren(grid.dataset.saving);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const input = document.activeElement;
  const before = sent.get(event.target.id);
  typed = before && event.target.contains(input) && input.value !== before[input.id] ? { id: input.id, value: input.value } : null;
});
document.addEventListener("htmx:afterSwap", () => {
  const input = typed && document.getElementById(typed.id);
  if (input) input.value = typed.value;
  typed = null;
});
