// Copies the text of the element that `data-copy-from` names. Where the browser has no clipboard the button stays hidden.
const SHOWN_FOR = 2000;
const said = document.querySelector("[data-copied]");

for (const button of document.querySelectorAll("[data-copy-from]")) {
  if (!navigator.clipboard) break;
  const source = document.getElementById(button.dataset.copyFrom);
  const words = button.querySelector("span");
  const usual = words.textContent;
  button.hidden = false;

  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      words.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      words.textContent = "Selected, copy it by hand";
    }
    said.textContent = words.textContent;
    setTimeout(() => { words.textContent = usual; said.textContent = ""; }, SHOWN_FOR);
  });
}
