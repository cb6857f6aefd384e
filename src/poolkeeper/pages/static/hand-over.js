// Sends the form that is for an identity provider. It does so before the page has loaded: then the provider's page takes this
// one's place in the history, and Back leads past it (HTML, "form submission algorithm").
for (const form of document.querySelectorAll("form[data-hand-over]")) {
  form.submit();
}
