// @ts-check

/** Milliseconds without a key before the form is kept, and between two times. */
const PAUSE = 1_200;
const APART = 4_000;
/** What a page that is being left may still send. */
const LAST = 60_000;

/**
 * What the server makes of the form as it stands.
 * @typedef {{saved?: string, subject?: string, hints: {input: string, text: string}[], masked: string[],
 *   articles: {id: string, lang: string, title: string, url: string, snippet: string}[],
 *   similar?: {number: string, text: string, url: string}}} Answer
 */

/**
 * Keeps what stands in the form on the server, of whoever is signed in, and
 * asks for advice. What fails is tried again; nothing is lost on the page.
 */
export class Draft {
  /** @param {HTMLFormElement} form @param {(answer: Answer) => void} heard */
  constructor(form, heard) {
    this.form = form;
    this.heard = heard;
    this.own = form.dataset.signedIn === "true";
    this.told = new Set(); // what was said aloud
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.next = 0; // not before
    this.stopped = false;
    this.sent = this.body("").toString();
    form.addEventListener("input", () => this.touched());
    form.addEventListener("change", () => this.touched());
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.leave(); });
  }

  /** Something was written. */
  touched() {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), Math.max(PAUSE, this.next - Date.now()));
  }

  /** Asks for advice on a form that has something in it already. */
  look() {
    if (/** @type {HTMLTextAreaElement | null} */ (this.form.querySelector("#f-body"))?.value) this.ask("check");
  }

  /** The form is being sent: a late copy would bring it back. */
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.request?.abort();
  }

  /** @param {string} what @returns {URLSearchParams} the form without its files */
  body(what) {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string") body.append(name, value);
    }
    body.set("do", what);
    return body;
  }

  keep() {
    const now = this.body("").toString();
    if (this.stopped || now === this.sent) return;
    this.ask(this.own ? "save" : "check");
  }

  /** @param {string} what */
  async ask(what) {
    this.next = Date.now() + APART;
    const before = this.body("").toString();
    const request = (this.request = new AbortController());
    const saving = what === "save";
    if (saving) this.tell(this.form.dataset.saySaving ?? "");
    try {
      const answered = await fetch(this.form.action, { method: "POST", body: this.body(what), headers: { Accept: "application/json" }, signal: request.signal });
      if (answered.status === 429) this.next = Date.now() + 1_000 * (Number(answered.headers.get("Retry-After")) || 30);
      if (!answered.ok) throw new Error(String(answered.status));
      /** @type {Answer} */
      const answer = await answered.json();
      if (request.signal.aborted) return;
      if (saving || !this.own) this.sent = before;
      if (saving) this.tell(answer.saved ?? "", answer.saved ? "saved" : "");
      this.heard(answer);
    } catch {
      if (this.stopped || request.signal.aborted) return;
      if (saving) this.tell(this.form.dataset.sayOffline ?? "", "failed");
      this.next = Math.max(this.next, Date.now() + 3 * APART);
      if (saving) this.touched();
    }
  }

  /** The page may be going away: the last words are kept without waiting. */
  leave() {
    const body = this.body("save");
    const now = this.body("").toString();
    if (this.stopped || !this.own || now === this.sent || now.length > LAST) return;
    this.sent = now;
    fetch(this.form.action, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true }).catch(() => { this.sent = ""; });
  }

  /** @param {string} text @param {string} [sort] said aloud once for each sort, shown always */
  tell(text, sort) {
    if (!sort) return show(text);
    if (this.told.has(sort)) return show(text);
    this.told.add(sort);
    say(text);
  }
}

/** @param {string} text */
function show(text) {
  const saved = document.getElementById("saved");
  if (saved) saved.textContent = text;
}

/** Shows what happened to the form, and says it aloud. @param {string} text */
export function say(text) {
  show(text);
  const told = document.getElementById("saved-told");
  if (told) told.textContent = text;
}
