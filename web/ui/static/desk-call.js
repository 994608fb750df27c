// @ts-check
import { findPeople } from "./desk-person.js";
import { page } from "./desk-stream.js";

const room = /** @type {HTMLElement} */ (document.querySelector("[data-desk=call]"));
room.classList.add("js");
for (const button of room.querySelectorAll(".nojs")) button.remove(); // Enter shall not press what is not seen
const form = /** @type {HTMLFormElement} */ (room.querySelector("#call"));
const box = /** @type {HTMLInputElement} */ (form.querySelector("#caller_text"));
const subject = /** @type {HTMLInputElement} */ (form.querySelector("#subject"));

/** The hidden field that says who was chosen. */
function chosen() {
  let field = /** @type {HTMLInputElement | null} */ (form.querySelector("input[type=hidden][name=caller]"));
  if (!field) {
    field = Object.assign(document.createElement("input"), { type: "hidden", name: "caller" });
    form.prepend(field);
  }
  return field;
}

const { people = "", label = "", none = "", some = "" } = room.dataset;
findPeople(box, { url: people, label, none, some }, async (person) => {
  form.querySelector(".matches:not(.join)")?.remove();
  chosen().value = person.id;
  box.value = person.name;
  subject.focus();
  try {
    const fresh = await page(`${form.dataset.page}?${new URLSearchParams({ caller: person.id })}`);
    form.querySelector("#caller-card")?.replaceChildren(...(fresh.querySelector("#caller-card")?.childNodes ?? []));
    const branch = /** @type {HTMLInputElement | null} */ (fresh.querySelector("[name=branch]:checked"));
    if (!branch) return;
    const here = /** @type {HTMLInputElement | null} */ (form.querySelector(`[name=branch][value="${CSS.escape(branch.value)}"]`));
    if (here) here.checked = true;
  } catch {
    // the form does without
  }
});
box.addEventListener("input", () => { // somebody else is meant
  chosen().value = "";
  form.querySelector("#caller-card")?.replaceChildren();
});

const solved = /** @type {HTMLInputElement} */ (form.querySelector("[name=solved]"));
const answer = /** @type {HTMLElement} */ (form.querySelector(".answer"));
const show = () => answer.classList.toggle("on", solved.checked);
solved.addEventListener("change", show);
show();
