// @ts-check

/**
 * A message event of the conversation API.
 * @typedef {{
 *   seq: number, author: "user" | "bot" | "operator" | "system", text: string, html?: string, client_id?: string,
 *   choices?: {id: string, label: string}[], links?: {label: string, url: string}[], sources?: {id: string, title: string, url: string}[],
 *   at?: string, awaits?: boolean, notice?: boolean, ticket?: {id: string, number: string, status: string}, attachments?: Attachment[],
 * }} Message
 */

/** How many pixels from its end the list still counts as read to the end. */
const NEAR = 80;
/** How many pixels of the start of a message its buttons may cost. */
const SLACK = 48;

/** The list of messages: what the server told, in its order, then what is still on its way. */
class Transcript {
  /**
   * @param {string} base @param {(key: string, values?: Record<string, any>) => string} say
   * @param {{choose: (choice: {id: string, label: string}) => void, retry: (id: string) => void, edit: (message: Outgoing) => void, save: (file: Attachment) => void}} on
   */
  constructor(base, say, on) {
    this.base = base;
    this.say = say;
    this.on = on;
    this.list = h("ol");
    this.log = h("div", { className: "log", role: "log", tabIndex: 0, "aria-live": "polite" }, this.list);
    this.latest = h("button", { type: "button", className: "latest", hidden: true, onclick: () => this.onward() });
    this.atEnd = true; // before the log changed its size
    this.unseen = false; // something came below what is shown
    this.log.addEventListener("scroll", () => this.scrolled());
    // Files waiting to be sent, and the keyboards of telephones, take room from the log.
    new ResizeObserver(() => (this.atEnd ? this.toEnd() : this.scrolled())).observe(this.log);
    this.last = 0; // the highest seq shown
    this.translate();
  }

  /** The language has changed: what is ours to say is said anew. */
  translate() {
    this.log.setAttribute("aria-label", this.say("log"));
    this.scrolled();
  }

  clear() {
    this.list.replaceChildren();
    this.last = 0;
  }

  /** Silences the live region while old messages are laid out. @param {boolean} old */
  restoring(old) {
    if (old) this.log.setAttribute("aria-busy", "true");
    else this.log.removeAttribute("aria-busy");
  }

  /** Shows what the server told, once; a message of ours takes the place of its copy. @param {Message} message */
  show(message) {
    if (message.seq <= this.last) return;
    this.last = message.seq;
    const item = this.item(message.author, message.client_id);
    // What we just said ourselves is where we are; old messages are read from the last.
    const follow = this.nearEnd() || item.isConnected || this.log.hasAttribute("aria-busy");
    item.dataset.seq = String(message.seq);
    item.dataset.at = message.at ?? "";
    const bubble = h("div", { className: "bubble" });
    if (message.html && message.author !== "user") bubble.append(h("div", { className: "rich" }, fragment(message.html, this.base)));
    else bubble.append(h("p", { className: "plain", textContent: message.text }));
    if (message.attachments?.length) bubble.append(this.files(message.attachments));
    if (message.ticket) bubble.append(this.ticket(message.ticket));
    if (message.sources?.length) bubble.append(this.sources(message.sources));
    if (message.links?.length) bubble.append(this.links(message.links));
    item.replaceChildren(this.author(message.author, message.at), bubble);
    if (!message.notice) this.retire(); // a notice takes nothing back, and can be answered later
    if (message.choices?.length) item.append(this.choices(message.choices, Boolean(message.notice)));
    this.place(item, this.list.querySelector("[data-state]:not([data-seq])"));
    if (follow) this.reveal(item);
    else {
      this.unseen = true;
      this.scrolled();
    }
  }

  /** Shows a message of ours that is on its way. @param {Outgoing} message */
  pend(message) {
    const item = this.item("user", message.client_id);
    if (item.dataset.seq) return; // the event was faster than the acknowledgement
    item.dataset.state = message.state;
    const bubble = h("div", { className: "bubble" }, h("p", { className: "plain", textContent: message.label ?? message.text ?? "" }));
    if (message.attachments?.length) bubble.append(this.files(message.attachments));
    item.replaceChildren(this.author("user"), bubble);
    if (message.state !== "sent") item.append(this.fate(message));
    this.retire();
    if (!item.isConnected) this.list.append(item);
    this.reveal(item);
  }

  /** Takes a message back that was never sent. @param {string} id */
  remove(id) {
    this.list.querySelector(`[data-client="${CSS.escape(id)}"]`)?.remove();
  }

  /** @param {string} author @param {string} [client] */
  item(author, client) {
    const known = client && this.list.querySelector(`[data-client="${CSS.escape(client)}"]`);
    if (known) {
      delete /** @type {HTMLElement} */ (known).dataset.state;
      return /** @type {HTMLElement} */ (known);
    }
    const item = h("li", { className: `message ${author}` });
    if (client) item.dataset.client = client;
    return item;
  }

