// @ts-check

/** Where it is kept that somebody wants no shortcuts. */
const OFF = "sportello.desk.keys.off";

/** @param {string} key */
function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // a browser that keeps nothing
  }
}

/**
 * Single-key shortcuts of a room: none while somebody types, none with a
 * modifier, and none at all if they were switched off.
 * @param {HTMLElement} room
 * @param {Record<string, () => void>} keys
 */
export function shortcuts(room, keys) {
  const help = /** @type {HTMLDialogElement | null} */ (room.querySelector("dialog.keys"));
  const on = /** @type {HTMLInputElement | null} */ (help?.querySelector("[data-keys-on]") ?? null);
  let off = kept(OFF) === "1";
  if (on) {
    on.checked = !off;
    on.addEventListener("change", () => {
      off = !on.checked;
      try {
        if (off) localStorage.setItem(OFF, "1");
        else localStorage.removeItem(OFF);
      } catch {
        // it counts for this page only
      }
    });
  }
  bindHelp(room, help);
  document.addEventListener("keydown", (e) => {
    if (off || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.defaultPrevented || help?.open || typing(e.target)) return;
    const handle = e.key === "?" ? () => help?.showModal() : keys[e.key];
    if (!handle) return;
    e.preventDefault();
    handle();
  });
}

/** @param {HTMLElement} room @param {HTMLDialogElement | null} help */
export function bindHelp(room, help) {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (room.querySelectorAll("[data-help]"))) {
    button.hidden = false;
    button.onclick = () => help?.showModal();
  }
}

/** Reports whether keys belong to what has the focus. @param {EventTarget | null} target */
function typing(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Goes to a link of the menu by its path. @param {string} end */
export function menu(end) {
  /** @type {HTMLAnchorElement | null} */ (document.querySelector(`.site-nav a[href$="${end}"]`))?.click();
}
