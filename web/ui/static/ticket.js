// @ts-check
import { announce, swap } from "./live.js";

// The form that writes on a ticket: what is typed is kept in the browser until
// it was sent, files come by choosing, dropping and pasting, and a failure
// loses nothing.

const keptFor = 7 * 24 * 3600_000; // drafts that nobody came back to
const near = 2000; // characters before the end, from where on they are counted

/** @param {HTMLFormElement} form @param {string} key @param {string | number} [n] */
const say = (form, key, n = "") => (form.dataset[key] ?? "").replace("{n}", String(n));

const shelf = "sportello.draft.";

/** Storage may be full or forbidden: then the page works without. @template T @param {() => T} act @returns {T | undefined} */
function tried(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** @param {HTMLFormElement} form */
function draftOf(form) {
  const key = shelf + form.dataset.draft;
  return {
    /** @param {string} text */
    keep: (text) => tried(() => (text.trim() ? localStorage.setItem(key, JSON.stringify({ text, at: Date.now() })) : localStorage.removeItem(key))),
    kept: () => tried(() => /** @type {{text: string} | null} */ (JSON.parse(localStorage.getItem(key) ?? "null")))?.text ?? "",
    forget: () => tried(() => localStorage.removeItem(key)),
  };
}

tried(() => {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(shelf) && Date.now() - (JSON.parse(localStorage.getItem(key) ?? "{}").at ?? 0) > keptFor) localStorage.removeItem(key);
  }
});

/** A line under a field, spoken when it changes. @param {Element} after */
function line(after) {
  const p = document.createElement("p");
  p.className = "note";
  p.setAttribute("role", "status");
  after.after(p);
  return p;
}

/** @param {HTMLFormElement} form */
function prepare(form) {
  if (form.dataset.ready) return;
  form.dataset.ready = "yes";
  const text = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
  const draft = draftOf(form);
  const told = line(text);
  const kept = draft.kept();
  if (kept && !text.value) {
    text.value = kept;
    told.textContent = say(form, "restored");
  }
  text.addEventListener("input", () => {
    draft.keep(text.value);
    const left = text.maxLength - [...text.value].length;
    told.textContent = left < near ? say(form, "left", left) : "";
  });
  const files = /** @type {HTMLInputElement | null} */ (form.querySelector("input[type=file]"));
  const chosen = files && new Chosen(form, files);
  text.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (!chosen || !pasted.length) return;
    event.preventDefault();
    chosen.add(pasted);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, told, draft.forget);
  });
}

/** The files of a form, of which each can be taken away. */
class Chosen {
  /** @param {HTMLFormElement} form @param {HTMLInputElement} input */
  constructor(form, input) {
    this.form = form;
    this.input = input;
    this.list = document.createElement("ul");
    this.list.className = "chosen";
    input.after(this.list);
    this.note = line(this.list);
    /** @type {File[]} */
    this.files = [];
    input.addEventListener("change", () => this.add([...(input.files ?? [])]));
    const drop = /** @type {HTMLElement} */ (input.closest(".drop"));
    for (const kind of ["dragenter", "dragover"]) {
      form.addEventListener(kind, (event) => {
        if (!(/** @type {DragEvent} */ (event).dataTransfer?.types.includes("Files"))) return;
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    form.addEventListener("dragleave", (event) => {
      if (!form.contains(/** @type {Node | null} */ (event.relatedTarget))) drop.classList.remove("over");
    });
    form.addEventListener("drop", (event) => {
      drop.classList.remove("over");
      const dropped = [...(event.dataTransfer?.files ?? [])];
      if (!dropped.length) return;
      event.preventDefault();
      this.add(dropped);
    });
  }

  /** @param {File[]} files */
  add(files) {
    const most = Number(this.form.dataset.count);
    const largest = Number(this.form.dataset.bytes);
    let wrong = "";
    for (const file of files) {
      if (this.files.some((f) => f.name === file.name && f.size === file.size && f.lastModified === file.lastModified)) continue;
      if (file.size > largest) wrong = say(this.form, "large", file.name);
      else if (this.files.length >= most) wrong = say(this.form, "many");
      else this.files.push(file);
    }
    this.show(wrong);
  }

  /** @param {string} wrong */
  show(wrong) {
    const all = new DataTransfer();
    for (const file of this.files) all.items.add(file);
    this.input.files = all.files;
    this.note.textContent = wrong;
    this.list.replaceChildren(
      ...this.files.map((file) => {
        const item = document.createElement("li");
        const name = document.createElement("span");
        name.textContent = file.name;
        const take = document.createElement("button");
        take.type = "button";
        take.className = "link";
        take.textContent = say(this.form, "take", file.name);
        take.addEventListener("click", () => {
          this.files = this.files.filter((f) => f !== file);
          this.show("");
          this.input.focus();
        });
        item.append(name, take);
        return item;
      }),
    );
  }
}

/** Sends a form and shows what came of it. @param {HTMLFormElement} form @param {HTMLElement} told @param {() => void} forget the draft, once it was sent */
async function send(form, told, forget) {
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  announce(say(form, "sending"));
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    const kind = answer.headers.get("Content-Type") ?? "";
    if (!kind.startsWith("text/html")) {
      told.textContent = kind.startsWith("text/plain") ? await answer.text() : say(form, "failed"); // such as: too often
      return;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok) {
      forget();
      form.reset();
      form.removeAttribute("id"); // the new one takes its place
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      swap(fresh);
      show(fresh, "flash");
      document.getElementById("wrong")?.replaceChildren();
      return;
    }
    const wrong = fresh.getElementById("wrong");
    if (!wrong?.firstElementChild) {
      if (answer.status === 401) told.textContent = fresh.querySelector(".lead, main p")?.textContent ?? say(form, "failed");
      else told.textContent = fresh.querySelector("main p")?.textContent ?? say(form, "failed");
      return;
    }
    swap(fresh); // the form stays as it is: somebody typed in it
    for (const again of wrong.querySelectorAll("p:not(:first-of-type)")) again.remove(); // the files are still chosen here
    show(fresh, "wrong");
    document.getElementById("flash")?.replaceChildren();
  } catch {
    told.textContent = say(form, "failed");
  } finally {
    form.removeAttribute("aria-busy");
  }
}

/** Shows what a page says on top, and goes there. @param {Document} fresh @param {string} id */
function show(fresh, id) {
  const place = document.getElementById(id);
  const part = fresh.getElementById(id);
  if (!place || !part) return;
  const text = part.textContent?.trim() ?? "";
  place.replaceChildren(...part.childNodes);
  const first = /** @type {HTMLElement | null} */ (place.firstElementChild);
  if (!first) return;
  first.removeAttribute("role"); // it is announced once, below, or read because it has the focus
  first.tabIndex = -1;
  first.focus();
  if (document.activeElement !== first) announce(text);
}

function prepareAll() {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-send]"))) prepare(form);
}
document.addEventListener("sportello:swapped", prepareAll);
prepareAll();
