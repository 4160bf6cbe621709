/* The kiosk works without this file as one long form. With it: one step at a time, a signature,
   the device's own camera, and nothing of a customer is left once he is gone. */
"use strict";

(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const WARNING = 20;
  const LONG_SIDE = 1600;
  const form = $("#kiosk");
  const over = $("#over");

  /* A page that the browser kept aside is never shown again. */
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
    else form?.reset();
  });

  if (over?.dataset.seconds) {
    const until = Date.now() + Number(over.dataset.seconds) * 1000;
    const tick = () => {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      $("[data-left]", over).textContent = left;
      if (left) setTimeout(tick, 500);
      else over.submit();
    };
    tick();
    const print = $("[data-print]");
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  if (!form) return;

  const words = $("#words").dataset;
  const steps = [...form.querySelectorAll("[data-step]")];
  const [back, next, submit] = ["[data-back]", "[data-next]", "[data-submit]"].map((s) => $(s, form));
  const progress = $(".kiosk-progress", form);
  let at = 0;
  let touched = false;

  const say = (name, text) => {
    const place = $(`#error_${name}`, form);
    if (!place) return;
    place.hidden = !text;
    place.textContent = text;
    const field = form.elements[name];
    if (field instanceof HTMLElement) {
      if (text) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  };

  const show = (number, focus = true) => {
    at = number;
    steps.forEach((step, i) => (step.hidden = i !== at));
    back.hidden = at === 0;
    next.hidden = at === steps.length - 1;
    submit.hidden = !next.hidden;
    const word = $("[data-progress-word]", progress);
    word.textContent = word.dataset.word.replace("{}", at + 1).replace("{}", steps.length);
    $("progress", progress).value = at + 1;
    if (focus) {
      scrollTo({ top: 0 });
      steps[at].focus({ preventScroll: true });
    }
    if ($("[data-sign]", steps[at])) fit();
  };

  const missing = () => {
    const required = ($("input[name=branch]:checked", form)?.dataset.requires ?? "").split(" ");
    const wanted = { text: true, name: required.includes("customer"), phone: required.includes("phone"), waybill: required.includes("waybill") };
    let first = null;
    for (const [name, wants] of Object.entries(wanted)) {
      const field = form.elements[name];
      if (field.closest("[data-step]") !== steps[at]) continue;
      const empty = wants && field.value.trim().length < (name === "text" ? 2 : 1);
      say(name, empty ? (name === "text" ? words.text : words.required) : "");
      if (empty) first ??= field;
    }
    first?.focus();
    return first;
  };

  next.addEventListener("click", () => missing() || show(at + 1));
  back.addEventListener("click", () => show(at - 1));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input") || submit.hidden === false) return;
    event.preventDefault();
    next.click();
  });

  /* The signature: dark on white whatever the theme, so that it can be read and printed. */
  const canvas = $("[data-sign]", form);
  const pen = canvas.getContext("2d");
  let signed = false;
  const fit = () => {
    if (signed) return;
    const scale = Math.min(2, devicePixelRatio || 1);
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    pen.scale(scale, scale);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, { lineWidth: 3, lineCap: "round", lineJoin: "round", strokeStyle: "#101828" });
  };
  addEventListener("resize", fit);
  let drawing = false;
  canvas.addEventListener("pointerdown", (event) => {
    drawing = true;
    signed = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(event.offsetX, event.offsetY);
    pen.lineTo(event.offsetX + 0.1, event.offsetY);
    pen.stroke();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(event.offsetX, event.offsetY);
    pen.stroke();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (drawing = false));
  $("[data-sign-clear]", form).addEventListener("click", () => {
    signed = false;
    fit();
  });

  /* The device's own camera, where the browser lets a page have it. */
  const camera = $("#camera");
  const open = $("[data-camera]", form);
  let stream = null;
  const close = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    if (camera.open) camera.close();
  };
  open.hidden = !navigator.mediaDevices?.getUserMedia || typeof DataTransfer !== "function";
  open.addEventListener("click", async () => {
    const [video, refused] = [$("video", camera), $(".error", camera)];
    refused.hidden = true;
    camera.showModal();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: LONG_SIDE } } });
      if (camera.open) video.srcObject = stream;
      else close();
    } catch {
      refused.hidden = false;
    }
  });
  camera.addEventListener("close", close);
  $("[data-camera-close]", camera).addEventListener("click", close);
  $("[data-camera-shot]", camera).addEventListener("click", async () => {
    const video = $("video", camera);
    if (!video.videoWidth) return;
    const shot = document.createElement("canvas");
    const scale = Math.min(1, LONG_SIDE / Math.max(video.videoWidth, video.videoHeight));
    shot.width = Math.round(video.videoWidth * scale);
    shot.height = Math.round(video.videoHeight * scale);
    shot.getContext("2d").drawImage(video, 0, 0, shot.width, shot.height);
    const blob = await new Promise((done) => shot.toBlob(done, "image/jpeg", 0.85));
    close();
    const bag = new DataTransfer();
    bag.items.add(new File([blob], `photo-${Date.now()}.jpg`, { type: "image/jpeg" }));
    const input = form.elements.photos;
    input.files = bag.files;
    input.dispatchEvent(new Event("change"));
  });

  /* Sent in the background: no filled-in page is left for "back" to find. */
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (submit.disabled) return;
    say("form", "");
    const said = submit.textContent;
    submit.disabled = true;
    submit.setAttribute("aria-busy", "true");
    submit.textContent = words.sending;
    try {
      const body = new FormData(form);
      if (signed) {
        const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
        body.set("signature", blob, "signature.png");
      }
      const answer = await fetch(location.pathname, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
      const told = await answer.json();
      if (answer.ok) {
        form.reset();
        location.replace(told.go);
        return;
      }
      const names = Object.keys(told.errors);
      names.forEach((name) => say(name, told.errors[name]));
      const step = steps.findIndex((s) => names.some((name) => s.querySelector(`#error_${name}`)));
      show(Math.max(0, step));
      $("[aria-invalid=true]", steps[at])?.focus();
    } catch {
      say("form", $("#error_form").dataset.offline);
    }
    submit.disabled = false;
    submit.removeAttribute("aria-busy");
    submit.textContent = said;
  });

  /* Left alone, the form forgets what was typed; the last seconds are counted down. */
  const idle = $("#idle");
  const seconds = Number(form.dataset.idle);
  let since = Date.now();
  const alive = () => {
    since = Date.now();
    touched = true;
    if (idle.open) idle.close();
  };
  for (const kind of ["pointerdown", "keydown", "input"]) addEventListener(kind, alive, { passive: true });
  $("[data-stay]", idle).addEventListener("click", alive);
  setInterval(() => {
    if (!touched || submit.disabled) return;
    const left = Math.ceil(seconds - (Date.now() - since) / 1000);
    if (left <= 0) {
      touched = false;
      close();
      over.submit();
    } else if (left <= WARNING) {
      if (!idle.open) idle.showModal();
      $("[data-count]", idle).textContent = left;
    }
  }, 500);

  progress.hidden = false;
  const wrong = $("[aria-invalid=true]", form);
  show(Math.max(0, wrong ? steps.indexOf(wrong.closest("[data-step]")) : 0), false);
})();
