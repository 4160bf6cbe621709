/* The calling screen rings when somebody is called, also when he is called again. Off and on is
   remembered on the device; a browser that lets no page sound by itself asks for one tap. */
"use strict";

(() => {
  const OFF = "huiyin-calling-off";
  const button = document.querySelector("[data-sound]");
  const board = document.querySelector(".calling-now");
  if (!button || !board || !("AudioContext" in self)) return;

  const air = new AudioContext();
  const rang = () => Number(board.querySelector("[data-rang]")?.dataset.rang ?? 0);
  let before = rang();

  const off = () => localStorage.getItem(OFF) === "1";

  function show() {
    const blocked = !off() && air.state !== "running";
    button.hidden = false;
    button.setAttribute("aria-pressed", String(!off()));
    button.querySelector("span").textContent = blocked ? button.dataset.blocked : off() ? button.dataset.off : button.dataset.on;
  }

  /* two soft tones, a third apart */
  function ring() {
    if (off() || air.state !== "running") return;
    [660, 523].forEach((pitch, n) => {
      const at = air.currentTime + n * 0.35;
      const tone = new OscillatorNode(air, { frequency: pitch });
      const loud = new GainNode(air, { gain: 0 });
      loud.gain.setValueAtTime(0, at);
      loud.gain.linearRampToValueAtTime(0.4, at + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.001, at + 0.8);
      tone.connect(loud).connect(air.destination);
      tone.start(at);
      tone.stop(at + 0.8);
    });
    board.dataset.sounded = String(Number(board.dataset.sounded ?? 0) + 1);
  }

  button.addEventListener("click", async () => {
    const blocked = !off() && air.state !== "running";
    if (!blocked) localStorage.setItem(OFF, off() ? "0" : "1");
    if (!off()) await air.resume();
    show();
    ring();
  });
  air.addEventListener("statechange", show);
  board.addEventListener("htmx:afterSwap", () => {
    const now = rang();
    if (now > before) ring();
    before = now;
  });
  show();
})();
