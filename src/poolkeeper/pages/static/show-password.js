// Lets a person see the password that they type. It is hidden again before it is sent, so that no browser keeps it as text.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  button.hidden = false;

  const show = (shown) => {
    const { selectionStart, selectionEnd } = input;
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    input.setSelectionRange(selectionStart, selectionEnd);
  };

  button.addEventListener("click", () => show(input.type === "password"));
  input.form.addEventListener("submit", () => show(false));
}
