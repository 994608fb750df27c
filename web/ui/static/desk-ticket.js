// @ts-check
import { bindHelp, menu, shortcuts } from "./desk-keys.js";
import { findPeople } from "./desk-person.js";
import { listen, page } from "./desk-stream.js";

const room = /** @type {HTMLElement} */ (document.querySelector("[data-desk=ticket]"));
room.classList.add("js");
for (const button of room.querySelectorAll(".nojs")) button.remove(); // Enter shall not press what is not seen
const write = /** @type {HTMLElement} */ (room.querySelector(".write"));

// The forms lie on one another, as tabs.
const tabs = () => /** @type {HTMLAnchorElement[]} */ ([...write.querySelectorAll(".fronts a")]);
/** @param {string} name */
const front = (name) => /** @type {HTMLFormElement | null} */ (write.querySelector(`#${name}`));

/** @param {string} name @param {boolean} focus */
function bring(name, focus) {
  if (!tabs().some((tab) => tab.dataset.front === name)) name = tabs()[0]?.dataset.front ?? "";
  for (const tab of tabs()) {
    const on = tab.dataset.front === name;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    const form = front(tab.dataset.front ?? "");
    if (form) form.hidden = !on;
  }
  if (focus) /** @type {HTMLElement | null} */ (front(name)?.querySelector("textarea"))?.focus();
}

/** @param {string} name of the form in front, if there is one of this name */
function layTabs(name) {
  const list = write.querySelector(".fronts");
  if (!tabs().length) {
    list?.remove();
    return;
  }
  list?.setAttribute("role", "tablist");
  list?.setAttribute("aria-labelledby", "write");
  for (const tab of tabs()) {
    tab.parentElement?.setAttribute("role", "presentation");
    tab.setAttribute("role", "tab");
    tab.id = `tab-${tab.dataset.front}`;
    tab.setAttribute("aria-controls", tab.dataset.front ?? "");
    const form = front(tab.dataset.front ?? "");
    form?.setAttribute("role", "tabpanel");
    form?.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (e) => {
      e.preventDefault();
      bring(tab.dataset.front ?? "", true);
    });
    tab.addEventListener("keydown", (e) => {
      const all = tabs();
      const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (!by) return;
      e.preventDefault();
      const next = all[(all.indexOf(tab) + by + all.length) % all.length];
      bring(next.dataset.front ?? "", false);
      next.focus();
    });
  }
  bring(name, false);
}
layTabs(location.hash.slice(1) || write.dataset.tab || "");

