// The weight keypad: a tablet needs no keyboard over half of its screen. Without it, the field is typed in.
document.addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]");
  if (!key) return;
  const input = key.closest("[data-weigh]").querySelector("[name=kg]");
  const digit = key.dataset.key;
  if (digit === "") input.value = input.value.slice(0, -1);
  else if (digit !== "," || !input.value.includes(",")) input.value += digit;
});
