/* Who calls: a card on every page of the desk, asked for often where a telephone stands. */
"use strict";

(() => {
  const slot = document.getElementById("call-slot");
  const title = document.title;
  const SEEN = "huiyin-missed-seen";
  let asking = false;

  function tick() {
    for (const timer of document.querySelectorAll(".call-timer[data-since]")) {
      const until = timer.dataset.until ? Date.parse(timer.dataset.until) : Date.now();
      const seconds = Math.max(0, Math.floor((until - Date.parse(timer.dataset.since)) / 1000));
      timer.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
  }

  async function ask() {
    if (asking) return;
    asking = true;
    try {
      const here = slot.querySelector("[data-stamp]")?.dataset.stamp ?? "";
      const answer = await fetch(`${slot.dataset.url}?stamp=${encodeURIComponent(here)}`, {
        headers: { "HX-Request": "true" },
        credentials: "same-origin",
      });
      if (answer.status === 200 && !answer.redirected) put(await answer.text());
    } catch {
      /* the next one will do */
    } finally {
      asking = false;
    }
  }

  /* remember what was told, so that it is not told again */
  function mark(card) {
    const known = document.createElement("span");
    known.dataset.stamp = card.dataset.stamp;
    slot.append(known);
  }

  function put(html) {
    const page = new DOMParser().parseFromString(`<body>${html}</body>`, "text/html");
    const card = page.querySelector(".call-card");
    const written = document.querySelector("input[name=call]")?.value;
    const missed = card && "missed" in card.dataset;
    /* the page on which it is written down shows the call itself, that of missed calls the callers */
    const here = missed
      ? sessionStorage.getItem(SEEN) === card.dataset.stamp || card.querySelector("a").pathname === location.pathname
      : card && card.dataset.call === written;
    slot.replaceChildren(...(card && !here ? [document.importNode(card, true)] : []));
    if (here) mark(card);
    if (here && !missed) {
      const timer = document.querySelector(".call-strip .call-timer");
      const told = card.querySelector(".call-timer");
      if (timer && told) {
        timer.dataset.since = told.dataset.since;
        if (told.dataset.until) timer.dataset.until = told.dataset.until;
      }
    }
    document.title = card?.classList.contains("ringing") ? `☎ ${title}` : title;
    tick();
  }

  setInterval(tick, 500);
  tick();
  if (!slot) return;
  slot.addEventListener("click", (event) => {
    const card = event.target.closest("[data-seen]")?.closest("[data-missed]");
    if (!card) return;
    sessionStorage.setItem(SEEN, card.dataset.stamp);
    slot.replaceChildren();
    mark(card);
  });
  slot.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" });
    ask();
  });
  ask();
  if (slot.dataset.every) setInterval(ask, Number(slot.dataset.every));
})();
