// Draws the list of rules anew while a password is typed; when the typing pauses, says which are met by now and how many.
const PAUSE = 500;
const SYMBOLS = new Set("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ");
const MEETS = {
  "rule.length": (text, least) => [...text].length >= least,
  "rule.lower": (text) => /\p{Lowercase}/u.test(text),
  "rule.upper": (text) => /\p{Uppercase}/u.test(text),
  "rule.number": (text) => /[0-9]/.test(text),
  "rule.symbol": (text) => [...text].some((sign) => SYMBOLS.has(sign)),
};

for (const list of document.querySelectorAll("[data-checks]")) {
  const input = document.getElementById(list.dataset.checks);
  const said = document.querySelector("[data-checked]");
  const rows = [...list.querySelectorAll("[data-rule]")];
  let heard = new Set();
  let pause;

  const met = () => rows.filter((row) => MEETS[row.dataset.rule](input.value, Number(row.dataset.least)));

  const draw = () => {
    const now = new Set(met());
    for (const row of rows) {
      row.className = now.has(row) ? "met passwordCheck-valid-customizable" : "unmet passwordCheck-notValid-customizable";
    }
  };

  // Each row has its own words for either state, of which the sheet hides one; what stands out of the flow gets a line.
  const say = () => {
    const now = new Set(met());
    const changed = rows.filter((row) => now.has(row) !== heard.has(row));
    const words = changed.map((row) => `${row.innerText.replaceAll("\n", "").trim()}.`);
    heard = now;
    said.textContent = [...words, said.dataset.checked.replace("{met}", now.size)].join(" ");
  };

  input.addEventListener("input", () => {
    draw();
    clearTimeout(pause);
    pause = setTimeout(say, PAUSE);
  });
  // What a browser has put back into the field, after Back or a reload, was not typed here.
  addEventListener("pageshow", draw);
  draw();
}