/** Puts a text into a box where its cursor is. @param {HTMLTextAreaElement} box @param {string} text */
function insert(box, text) {
  const gap = box.selectionStart > 0 && !/\s$/.test(box.value.slice(0, box.selectionStart)) ? "\n" : "";
  box.setRangeText(gap + text, box.selectionStart, box.selectionEnd, "end");
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {Element} where */
const textOf = (where) => /** @type {HTMLTextAreaElement} */ (where.querySelector("textarea"));

room.addEventListener("change", (e) => {
  if (e.target instanceof HTMLSelectElement && e.target.matches("[data-reply]") && e.target.form) { // a ready-made reply
    const text = e.target.selectedOptions[0]?.dataset.text;
    if (text) insert(textOf(e.target.form), text);
    e.target.value = "";
  }
});

room.addEventListener("click", (e) => { // the link to an article, into what is being written
  const quote = e.target instanceof Element && /** @type {HTMLElement | null} */ (e.target.closest("[data-quote]"));
  if (!quote) return;
  e.preventDefault();
  const now = tabs().find((tab) => tab.getAttribute("aria-selected") === "true")?.dataset.front ?? "say";
  const name = now === "note" ? "say" : now; // it is meant for the person
  bring(name, true);
  const form = front(name);
  if (form) insert(textOf(form), quote.dataset.quote ?? "");
});

/** Ticking what is missing writes the question; the server does so without us. @param {HTMLElement | null} ask */
function bindAsk(ask) {
  if (!ask) return;
  const box = textOf(ask);
  for (const tick of /** @type {NodeListOf<HTMLInputElement>} */ (ask.querySelectorAll("[data-question]"))) {
    tick.removeAttribute("name");
    const line = `- ${tick.dataset.question}`;
    if (tick.checked) box.value = `${box.value}\n${line}`.trim();
    tick.addEventListener("change", () => {
      const opening = room.dataset.opening ?? "";
      let lines = box.value.split("\n").filter((l) => l !== line);
      if (tick.checked) lines = lines.includes(opening) ? [...lines, line] : [...lines.filter((l, i) => l || i), opening, line];
      else if (!lines.some((l) => l.startsWith("- "))) lines = lines.filter((l) => l !== opening);
      box.value = lines.join("\n").trim();
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}
bindAsk(front("ask"));

const { people = "", label = "", none = "", some = "" } = room.dataset;
function bindObserver() {
  const observer = /** @type {HTMLInputElement | null} */ (room.querySelector("[data-person]"));
  if (observer) findPeople(observer, { url: people, label, none, some }, (person) => { observer.value = person.email; });
}
bindObserver();

shortcuts(room, {
  c: () => /** @type {HTMLElement | null} */ (room.querySelector(".quick [data-key=c]"))?.click(),
  m: () => bring("say", true),
  n: () => bring("note", true),
  i: () => bring("ask", true),
  s: () => bring("finish", true),
  u: () => location.assign(room.dataset.queue ?? "/desk"),
  t: () => menu("/desk/call"),
});
write.addEventListener("keydown", (e) => { // the form one types into, no other
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target instanceof HTMLTextAreaElement) {
    e.preventDefault();
    e.target.form?.requestSubmit();
  }
});

// Nothing typed is lost by leaving, and nothing is sent twice.
let sending = false;
room.addEventListener("submit", (e) => {
  if (sending) e.preventDefault();
  sending = true;
});
addEventListener("pageshow", () => { sending = false; });
const typed = () => [...write.querySelectorAll("textarea")].some((box) => box.value !== box.defaultValue);
addEventListener("beforeunload", (e) => {
  if (typed() && !sending) e.preventDefault();
});

// Others: who looks and who writes.
const company = /** @type {HTMLElement} */ (room.querySelector(".company"));
const live = /** @type {HTMLElement} */ (room.querySelector(".live"));
/** @param {HTMLElement} line @param {string} text */
function tell(line, text) {
  line.hidden = !text;
  line.textContent = text;
}
let told = 0;
write.addEventListener("input", () => {
  if (Date.now() - told < 8_000) return;
  told = Date.now();
  fetch(room.dataset.typing ?? "", { method: "POST" }).catch(() => {}); // a hint only
});

/** Whether somebody is at work in a part of the page. @param {Element} part */
const busy = (part) => part.contains(document.activeElement) ||
  [...part.querySelectorAll("textarea, input:not([type=hidden])")].some((field) => field instanceof HTMLTextAreaElement ? field.value !== field.defaultValue :
    field instanceof HTMLInputElement && (field.checked !== field.defaultChecked || field.value !== field.defaultValue));

/** Lays the forms that may be sent now; one that somebody types into stays. @param {Element} next the part as it is now */
function renewForms(next) {
  const chosen = tabs().find((tab) => tab.getAttribute("aria-selected") === "true")?.dataset.front ?? "";
  const old = new Map(tabs().map((tab) => [tab.dataset.front ?? "", /** @type {HTMLElement} */ (tab.parentElement)]));
  for (const form of write.querySelectorAll(".front")) {
    if (!next.querySelector(`#${form.id}`) && !busy(form)) {
      form.remove();
      old.delete(form.id);
    }
  }
  const list = /** @type {HTMLElement} */ (next.querySelector(".fronts"));
  for (const form of next.querySelectorAll(".front")) {
    old.delete(form.id);
    if (front(form.id)) continue;
    for (const button of form.querySelectorAll(".nojs")) button.remove();
    write.append(form);
    if (form.id === "ask") bindAsk(front("ask"));
  }
  for (const kept of old.values()) list.append(kept.cloneNode(true));
  write.querySelector(".fronts")?.remove();
  write.prepend(list);
  layTabs(chosen || write.dataset.tab || "");
}

/** Brings what the page shows up to date, and leaves alone what is being typed. */
async function refresh() {
  /** @type {Document} */
  let fresh;
  try {
    fresh = await page(location.pathname + location.search);
  } catch {
    return; // the next happening brings another try
  }
  const next = /** @type {HTMLElement | null} */ (fresh.querySelector("[data-desk=ticket]"));
  if (!next || next.dataset.version === room.dataset.version) return;
  const before = new Set([...room.querySelectorAll("[data-live=timeline] .timeline > li")].map((line) => line.id));
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (room.querySelectorAll("[data-live]"))) {
    const now = next.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!now || part.dataset.live === "moves" && busy(part)) continue;
    const unfolded = [...part.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent);
    part.replaceChildren(...now.childNodes);
    for (const summary of part.querySelectorAll("details > summary")) {
      if (unfolded.includes(summary.textContent)) summary.parentElement?.setAttribute("open", "");
    }
    if (part.dataset.live === "moves") bindObserver();
  }
  const forms = next.querySelector(".write");
  if (forms) renewForms(forms);
  room.querySelector(".done")?.remove(); // it told of what is no news any more
  for (const line of room.querySelectorAll("[data-live=timeline] .timeline > li")) line.classList.toggle("fresh", !before.has(line.id));
  bindHelp(room, room.querySelector("dialog.keys"));
  for (const name of ["version", "seen"]) { // what has been shown has been seen
    const now = /** @type {HTMLInputElement | null} */ (next.querySelector(`[name=${name}]`))?.value ?? "";
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (room.querySelectorAll(`input[name=${name}]`))) field.value = now;
  }
  room.dataset.version = next.dataset.version;
  tell(live, room.dataset.changed ?? "");
}

const events = () => (room.dataset.events ?? "").replace(/version=\d*/, `version=${room.dataset.version}`);
listen(events, { presence: ({ text }) => tell(company, text), changed: refresh }, refresh, () => {});
