/* The portal works without this file; with it, photos shrink before they travel, typed words
   survive a lost page, and links are copied with one tap. */
"use strict";

(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const words = $("#words")?.dataset ?? {};
  const LONG_SIDE = 1600;
  if (typeof DataTransfer === "function") document.documentElement.classList.add("js");

  /* A form that came back with its errors is no page to return to: "back" would send it again. */
  const back = $("form[data-back]")?.dataset.back;
  if (back && $("[aria-invalid=true], .notice[data-first-focus]")) history.replaceState(null, "", back);

  /* Words typed stay until the form is sent. */
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const key = `portal:${form.dataset.keep}`;
    const fields = [...form.elements].filter((e) => e.name && /^(text|waybill|contact|words)$/.test(e.name));
    try {
      let kept = JSON.parse(sessionStorage.getItem(key) ?? "{}");
      /* Sent, and not come back to it by "back": it arrived, the next form begins empty. */
      if (kept.sent && performance.getEntriesByType("navigation")[0]?.type !== "back_forward") {
        sessionStorage.removeItem(key);
        kept = {};
      }
      const keep = (sent) =>
        sessionStorage.setItem(key, JSON.stringify({ ...Object.fromEntries(fields.map((f) => [f.name, f.value])), sent }));
      fields.forEach((f) => {
        if (!f.value && kept[f.name]) f.value = kept[f.name];
      });
      form.addEventListener("input", () => keep(false));
      form.addEventListener("submit", () => keep(true));
    } catch {
      /* private window: nothing is kept */
    }
  }

  /* Answers beside the form while it is written; the words are sent for that alone. */
  for (const box of document.querySelectorAll("[data-answers]")) {
    const field = document.getElementById(box.dataset.of);
    let timer = 0;
    let asked = "";
    let asking = null;
    const ask = (wait) => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const text = field.value.trim();
        if (text === asked || box.contains(document.activeElement)) return;
        asked = text;
        asking?.abort();
        asking = new AbortController();
        try {
          const body = new FormData();
          body.set("text", text.slice(0, 500));
          body.set("csrfmiddlewaretoken", field.form.elements.csrfmiddlewaretoken.value);
          const answer = await fetch(box.dataset.answers, { method: "POST", body, signal: asking.signal, credentials: "same-origin" });
          if (answer.ok) box.innerHTML = await answer.text();
        } catch {
          /* the form does not need it */
        }
      }, wait);
    };
    field?.addEventListener("input", () => ask(600));
    /* words that were kept here are unknown to the page that came */
    if (field && field.value !== field.defaultValue) ask(0);
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      $("span", button).textContent = words.copied;
    });
  }

  /* What the first bytes of a file must be; one that only bears such a name is refused here already. */
  const HEADS = { "image/jpeg": [0xff, 0xd8, 0xff], "image/png": [0x89, 0x50, 0x4e, 0x47], "image/gif": [0x47, 0x49, 0x46, 0x38], "image/webp": [0x52, 0x49, 0x46, 0x46], "application/pdf": [0x25, 0x50, 0x44, 0x46] };

  async function fits(file, kinds) {
    if (/^(?:image|application|text)\//.test(file.type) && file.type !== "image/heif" && !kinds.includes(file.type)) return false;
    const head = HEADS[file.type];
    if (!head || !file.size) return true;
    const bytes = new Uint8Array(await file.slice(0, head.length).arrayBuffer());
    return head.every((byte, i) => bytes[i] === byte);
  }

  async function shrink(file) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < 300000) return file;
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg", lastModified: file.lastModified });
    } catch {
      return file;
    }
  }

  for (const input of document.querySelectorAll("input[data-photos]")) {
    if (typeof DataTransfer !== "function") continue;
    const most = Number(input.dataset.photos) || 9;
    const field = input.closest(".field");
    const list = $("[data-thumbs]", field);
    const word = $("[data-photos-word]", field);
    const wrong = $("[data-photos-wrong]", field);
    const kinds = (input.dataset.kinds ?? "").split(" ").filter(Boolean);
    const room = (Number(input.dataset.mb) || Infinity) * 1024 * 1024;
    let chosen = [];

    const draw = () => {
      const bag = new DataTransfer();
      chosen.forEach((f) => bag.items.add(f));
      input.files = bag.files;
      list.hidden = !chosen.length;
      list.querySelectorAll("img").forEach((img) => URL.revokeObjectURL(img.src));
      list.replaceChildren(
        ...chosen.map((file, i) => {
          const li = document.createElement("li");
          if (file.type.startsWith("image/")) {
            const img = document.createElement("img");
            img.src = URL.createObjectURL(file);
            img.alt = file.name;
            li.append(img);
          } else {
            const name = document.createElement("span");
            name.className = "file";
            name.textContent = file.name;
            li.append(name);
          }
          const off = document.createElement("button");
          off.type = "button";
          off.textContent = "×";
          off.setAttribute("aria-label", `${words.remove}: ${file.name}`);
          off.addEventListener("click", () => {
            chosen.splice(i, 1);
            draw();
            input.focus();
          });
          li.append(off);
          return li;
        }),
      );
      word.textContent = chosen.length > most ? words.tooMany.replace("{}", most) : words.photos.replace("{}", chosen.length);
    };

    const take = async (added) => {
      word.textContent = words.preparing;
      const refused = [];
      for (const file of added) {
        if (kinds.length && !(await fits(file, kinds))) {
          refused.push(input.dataset.wrongKind.replace("{}", file.name));
          continue;
        }
        const small = await shrink(file);
        const sum = chosen.reduce((all, one) => all + one.size, small.size);
        if (sum > room) refused.push(input.dataset.tooBig.replace("{}", file.name));
        else if (chosen.length < most) chosen.push(small);
        else refused.push(words.tooMany.replace("{}", most));
      }
      if (wrong) {
        wrong.hidden = !refused.length;
        wrong.textContent = [...new Set(refused)].join("\n");
      }
      draw();
    };
    input.addEventListener("change", () => take([...input.files]));
    $("[data-camera]", field)?.addEventListener("change", (event) => {
      const shot = [...event.target.files];
      event.target.value = "";
      take(shot);
    });
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.classList.contains("strong") || button.dataset.sent) return;
    button.dataset.sent = "1";
    /* after the form data is collected, so that a named button still counts */
    setTimeout(() => {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
      button.textContent = words.sending;
    });
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  ($(".notice[data-first-focus]") ?? $("[aria-invalid=true]"))?.focus();
})();
