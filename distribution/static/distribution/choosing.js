// The total follows what is chosen; without this file it is the total of all.
const french = document.documentElement.lang.startsWith("fr");
for (const form of document.querySelectorAll("form[data-sum]")) {
  const total = form.querySelector("[data-total]");
  const currency = { style: "currency", currency: total.dataset.total || "EUR" };
  const add = () => {
    const cents = [...form.querySelectorAll("input[data-amount]:checked")]
      .reduce((sum, box) => sum + Math.round(Number(box.dataset.amount) * 100), 0);
    total.textContent = new Intl.NumberFormat(french ? "fr-FR" : "en-GB", currency).format(cents / 100);
  };
  form.addEventListener("change", add);
  add();
}
