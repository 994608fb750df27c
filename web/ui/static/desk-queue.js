// @ts-check
import { menu, shortcuts } from "./desk-keys.js";
import { listen, page } from "./desk-stream.js";

const room = /** @type {HTMLElement} */ (document.querySelector("[data-desk=queue]"));
room.classList.add("js");
const form = /** @type {HTMLFormElement | null} */ (room.querySelector("#bulk"));
const rows = () => /** @type {HTMLTableRowElement[]} */ ([...room.querySelectorAll(".list tbody tr")]);
/** @param {Element} row */
const link = (row) => /** @type {HTMLAnchorElement | null} */ (row.querySelector(".c-subject a"));
const current = () => document.activeElement?.closest(".list tbody tr") ?? null;

// Moving with the keyboard: the focus is the place.
/** @param {number} by */
function move(by) {
  const all = rows();
  const now = current();
  const at = now ? all.indexOf(/** @type {HTMLTableRowElement} */ (now)) + by : by > 0 ? 0 : all.length - 1;
  const next = all[Math.max(0, Math.min(all.length - 1, at))];
  if (!next) return;
  link(next)?.focus();
  next.scrollIntoView({ block: "nearest" });
}

shortcuts(room, {
  j: () => move(1),
  k: () => move(-1),
  c: () => /** @type {HTMLElement | null} */ (current()?.querySelector(".take"))?.click(),
  x: () => /** @type {HTMLElement | null} */ (current()?.querySelector(".c-choose input"))?.click(),
  "/": () => /** @type {HTMLInputElement | null} */ (room.querySelector("#q"))?.select(),
  r: () => location.reload(),
  t: () => menu("/desk/call"),
});

// Many at once: the form shows itself once something was chosen, and asks only
// for what the action needs.
const bar = /** @type {HTMLElement | null} */ (room.querySelector(".with"));
const all = /** @type {HTMLInputElement | null} */ (room.querySelector(".all"));
const boxes = () => /** @type {HTMLInputElement[]} */ ([...room.querySelectorAll(".c-choose input[name=ticket]")]);
const act = /** @type {HTMLSelectElement | null} */ (bar?.querySelector("[name=act]") ?? null);

function chosen() {
  if (!bar || !all || !act) return;
  const n = boxes().filter((box) => box.checked).length;
  bar.classList.toggle("idle", n === 0);
  const legend = /** @type {HTMLElement} */ (bar.querySelector("legend"));
  legend.textContent = n ? `${legend.dataset.some} ${n}` : legend.dataset.none ?? "";
  all.checked = n > 0 && n === boxes().length;
  all.indeterminate = n > 0 && n < boxes().length;
  for (const label of /** @type {NodeListOf<HTMLElement>} */ (bar.querySelectorAll("[data-for]"))) {
    label.hidden = !(label.dataset.for ?? "").split(" ").includes(act.value);
  }
}

if (all) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    chosen();
  });
}
form?.addEventListener("change", chosen);
addEventListener("pageshow", chosen);
chosen();

// Live: what is shown is brought up to date where it stands; what is new waits
// behind a button, so that nothing moves under somebody's hands.
const news = /** @type {HTMLButtonElement} */ (room.querySelector(".news button"));
const begun = room.querySelector(".pages [rel=prev]") === null; // new ones come on the first page
news.addEventListener("click", () => location.reload());
let looking = false;
let again = false;

async function look() {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  try {
    const fresh = await page(location.href);
    refresh(fresh);
  } catch {
    // the next happening, or the next connection, brings another try
  } finally {
    looking = false;
    if (again) {
      again = false;
      setTimeout(look, 1_000);
    }
  }
}

/** @param {Document} fresh */
function refresh(fresh) {
  for (const part of [".views", ".teams"]) { // their counts
    const now = room.querySelector(part);
    const next = fresh.querySelector(part);
    if (now && next && !now.contains(document.activeElement)) now.innerHTML = next.innerHTML;
  }
  /** @type {Map<string, HTMLTableRowElement>} */
  const there = new Map([...fresh.querySelectorAll(".list tbody tr")].map((row) => [/** @type {HTMLElement} */ (row).dataset.number ?? "", /** @type {HTMLTableRowElement} */ (row)]));
  for (const row of rows()) {
    const next = there.get(row.dataset.number ?? "");
    there.delete(row.dataset.number ?? "");
    row.classList.toggle("gone", !next);
    if (next) update(row, next);
    else leave(row);
  }
  const count = begun ? there.size : 0;
  news.hidden = count === 0;
  news.textContent = count === 1 ? room.dataset.newsOne ?? "" : (room.dataset.news ?? "").replace("7", String(count));
}

/** @param {HTMLTableRowElement} row @param {HTMLTableRowElement} next */
function update(row, next) {
  row.className = next.className;
  row.querySelector(".left")?.remove();
  for (const [i, cell] of [...row.cells].entries()) {
    const now = next.cells[i];
    if (i === 0) { // stays chosen, as what it is now
      const box = /** @type {HTMLInputElement} */ (cell.querySelector("input"));
      const changed = box.value !== /** @type {HTMLInputElement} */ (now.querySelector("input")).value;
      box.value = /** @type {HTMLInputElement} */ (now.querySelector("input")).value;
      if (changed) row.classList.add("fresh");
      continue;
    }
    if (cell.innerHTML === now.innerHTML) continue;
    const held = cell.contains(document.activeElement);
    cell.innerHTML = now.innerHTML;
    if (held) (/** @type {HTMLElement | null} */ (cell.querySelector("a, button")) ?? link(row))?.focus();
  }
}

/** @param {HTMLTableRowElement} row */
function leave(row) {
  if (row.querySelector(".left")) return;
  const told = document.createElement("span");
  told.className = "under left";
  told.textContent = room.dataset.left ?? "";
  row.querySelector(".c-status")?.append(told);
}

listen(() => room.dataset.events ?? "", { tickets: look }, look, (lost) => {
  const bar = /** @type {HTMLElement} */ (room.querySelector(".news"));
  bar.dataset.lost = lost ? "1" : "";
  bar.title = lost ? room.dataset.lost ?? "" : "";
});
setInterval(() => document.hidden || look(), 60_000); // due times go on without anything happening
