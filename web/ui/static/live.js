// @ts-check
// Pages about tickets stay as the tickets are: a stream says that something
// happened, the page is read again, and its parts take the place of the old
// ones. What somebody is typing stays.

const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
const pause = 15_000; // before a stream that was refused is tried again

/** Says something to those who listen to the page. @param {string} text */
export function announce(text) {
  const line = page?.querySelector("[data-said]");
  if (line && text) line.textContent = text;
}

/** @param {Element} form */
function busy(form) {
  if (form.contains(document.activeElement) && document.activeElement instanceof HTMLElement && document.activeElement.matches("textarea, input, select")) return true;
  for (const field of form.querySelectorAll("textarea, input, select")) {
    if (field instanceof HTMLTextAreaElement && field.value !== field.defaultValue) return true;
    if (field instanceof HTMLInputElement && field.type !== "hidden" && (field.files?.length || field.value !== field.defaultValue || field.checked !== field.defaultChecked)) return true;
  }
  return false;
}

/** Puts the forms in use where the new page has them, so that nothing typed is lost; one that it has no more stays. @param {Document} fresh */
function keepForms(fresh) {
  for (const form of document.querySelectorAll("[data-swap] form[id]")) {
    if (!busy(form)) continue;
    const region = fresh.getElementById(form.closest("[data-swap]")?.id ?? "");
    const there = fresh.getElementById(form.id);
    for (const hidden of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name=version]"))) {
      const now = /** @type {HTMLInputElement | null | undefined} */ (there?.querySelector("input[name=version]"));
      if (now) hidden.value = now.value;
    }
    if (there) there.replaceWith(form);
    else region?.append(form);
  }
}

/** Leaves open what somebody opened. @param {Element} from @param {Element} to */
function keepOpen(from, to) {
  const fresh = [...to.querySelectorAll("details")];
  for (const open of from.querySelectorAll("details[open]")) {
    const same = fresh.find((one) => one.querySelector("summary")?.textContent === open.querySelector("summary")?.textContent && !one.open);
    if (same) same.open = true;
  }
}

/** Takes over the parts of a page that was read again. @param {Document} fresh */
export function swap(fresh) {
  const focused = document.activeElement;
  const at = focused instanceof HTMLTextAreaElement ? [focused.selectionStart, focused.selectionEnd] : null;
  keepForms(fresh);
  for (const old of document.querySelectorAll("[data-swap]")) {
    const part = fresh.getElementById(old.id);
    if (!part || part.innerHTML === old.innerHTML) continue;
    keepOpen(old, part);
    old.replaceChildren(...part.childNodes);
  }
  if (focused instanceof HTMLElement && focused !== document.activeElement) {
    const again = focused.isConnected ? focused : focused.id ? document.getElementById(focused.id) : null;
    again?.focus({ preventScroll: true });
    if (again instanceof HTMLTextAreaElement && at) again.setSelectionRange(at[0], at[1]);
  }
  document.title = fresh.title;
  document.dispatchEvent(new Event("sportello:swapped"));
}

/** The page without what it said once. */
function address() {
  const url = new URL(location.href);
  url.searchParams.delete("done");
  url.hash = "";
  return url.href;
}

let reading = false;
let again = false;

async function refresh() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  try {
    do {
      again = false;
      const answer = await fetch(shown ?? address(), { redirect: "manual", cache: "no-store" });
      if (answer.type === "opaqueredirect") over();
      else if (answer.status === 404 && page?.dataset.list) location.assign(page.dataset.list);
      else if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } while (again);
  } catch {
    // no network: the stream comes back, and with it the next try
  } finally {
    reading = false;
  }
}

/** After a form was refused, the address is the form's and not the page's. @type {string | null} */
const shown = page?.dataset.number && !location.pathname.endsWith("/" + page.dataset.number) ? (page.dataset.live ?? "").replace(/\/events.*$/, "/" + page.dataset.number) : null;

let last = page?.dataset.after ?? "0";
/** @type {EventSource | null} */
let stream = null;
let timer = 0;

function over() {
  close();
  if (!page?.dataset.over || page.querySelector("[data-is-over]")) return;
  const line = document.createElement("p");
  line.className = "told bad";
  line.dataset.isOver = "";
  line.textContent = page.dataset.over;
  page.querySelector("nav")?.after(line);
  announce(page.dataset.over);
}

function close() {
  stream?.close();
  stream = null;
  clearTimeout(timer);
}

function open() {
  if (!page || stream || document.hidden) return;
  const url = new URL(page.dataset.live ?? "", location.href);
  url.searchParams.set("after", last);
  const source = (stream = new EventSource(url));
  source.addEventListener("ticket", (event) => {
    last = event.lastEventId || last;
    /** @type {{number: string, said?: string}} */
    const told = JSON.parse(event.data);
    if (page.dataset.number && told.number && told.number !== page.dataset.number) return;
    refresh().then(() => announce(told.said ?? ""));
  });
  source.addEventListener("bye", over);
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED || source !== stream) return; // it tries again by itself
    stream = null;
    timer = setTimeout(open, pause);
  });
}

// A page nobody looks at needs no stream: browsers have few to give.
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
addEventListener("pageshow", open);
open();

// What the page said once is not said again when it is loaded again.
if (new URLSearchParams(location.search).has("done")) history.replaceState(null, "", address() + location.hash);
