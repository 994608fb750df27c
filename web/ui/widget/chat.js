// @ts-check

/** @typedef {{holder: "bot" | "queue" | "operator", position?: number}} State */

/** After so long without a word, whoever was typing has stopped. */
const TYPING = 8_000;
/** A page nobody looks at gives its connection back after this. */
const HIDDEN = 30_000;
/** On screens this small the panel covers everything, so it is modal. */
const SMALL = "(max-width: 480px), (max-height: 420px)";

const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS_TEXT);

/** The chat: a launcher and a dialog, in a shadow root that the page's styles do not reach. */
class SportelloChat extends HTMLElement {
  /** @param {{base: string, lang: string, title?: string}} options */
  constructor(options) {
    super();
    this.options = options;
    this.memory = new Memory(`sportello ${options.base} `);
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    this.words = this.memory.get("lang") ?? options.lang;
    const server = new Server(options.base);
    this.server = server;
    this.line = new Line(server, this.memory, () => this.words, {
      event: (name, data) => this.receive(name, data),
      connected: (yes) => this.connected(yes),
      lost: () => this.restart(),
    });
    this.transcript = new Transcript(options.base, this.say, {
      choose: ({ id, label }) => this.choose({ choice: id, label }),
      retry: (id) => this.outbox.retry(id),
      edit: (message) => this.edit(message),
      save: (file) => this.save(file),
    });
    this.composer = new Composer(this.say, {
      send: (text, attachments) => {
        this.suggestions.close();
        this.outbox.put({ text, attachments });
      },
      upload: async (file, progress, signal) => server.upload(await this.line.conversation(), file, progress, signal),
      draft: (text) => (text ? this.memory.put("draft", text) : this.memory.drop("draft")),
    });
    this.suggestions = new Suggestions(this.composer.text, {
      url: `${options.base}/api/v1/suggestions`,
      lang: () => this.words,
      limit: 4,
      say: this.say,
      wanted: () => !this.awaits && (this.state?.holder ?? "bot") === "bot" && !this.composer.uploads.length,
      choose: ({ text }) => this.choose({ text }),
    });
    this.composer.form.prepend(this.suggestions.list, this.suggestions.told);
    this.outbox = new Outbox(server, this.memory, this.line, (message) => this.transcript.pend(message));
    /** @type {State | undefined} */
    this.state = undefined;
    this.offline = false;
    /** @type {Record<string, ReturnType<typeof setTimeout>>} */
    this.timers = {};
    this.unread = 0;
    this.spoken = false; // the person has said something in this conversation
    this.awaits = false; // what they say next is a reply, no new question
    this.notice = 0; // seq of the last notice that the service does not know to be seen
    const button = (/** @type {string} */ name, /** @type {() => void} */ onclick) => h("button", { type: "button", className: "icon", onclick }, icon(name));
    this.badge = h("span", { className: "badge", hidden: true, "aria-hidden": "true" });
    this.launcherText = h("span", { className: "label" });
    this.launcher = h("button", { type: "button", className: "launcher", "aria-haspopup": "dialog", onclick: () => this.open() }, icon("chat"), this.launcherText, this.badge);
    this.heading = h("h2", { id: "title" });
    this.tongue = h("button", { type: "button", className: "tongue", onclick: () => this.switchLanguage() });
    this.fresh = button("fresh", () => this.startAnew());
    this.shut = button("close", () => this.close());
    this.banner = h("p", { className: "banner", role: "status", hidden: true });
    this.typing = h("p", { className: "typing", role: "status" });
    this.drop = h("div", { className: "drop", hidden: true });
    this.dialog = h(
      "dialog",
      { "aria-labelledby": "title" },
      h("div", {class: "head"}, this.heading, this.tongue, this.fresh, this.shut),
      this.banner,
      h("div", { className: "middle" }, this.transcript.log, this.transcript.latest),
      this.typing,
      this.composer.form,
      this.drop,
    );
    this.shadowRoot?.append(this.launcher, this.dialog);
    this.takeKeys();
    this.takeDrops();
    this.speak();
  }

  /** A phrase in the reader's language; gaps are written {name}. */
  say = (/** @type {string} */ key, /** @type {Record<string, any>} */ values = {}) =>
    (PHRASES[this.words]?.[key] ?? PHRASES.it[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));

  takeKeys() {
    this.dialog.addEventListener("keydown", (e) => {
      if (e.key !== "Escape") return;
      e.preventDefault();
      e.stopPropagation(); // the page's own dialogs shall not close too
      this.close();
    });
    this.dialog.addEventListener("cancel", (e) => {
      e.preventDefault();
      this.close();
    });
  }

