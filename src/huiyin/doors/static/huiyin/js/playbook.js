/* The editor of playbooks: line numbers beside the text, and the way from a problem to its line. */
"use strict";

(() => {
  const text = document.getElementById("id_text");
  if (!text) return;
  const lines = document.querySelector(".code-lines");
  let counted = 0;

  const number = () => {
    const many = text.value.split("\n").length;
    if (many !== counted) {
      counted = many;
      lines.textContent = Array.from({ length: many }, (_one, n) => n + 1).join("\n");
    }
    lines.scrollTop = text.scrollTop;
  };

  const goTo = (line) => {
    const rows = text.value.split("\n");
    const start = rows.slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0);
    text.focus();
    text.setSelectionRange(start, start + (rows[line - 1] || "").length);
    const height = parseFloat(getComputedStyle(text).lineHeight);
    text.scrollTop = Math.max(0, (line - 6) * height);
    text.scrollIntoView({ block: "center" });
  };

  text.addEventListener("input", number);
  /* A whole playbook that is pasted line by line would take the browser many seconds. */
  text.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (pasted.length < 4000 || text.readOnly) return;
    event.preventDefault();
    text.setRangeText(pasted, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  text.addEventListener("scroll", () => { lines.scrollTop = text.scrollTop; });
  text.addEventListener("keydown", (event) => {
    // YAML is indented by spaces; Escape gives the key back to whoever moves by it.
    if (event.key === "Escape") text.dataset.free = "1";
    if (event.key !== "Tab" || event.shiftKey || text.dataset.free) return;
    event.preventDefault();
    text.setRangeText("  ", text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  text.addEventListener("blur", () => { delete text.dataset.free; });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    goTo(Number(link.dataset.line));
  });
  number();
  const asked = /^#line-(\d+)$/.exec(location.hash);
  if (asked) goTo(Number(asked[1]));
})();
