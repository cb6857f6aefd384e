// Puts what the server tells at `data-live-list` on top of that list, says it politely and counts it in the title.
// Where there was none (`data-live-first`) the page is loaded again and shows it open.
const list = document.querySelector("[data-live-list]");
const state = document.querySelector("[data-live-state]");
const news = document.querySelector("[data-live-news]");
const title = document.title;
let count = parseInt(state.textContent, 10);
let fresh = 0;

const tell = (words) => {
  state.textContent = `${words}, ${count} message${count === 1 ? "" : "s"}`;
};

const source = new EventSource(list.dataset.liveList);

source.addEventListener("open", () => {
  state.classList.add("live");
  tell("Listening");
});

source.addEventListener("error", () => {
  state.classList.remove("live");
  tell("Not listening");
});

source.addEventListener("letter", (event) => {
  if (document.querySelector("[data-live-first]")) {
    location.reload();
    return;
  }
  const letter = JSON.parse(event.data);
  count = letter.count;
  fresh += 1;
  list.insertAdjacentHTML("afterbegin", letter.row);
  news.textContent = letter.news;
  document.title = title.replace(/^Inbox/, `Inbox (${fresh} new)`);
  tell("Listening");
});
