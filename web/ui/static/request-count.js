// @ts-check

/** Characters before the end from which on the count is said aloud, and the pause before it is. */
const NEAR = 20;
const PAUSE = 1_000;

/**
 * Counts the characters of inputs that have a limit. Nothing is cut off: who
 * pastes too much sees how much.
 * @param {HTMLFormElement} form
 */
export function counted(form) {
  const aloud = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  aloud.setAttribute("role", "status");
  form.append(aloud);
  for (const box of /** @type {NodeListOf<HTMLInputElement | HTMLTextAreaElement>} */ (form.querySelectorAll("[data-max]"))) {
    const shown = document.getElementById(`${box.id}-count`);
    if (!shown) continue;
    const most = Number(box.dataset.max);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const count = () => {
      const left = most - [...box.value.trim()].length;
      const text = left < 0 ? form.dataset.sayOver ?? "" : form.dataset.sayLeft ?? "";
      shown.textContent = text.replace("{n}", String(Math.abs(left)));
      shown.classList.toggle("over", left < 0);
      clearTimeout(timer);
      if (left <= NEAR && document.activeElement === box) timer = setTimeout(() => { aloud.textContent = shown.textContent; }, PAUSE);
    };
    box.addEventListener("input", count);
    if (box.value) count();
  }
}