  /** Files may be dropped anywhere on the panel. */
  takeDrops() {
    const show = (/** @type {DragEvent} */ e, /** @type {boolean} */ over) => {
      if (!e.dataTransfer?.types.includes("Files")) return;
      e.preventDefault();
      this.drop.hidden = !over;
    };
    this.dialog.addEventListener("dragover", (e) => show(e, true));
    this.dialog.addEventListener("dragleave", (e) => !this.dialog.contains(/** @type {Node | null} */ (e.relatedTarget)) && show(e, false));
    this.dialog.addEventListener("drop", (e) => {
      show(e, false);
      [...(e.dataTransfer?.files ?? [])].forEach((file) => this.composer.add(file));
    });
  }

  connectedCallback() {
    this.composer.write(this.memory.get("draft") ?? "");
    for (const message of this.outbox.messages.values()) this.transcript.pend(message);
    if (this.line.known) this.listen();
    void this.outbox.drain();
    addEventListener("online", () => this.connected(true));
    addEventListener("offline", () => this.connected(false));
    document.addEventListener("visibilitychange", () => this.rest());
    matchMedia(SMALL).addEventListener("change", () => this.dialog.open && this.present());
    // Over a page just reached, a full screen of chat would hide what people came for.
    if (this.memory.get("open") && !matchMedia(SMALL).matches) this.present();
  }

  /** Says everything of ours in the reader's language. */
  speak() {
    const label = (/** @type {HTMLElement} */ element, /** @type {string} */ key) => {
      element.title = this.say(key);
      element.setAttribute("aria-label", this.say(key));
    };
    this.lang = this.words;
    this.dialog.lang = this.words;
    this.heading.textContent = this.options.title || this.say("title");
    this.launcherText.textContent = this.say("launcher");
    this.tongue.textContent = this.say("switch");
    this.tongue.lang = this.words === "it" ? "en" : "it";
    label(this.fresh, "new");
    label(this.shut, "close");
    this.drop.textContent = this.say("drop");
    this.transcript.translate();
    this.composer.translate();
    this.count();
  }

  open() {
    this.present();
    this.composer.text.focus();
    this.transcript.toEnd();
  }

  /** Shows the panel where it belongs, without taking the focus on a wide screen. */
  present() {
    const focused = /** @type {HTMLElement | null} */ (this.shadowRoot?.activeElement);
    const outside = document.activeElement;
    if (this.dialog.open) this.dialog.close();
    if (matchMedia(SMALL).matches) this.dialog.showModal();
    else {
      this.dialog.show();
      // show() moves the focus into the dialog; back where it was, unless open() wants it.
      if (focused) focused.focus();
      else if (outside instanceof HTMLElement && outside !== document.body) outside.focus();
      else /** @type {HTMLElement | null} */ (this.shadowRoot?.activeElement)?.blur();
    }
    this.launcher.hidden = true;
    this.memory.put("open", true);
    this.listen();
    this.transcript.toEnd();
    this.read();
  }

  close() {
    if (!this.dialog.open) return;
    this.dialog.close();
    this.launcher.hidden = false;
    this.launcher.focus();
    this.memory.drop("open");
  }

  /** @param {string} text */
  ask(text) {
    this.open();
    if (text.trim()) this.outbox.put({ text: text.trim() });
  }

  /** Takes what the page says of its reader; a conversation under way hears of it now. @param {string} token */
  identify(token) {
    this.line.identity = token;
    if (this.line.known && this.line.open) void this.line.conversation().catch(() => {}); // no network: told when it is back
  }

  listen() {
    if (document.hidden || this.line.open) return;
    if (this.line.known && !this.transcript.last) this.settle();
    this.line.start();
  }

  /** Old messages have all come when none came for a moment; only then are new ones told. */
  settle() {
    this.transcript.restoring(true);
    clearTimeout(this.timers.settling);
    this.timers.settling = setTimeout(() => this.transcript.restoring(false), 400);
  }

  /** A hidden page gives its connection back, and takes it up where it was. */
  rest() {
    clearTimeout(this.timers.resting);
    if (document.hidden) this.timers.resting = setTimeout(() => this.line.stop(), HIDDEN);
    else if (this.line.known || this.dialog.open) {
      this.listen();
      void this.seen();
    }
  }

  /** @param {string} name @param {any} data */
  receive(name, data) {
    if (this.transcript.log.hasAttribute("aria-busy")) this.settle();
    if (name === "message") this.hear(data);
    else if (name === "typing") this.showTyping(data.author);
    else if (name === "state") this.showState(data);
  }

