// "Add", steppers and hearts save themselves: two listeners for the page instead of attributes on each of two hundred cards.
// Without this file the buttons send the form #wish, which says where the shop is (data-shop).
const shop = () => document.getElementById("wish").dataset.shop;
const post = (url, source, values = {}) => htmx.ajax("POST", url, { source, target: source, swap: "outerHTML", values });
const waits = new WeakMap(), busy = new WeakSet(), again = new WeakSet();

// One request at a time for each product, with the number that stands there when it leaves.
async function step(control) {
  if (busy.has(control)) return again.add(control);
  busy.add(control);
  const [number, seen] = control.querySelectorAll("input");
  const values = { [number.name]: number.value, seen: seen.value };
  if ("order" in control.dataset) values.on_order = "1";
  try {
    await post(`${shop()}souhait/${number.name.slice(2)}/`, control, values);
  } finally {
    busy.delete(control);
  }
  if (again.delete(control) && control.isConnected) step(control);
}

document.addEventListener("change", ({ target }) => {
  const control = target.closest(".step")?.closest(".ctl");
  if (!control) return;
  clearTimeout(waits.get(control));
  waits.set(control, setTimeout(step, 400, control));
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[name=add], .fav");
  if (!button || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (button.name) post(`${shop()}souhait/${button.value}/`, button.closest(".ctl"), { seen: "0" });
  else post(button.getAttribute("formaction"), button);
});