  /** Moving a node makes screen readers tell it again, so only where it must. @param {HTMLElement} item @param {Element | null} before */
  place(item, before) {
    if (item.isConnected && (item.nextElementSibling === before || !before)) return;
    this.list.insertBefore(item, before);
  }

  /** @param {string} author @param {string} [at] */
  author(author, at) {
    const line = h("span", { className: author === "user" ? "sr" : "author" }, this.say(`author_${author}`));
    if (at && author !== "user") line.append(", ", h("time", { dateTime: at, textContent: this.hour(new Date(at)) }));
    return line;
  }

  /** The hour, and the day unless it is today. @param {Date} at */
  hour(at) {
    const day = at.toDateString() === new Date().toDateString() ? {} : /** @type {const} */ ({ day: "numeric", month: "short" });
    return at.toLocaleString(/** @type {HTMLElement | null} */ (this.log.closest("[lang]"))?.lang, { ...day, hour: "2-digit", minute: "2-digit", hour12: false });
  }

  /** @param {Attachment[]} files */
  files(files) {
    const button = (/** @type {Attachment} */ file) => h("button", { type: "button", title: this.say("file_save", { name: file.name }), onclick: () => this.on.save(file), textContent: file.name });
    return h("ul", { className: "files" }, ...files.map((file) => h("li", {}, icon("clip"), button(file))));
  }

  /** @param {{number: string, status: string}} ticket */
  ticket(ticket) {
    const status = this.say(`status_${ticket.status}`);
    return h("p", { className: "ticket" }, h("strong", { textContent: this.say("ticket", { number: ticket.number }) }), h("span", { textContent: status || ticket.status }));
  }

  /** @param {{title: string, url: string}[]} sources */
  sources(sources) {
    const links = sources.map((source) => h("li", {}, pointTo(h("a", { textContent: source.title }), source.url, this.base)));
    return h("div", { className: "sources" }, h("span", { textContent: this.say("sources") }), h("ul", {}, ...links));
  }

  /** Where else the conversation goes on. @param {{label: string, url: string}[]} links */
  links(links) {
    return h("p", { className: "links" }, ...links.map((link) => pointTo(h("a", { textContent: link.label }), link.url, this.base)));
  }

  /** @param {{id: string, label: string}[]} choices @param {boolean} lasting those of a notice, until one is taken */
  choices(choices, lasting) {
    const group = h("div", { className: "choices", role: "group", "aria-label": this.say("choices") });
    if (lasting) group.dataset.lasting = "true";
    const choose = (/** @type {{id: string, label: string}} */ choice) => {
      if (group.dataset.past) return;
      delete group.dataset.lasting;
      this.on.choose(choice);
    };
    for (const choice of choices) group.append(h("button", { type: "button", textContent: choice.label, onclick: () => choose(choice) }));
    return group;
  }

  /** Only the latest choices count. Past ones stay while they hold the focus, which is not ours to move. */
  retire() {
    for (const group of /** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll(".choices:not([data-lasting])"))) group.dataset.past = "true";
  }

  /** What became of a message of ours. @param {Outgoing} message */
  fate(message) {
    const { state, detail, client_id } = message;
    const fate = h("p", { className: "fate" }, h("span", { textContent: detail ? `${this.say(state)}. ${detail}` : this.say(state) }));
    if (state === "failed" && message.fixable) {
      fate.append(h("button", { type: "button", textContent: this.say("edit"), onclick: () => this.on.edit(message) }));
    } else if (state === "failed") {
      fate.append(h("button", { type: "button", textContent: this.say("retry"), onclick: () => this.on.retry(client_id) }));
    }
    return fate;
  }

  nearEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR || !this.log.clientHeight;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.scrolled();
  }

  /** Below what is shown there is more to read: says so, where it matters. */
  scrolled() {
    this.atEnd = this.nearEnd();
    if (this.atEnd) this.unseen = false;
    if (this.atEnd && this.latest.matches(":focus")) this.log.focus({ preventScroll: true });
    this.latest.hidden = this.atEnd;
    const label = this.say(this.unseen ? "latest" : "more");
    if (this.latest.textContent !== label) this.latest.replaceChildren(icon("down"), label);
  }

  /** To what has come since, or one page further in what is being read. */
  onward() {
    if (this.unseen) this.toEnd();
    else this.log.scrollTop += this.log.clientHeight * 0.85;
  }

  /**
   * Scrolls to the end, but never past the first line of what is new: buttons
   * that are cut off by less than a line or two count for more than its author.
   * What we said ourselves needs no reading: its end is where the answer comes.
   * What was said in one breath is read from its first line.
   * @param {HTMLElement} item
   */
  reveal(item) {
    this.unseen = false;
    let first = item;
    for (let before; (before = first.previousElementSibling) instanceof HTMLElement && first.dataset.at && before.dataset.at === first.dataset.at && before.className === first.className; ) first = before;
    const top = first.offsetTop - this.log.offsetTop - 8;
    const end = this.log.scrollHeight - this.log.clientHeight;
    this.log.scrollTop = item.classList.contains("user") || end - top < SLACK ? end : top;
    this.scrolled();
  }
}
