// A large file takes some seconds to read: the page says so, and a second press sends nothing twice.
const forms = [...document.querySelectorAll("form[data-busy]")];
const say = (form, busy) => {
  form.toggleAttribute("data-sent", busy);
  form.querySelector("button").setAttribute("aria-disabled", busy);
  form.querySelector("[role=status]").textContent = busy ? form.dataset.busy : "";
};
for (const form of forms) form.addEventListener("submit", (event) => {
  if (form.hasAttribute("data-sent")) event.preventDefault();
  else say(form, true);
});
// Coming back with the browser's arrow shows the page as it was left.
addEventListener("pageshow", () => forms.forEach((form) => say(form, false)));
