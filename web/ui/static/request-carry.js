// @ts-check

/** Where what a stranger wrote waits while they sign in: in this tab only. */
const place = `request ${location.pathname}`;

/**
 * Takes what is written along to the sign-in pages. It is no cookie, leaves
 * the machine only when the form is sent, and is gone with the tab.
 * @param {HTMLFormElement} form
 */
export function carry(form) {
  const written = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["key", "seen", "do"].includes(name));
  try {
    sessionStorage.setItem(place, JSON.stringify(written));
  } catch {} // forbidden or full: the form is empty then
}

/** @param {HTMLFormElement} form @returns {boolean} whether something was brought back */
export function restore(form) {
  if (form.dataset.signedIn !== "true") return false;
  try {
    /** @type {[string, string][]} */
    const written = JSON.parse(sessionStorage.getItem(place) ?? "[]");
    sessionStorage.removeItem(place);
    for (const [name, value] of written) {
      const input = form.elements.namedItem(name);
      if (input instanceof RadioNodeList) input.value = value;
      else if ((input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement) && value) input.value = value;
    }
    return written.some(([name, value]) => name === "f-body" && value || name === "f-subject" && value);
  } catch {
    return false;
  }
}
