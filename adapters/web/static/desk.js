// What the page adds to htmx: a value that was shown hides again, Escape clears, the next number replaces the last.
// Everything else is forms, and works without this file.
"use strict";

(() => {
  const HIDE_AFTER_MS = 30_000;
  let timer = 0;

  const number = () => document.getElementById("key");
  const result = () => document.getElementById("result");
  const shownForm = () => document.querySelector(".reveal .shown")?.closest("form");

  function hide({ focus = false } = {}) {
    clearTimeout(timer);
    const form = shownForm();
    if (!form) return false;
    const show = form.querySelector(".show");
    show.hidden = false;
    if (focus) show.focus();
    form.querySelector(".value").replaceChildren();
    return true;
  }

  function watch(form) {
    form.querySelector(".shown").focus(); // before its button goes: hiding a focused button counts as leaving
    form.querySelector(".show").hidden = true;
    clearTimeout(timer);
    timer = setTimeout(() => hide({ focus: form.contains(document.activeElement) }), HIDE_AFTER_MS);
  }

  function clear() {
    htmx.trigger("#search", "htmx:abort"); // an answer on its way would bring the card back
    result().replaceChildren();
    number().value = "";
    number().focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !number() || hide({ focus: true })) return;
    clear();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest(".hide")) return;
    event.preventDefault();
    hide({ focus: true });
  });

  // Leaving the value, for another control or another window, hides it. While a button is being pressed the page must
  // not move, or the press would miss it: then the value goes when the pointer is up.
  let pressing = false;
  document.addEventListener("focusout", (event) => {
    const form = shownForm();
    if (!pressing && form?.contains(event.target) && !form.contains(event.relatedTarget)) hide();
  });
  document.addEventListener("pointerdown", () => { pressing = true; });
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => setTimeout(() => {
      pressing = false;
      if (!shownForm()?.contains(document.activeElement)) hide();
    }));
  }
  window.addEventListener("blur", () => hide());
  window.addEventListener("pagehide", () => hide());

  // The number is selected before the answer comes: what is typed meanwhile is the next number and stays whole.
  document.addEventListener("htmx:beforeRequest", (event) => {
    hide();
    if (event.target.id === "search") number().select();
  });
  // A value that was left before the answer came is not shown. (Safari leaves the focus on the body after a click.)
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.target.closest(".reveal");
    const at = document.activeElement;
    if (form && at !== document.body && !form.contains(at)) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const form = event.target.closest(".reveal");
    if (form?.querySelector(".shown")) watch(form);
  });

  // The server itself is gone: say what the server would have said.
  document.addEventListener("htmx:sendError", () => {
    const notice = document.createElement("p");
    notice.className = "notice panel";
    notice.setAttribute("role", "alert");
    notice.textContent = document.body.dataset.unavailable;
    result().replaceChildren(notice);
  });

  document.addEventListener("focusin", (event) => {
    if (event.target.id === "key") event.target.select();
  });

  // The box may have got the focus before this file was there; what was typed since stays.
  if (number() === document.activeElement && number()?.value === number()?.defaultValue) number()?.select();
  if (shownForm()) watch(shownForm()); // a whole page with a shown value: posted before this file was there
})();
