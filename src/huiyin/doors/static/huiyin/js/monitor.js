/* The monitor stays live: its figures are asked for while the page is seen. */
"use strict";

(() => {
  const box = document.getElementById("monitor");
  let charts = Date.now();

  async function look() {
    if (document.hidden || box.contains(document.activeElement)) return;
    const stamp = box.firstElementChild?.dataset.stamp ?? "";
    try {
      const answer = await fetch(`${box.dataset.url}?stamp=${stamp}`, {
        headers: { "HX-Request": "true" },
        credentials: "same-origin",
      });
      if (answer.status !== 200 || answer.redirected) return;
      const page = new DOMParser().parseFromString(`<body>${await answer.text()}</body>`, "text/html");
      box.replaceChildren(...[...page.body.children].map((part) => document.importNode(part, true)));
      /* the figures beneath the charts move by five minutes */
      if (Date.now() - charts > 60000 && !document.querySelector("#monitor-charts details[open]")) {
        charts = Date.now();
        location.reload();
      }
    } catch {
      /* the next look will do */
    }
  }
  setInterval(look, 5000);
})();
