// @ts-check
import { Draft, say } from "./request-draft.js";
import { Files } from "./request-files.js";
import { advise } from "./request-advice.js";
import { counted } from "./request-count.js";
import { carry, restore } from "./request-carry.js";

/** Without this, the form works as it is. */
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form#request"));

if (form) {
  form.classList.add("live");
  const draft = new Draft(form, (answer) => advise(form, answer));
  const files = new Files(form);
  counted(form);

  // Name and address of the third person, only where there is one.
  const third = form.querySelector(".third");
  const whom = () => third?.classList.toggle("closed", !(/** @type {HTMLInputElement | null} */ (form.querySelector("#for-other"))?.checked));
  form.addEventListener("change", whom);

  if (restore(form)) {
    say(form.dataset.sayRestored ?? "");
    draft.touched();
  }
  whom();
  draft.look();
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-sign-in]"))) {
    link.removeAttribute("target"); // what is written comes along
    link.addEventListener("click", () => carry(form));
  }

  let sending = false;
  form.addEventListener("submit", (e) => {
    const pressed = /** @type {HTMLButtonElement | null} */ (e.submitter);
    if (sending) return e.preventDefault(); // pressed twice
    if (files.busy) {
      e.preventDefault(); // the files first
      say(form.dataset.sayUploading?.replace("{name}", "") ?? "");
      files.done.then(() => form.requestSubmit(pressed ?? undefined));
      return;
    }
    sending = true;
    draft.stop();
    say(form.dataset.saySending ?? "");
  });
  // Going back shall not show what was sent already.
  addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
}
