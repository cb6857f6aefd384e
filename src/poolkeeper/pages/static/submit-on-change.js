// Sends a search form as soon as one of its choices changes; text is sent by Enter, as everywhere.
for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  for (const choice of form.querySelectorAll("select")) {
    choice.addEventListener("change", () => form.requestSubmit());
  }
}
