// The menu of narrow windows, and filters that apply when they are changed.
export function begin() {
  const button = document.querySelector("[data-menu]");
  button?.addEventListener("click", () => {
    const open = button.closest(".side").classList.toggle("side-open");
    button.setAttribute("aria-expanded", String(open));
  });
  for (const select of document.querySelectorAll("[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
}
