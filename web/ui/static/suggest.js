// @ts-check

/**
 * What completes a question; marks are the parts of its text that were typed.
 * @typedef {{id: string, lang: string, title: string, text: string, url: string, marks: [number, number][]}} Suggestion
 */

/** Milliseconds without a key before we ask, and for which an answer is still of use. */
const PAUSE = 120;
const LATE = 4_000;
/** Characters of a question that is still being begun. */
const LONGEST = 120;
/** What may be somebody's address, number or tax code stays in the box. */
const PERSONAL = /@|\d{5}|[a-z]{6}\d\d/i;

/**
 * Offers suggestions below or above a box, as the ARIA practices describe an
 * editable combobox with list autocomplete: the focus stays in the box, the
 * arrows go through the list, Enter takes what is active, Escape closes. A
 * textarea may not be called a combobox; it gets the same keys and is told
 * apart by its attributes only. Slow, failing or overtaken answers are as none.
 */
export class Suggestions {
  /**
   * @param {HTMLInputElement | HTMLTextAreaElement} box
   * @param {{
   *   url: string, lang: () => string, limit: number,
   *   say: (key: string, values?: Record<string, any>) => string,
   *   wanted?: () => boolean, choose?: (suggestion: Suggestion) => void,
   * }} on without choose, a suggestion is a link to its article
   */
  constructor(box, on) {
    this.box = box;
    this.on = on;
    this.list = make("div", { id: `${box.id}-suggestions`, className: "suggestions", role: "listbox", hidden: true });
    this.told = make("div", { className: "sr visually-hidden", role: "status" });
    /** @type {Suggestion[]} */
    this.shown = [];
    this.active = -1;
    this.waiting = false; // for an answer to what was typed
    this.quiet = 0; // until then the server wants to be left alone
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | undefined} */
    this.request = undefined;
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", this.list.id);
    if (box instanceof HTMLInputElement) {
      box.type = "text"; // a search box may not be a combobox
      box.setAttribute("role", "combobox");
      box.setAttribute("aria-expanded", "false");
    }
    box.addEventListener("input", () => this.typed(PAUSE));
    box.addEventListener("keydown", (e) => this.pressed(/** @type {KeyboardEvent} */ (e)));
    box.addEventListener("blur", () => this.close());
    box.form?.addEventListener("submit", () => this.close());
    this.list.addEventListener("mousedown", (e) => e.preventDefault()); // the focus stays in the box
    this.list.addEventListener("click", (e) => this.clicked(e));
  }

  /** @param {number} pause */
  typed(pause) {
    this.cancel();
    this.activate(-1);
    const text = this.box.value.trimStart();
    if (!this.wanted(text)) return this.close();
    this.waiting = true;
    this.timer = setTimeout(() => this.ask(text), pause);
  }

  /** @param {string} text */
  wanted(text) {
    const begun = text.length <= LONGEST && /[\p{L}\p{N}].*[\p{L}\p{N}]/u.test(text) && !text.includes("\n");
    return begun && !PERSONAL.test(text) && Date.now() >= this.quiet && (this.on.wanted?.() ?? true);
  }

  /** @param {string} text */
  async ask(text) {
    const request = (this.request = new AbortController());
    const late = setTimeout(() => this.request === request && this.close(), LATE);
    try {
      const { url, lang, limit } = this.on;
      const answer = await fetch(`${url}?${new URLSearchParams({ q: text, lang: lang(), limit: String(limit) })}`, { signal: request.signal });
      if (answer.status === 429) this.quiet = Date.now() + 1000 * (Number(answer.headers.get("Retry-After")) || 10);
      const found = answer.ok ? (await answer.json()).suggestions : [];
      if (!request.signal.aborted) this.show(found);
    } catch {
      if (!request.signal.aborted) this.close();
    } finally {
      clearTimeout(late);
    }
  }

  /** @param {Suggestion[]} found */
  show(found) {
    this.waiting = false;
    if (!found.length) {
      const open = !this.list.hidden;
      this.close();
      if (open) this.told.textContent = this.on.say("suggestions_none");
      return;
    }
    this.shown = found;
    this.active = -1;
    this.list.setAttribute("aria-label", this.on.say("suggestions"));
    this.list.replaceChildren(...found.map((suggestion, i) => this.option(suggestion, i)));
    this.open(true);
    this.list.scrollTop = 0;
    this.told.textContent = this.on.say("suggestions_count", { n: found.length });
  }

  /** @param {Suggestion} suggestion @param {number} i */
  option({ text, title, url, lang, marks }, i) {
    const option = make(this.on.choose ? "div" : "a", { id: `${this.list.id}-${i}`, role: "option", tabIndex: -1 });
    option.setAttribute("aria-selected", "false");
    if (lang !== this.on.lang()) option.lang = lang;
    if (option instanceof HTMLAnchorElement) option.href = url;
    const line = make("span", { className: "text" });
    let end = 0;
    for (const [from, to] of marks) {
      line.append(text.slice(end, from), make("b", { textContent: text.slice(from, to) }));
      end = to;
    }
    line.append(text.slice(end));
    option.append(line);
    if (title !== text) option.append(make("span", { className: "of", textContent: title }));
    return option;
  }

  /** @param {boolean} yes */
  open(yes) {
    const opened = yes && this.list.hidden;
    this.list.hidden = !yes;
    // A keyboard on the screen leaves little room: the box goes to its top.
    const room = visualViewport ?? { offsetTop: 0, height: innerHeight };
    if (opened && this.list.getBoundingClientRect().bottom > room.offsetTop + room.height) this.box.scrollIntoView();
    if (this.box.hasAttribute("aria-expanded")) this.box.setAttribute("aria-expanded", String(yes));
  }

  /** Closes the list, and forgets what was asked for it. */
  close() {
    this.cancel();
    if (this.told.textContent) this.told.textContent = "";
    if (this.list.hidden) return;
    this.activate(-1);
    this.open(false);
  }

  cancel() {
    this.waiting = false;
    clearTimeout(this.timer);
    this.request?.abort();
  }

  /** @param {number} i of an option, -1 for the box itself */
  activate(i) {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = i;
    const option = this.list.children[i];
    if (!option) {
      this.box.removeAttribute("aria-activedescendant");
      return;
    }
    this.cancel(); // a newer list shall not come between choosing and taking
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.box.setAttribute("aria-activedescendant", option.id);
  }

  /** @param {KeyboardEvent} e */
  pressed(e) {
    if (e.isComposing || e.keyCode === 229) return; // these keys belong to the input method
    const handled = this.list.hidden ? this.pressedClosed(e) : this.pressedOpen(e);
    if (!handled) return;
    e.preventDefault();
    e.stopPropagation();
  }

  /** @param {KeyboardEvent} e */
  pressedClosed(e) {
    if (e.key === "Escape" && this.waiting) { // it is for the list that is about to open
      this.cancel();
      return true;
    }
    if (e.key === "Enter") this.cancel();
    if (this.box instanceof HTMLTextAreaElement) return false;
    if (e.key === "ArrowDown") this.typed(0);
    else if (e.key === "Escape" && this.box.value) this.box.value = "";
    else return false;
    return true;
  }

  /** @param {KeyboardEvent} e */
  pressedOpen(e) {
    const places = this.shown.length + 1; // the options, and the box
    switch (e.key) {
      case "ArrowDown":
        this.activate(((this.active + 2) % places) - 1);
        return true;
      case "ArrowUp":
        if (e.altKey) this.close();
        else this.activate(((this.active + places) % places) - 1);
        return true;
      case "Escape":
        this.close();
        return true;
      case "Enter":
        if (this.active < 0 || e.shiftKey) {
          this.close();
          return false;
        }
        /** @type {HTMLElement} */ (this.list.children[this.active]).click();
        return true;
      case "Tab":
        this.close();
        return false;
      case "Home":
      case "End":
      case "ArrowLeft":
      case "ArrowRight":
        this.activate(-1); // back to the text, where the key does what it does
    }
    return false;
  }

  /** @param {MouseEvent} e */
  clicked(e) {
    const option = e.target instanceof Element && e.target.closest("[role=option]");
    if (!option) return;
    const suggestion = this.shown[[...this.list.children].indexOf(option)];
    if (this.on.choose) {
      this.close();
      this.on.choose(suggestion);
    } else if (!(e.ctrlKey || e.metaKey || e.shiftKey)) this.close(); // the link leads on
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, any>} properties
 */
function make(tag, { role, ...properties }) {
  const element = Object.assign(document.createElement(tag), properties);
  if (role) element.setAttribute("role", role);
  return element;
}