  /** @param {Message} message */
  hear(message) {
    if (message.client_id) this.outbox.settle(message.client_id);
    this.awaits = message.author === "user" || Boolean(message.awaits); // until an answer comes nobody knows
    if (message.author === "user") this.spoken = true;
    else this.showTyping("");
    this.transcript.show(message);
    if (message.notice) this.notice = message.seq;
    if (this.dialog.open) this.read();
    else if (message.author !== "user" && message.seq > (this.memory.get("read") ?? 0)) {
      this.unread++;
      this.count();
    }
  }

  read() {
    this.unread = 0;
    if (this.transcript.last) this.memory.put("read", this.transcript.last);
    this.count();
    void this.seen();
  }

  /** Tells the service that a notice was seen, so that it is not mailed: somebody must be able to see it. */
  async seen() {
    const seq = this.notice;
    if (!seq || document.hidden || !this.dialog.open || !this.line.known) return;
    this.notice = 0;
    try {
      await this.server.seen(this.line.known, seq);
    } catch {
      this.notice ||= seq; // it goes with the next one, or is mailed
    }
  }

  count() {
    this.badge.hidden = this.unread === 0;
    this.badge.textContent = String(this.unread);
    this.launcher.setAttribute("aria-label", this.unread ? this.say("open_unread", { n: this.unread }) : this.say("launcher"));
  }

  /** @param {string} author */
  showTyping(author) {
    clearTimeout(this.timers.typed);
    this.typing.textContent = author ? this.say(author === "operator" ? "typing_operator" : "typing_bot") : "";
    if (author) this.timers.typed = setTimeout(() => this.showTyping(""), TYPING);
  }

  /** @param {State} state */
  showState(state) {
    this.state = state;
    this.announce();
  }

  /** @param {boolean} yes */
  connected(yes) {
    this.offline = !yes;
    this.announce();
  }

  /** One line says what is out of the ordinary: the network first, then who has the floor. */
  announce() {
    let text = "";
    if (!navigator.onLine) text = this.say("offline");
    else if (this.offline) text = this.say("reconnecting");
    else if (this.state?.holder === "queue") text = this.state.position ? this.say("queue_position", { n: this.state.position }) : this.say("queue");
    else if (this.state?.holder === "operator") text = this.say("operator");
    this.banner.hidden = !text;
    if (this.banner.textContent !== text) this.banner.textContent = text;
  }

  /** Says what a button or a suggestion stands for. @param {{choice: string, label: string} | {text: string}} message */
  choose(message) {
    if ("text" in message) this.composer.write("");
    this.outbox.put(message);
    // The button is about to go. On a touch screen the keyboard would jump up over the answer.
    if (matchMedia("(pointer: coarse)").matches) this.transcript.log.focus();
    else this.composer.text.focus();
  }

  /** @param {Outgoing} message */
  edit(message) {
    this.outbox.settle(message.client_id);
    this.transcript.remove(message.client_id);
    this.composer.write([message.text, this.composer.text.value].filter(Boolean).join("\n"));
    this.composer.text.focus();
  }

  /** Saves a file of the conversation on the reader's machine. @param {Attachment} file */
  async save(file) {
    if (!this.line.known) return;
    try {
      const url = URL.createObjectURL(await this.server.download(this.line.known, file.id));
      h("a", { href: url, download: file.name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      const why = error instanceof Refused ? error.detail : "";
      this.composer.told.textContent = `${this.say("file_failed", { name: file.name })} ${why}`;
    }
  }

  /** The conversation is gone: what was not sent yet goes into the next one. */
  restart() {
    this.transcript.clear();
    this.memory.drop("read");
    this.notice = 0;
    this.spoken = this.awaits = false;
    this.state = undefined;
    this.showTyping("");
    this.announce();
    for (const message of this.outbox.messages.values()) this.transcript.pend(message);
  }

  /** The person wants a new conversation: what was not sent yet goes back to where it was written. */
  startAnew() {
    for (const message of [...this.outbox.messages.values()]) if (message.text) this.edit(message);
    this.line.forget();
    this.composer.text.focus();
  }

  /** An untouched conversation begins again in the other language; else the assistant is asked to change. */
  switchLanguage() {
    this.words = this.words === "it" ? "en" : "it";
    this.memory.put("lang", this.words);
    this.speak();
    this.announce();
    if (this.spoken || this.outbox.messages.size) this.outbox.put({ text: this.say("switch_request") });
    else this.line.forget();
  }
}
