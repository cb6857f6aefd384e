// Says "One moment…" on the button of a form that takes a while, and sends no form twice. Without it the server's
// single-use state refuses the second.
const AFTER = 400;

for (const form of document.querySelectorAll("form[data-working]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = event.submitter ?? form.querySelector("button:not([type=button])");
    const words = button.querySelector("strong, [data-words]") ?? button;
    const usual = words.textContent;

    const slow = setTimeout(() => {
      button.setAttribute("aria-disabled", "true");
      words.textContent = form.dataset.working;
    }, AFTER);

    // The browser may keep the page and show it again as it was left.
    addEventListener("pageshow", () => {
      clearTimeout(slow);
      delete form.dataset.sent;
      button.removeAttribute("aria-disabled");
      words.textContent = usual;
    }, { once: true });
  });
}
