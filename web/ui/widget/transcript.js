// @ts-check

/**
 * A message event of the conversation API.
 * @typedef {{
 *   seq: number, author: "user" | "bot" | "operator" | "system", text: string, html?: string, client_id?: string,
 *   choices?: {id: string, label: string}[], sources?: {id: string, title: string, url: string}[],
 *   ticket?: {id: string, number: string, status: string}, attachments?: Attachment[],
 * }} Message
 */

/** How many pixels from its end the list still counts as read to the end. */
const NEAR = 80;

/** The list of messages: what the server told, in its order, then what is still on its way. */
class Transcript {
  /**
   * @param {string} base @param {(key: string, values?: Record<string, any>) => string} say
   * @param {{choose: (choice: {id: string, label: string}) => void, retry: (id: string) => void, edit: (message: Outgoing) => void}} on
   */
  constructor(base, say, on) {
    this.base = base;
    this.say = say;
    this.on = on;
    this.list = h("ol");
    this.log = h("div", { className: "log", role: "log", tabIndex: 0, "aria-live": "polite" }, this.list);
    this.latest = h("button", { type: "button", className: "latest", hidden: true, onclick: () => this.toEnd() });
    this.log.addEventListener("scroll", () => this.nearEnd() && (this.latest.hidden = true));
    this.last = 0; // the highest seq shown
    this.translate();
  }

  /** The language has changed: what is ours to say is said anew. */
  translate() {
    this.log.setAttribute("aria-label", this.say("log"));
    this.latest.replaceChildren(icon("down"), this.say("latest"));
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
    const follow = this.nearEnd() || item.isConnected; // what we just said ourselves is where we are
    item.dataset.seq = String(message.seq);
    const bubble = h("div", { className: "bubble" });
    if (message.html && message.author !== "user") bubble.append(h("div", { className: "rich" }, fragment(message.html, this.base)));
    else bubble.append(h("p", { className: "plain", textContent: message.text }));
    if (message.attachments?.length) bubble.append(this.files(message.attachments));
    if (message.ticket) bubble.append(this.ticket(message.ticket));
    if (message.sources?.length) bubble.append(this.sources(message.sources));
    item.replaceChildren(this.author(message.author), bubble);
    this.retire();
    if (message.choices?.length) item.append(this.choices(message.choices));
    this.place(item, this.list.querySelector("[data-state]:not([data-seq])"));
    if (follow) this.reveal(item);
    else this.latest.hidden = false;
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

  /** @param {string} author */
  author(author) {
    return h("span", { className: author === "user" ? "sr" : "author", textContent: this.say(`author_${author}`) });
  }

  /** @param {Attachment[]} files */
  files(files) {
    return h("ul", { className: "files" }, ...files.map((file) => h("li", {}, icon("clip"), file.name)));
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

  /** @param {{id: string, label: string}[]} choices */
  choices(choices) {
    const group = h("div", { className: "choices", role: "group", "aria-label": this.say("choices") });
    for (const choice of choices) {
      group.append(h("button", { type: "button", textContent: choice.label, onclick: () => !group.dataset.past && this.on.choose(choice) }));
    }
    return group;
  }

  /** Only the latest choices count. Past ones stay while they hold the focus, which is not ours to move. */
  retire() {
    for (const group of /** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll(".choices"))) group.dataset.past = "true";
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
    this.latest.hidden = true;
  }

  /** Scrolls to the end, but never past the first line of what is new. @param {HTMLElement} item */
  reveal(item) {
    const top = item.offsetTop - this.log.offsetTop - 8;
    this.log.scrollTop = Math.min(top, this.log.scrollHeight - this.log.clientHeight);
  }
}
