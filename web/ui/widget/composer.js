// @ts-check

/** Longest message, as the server counts: in characters. */
const LIMIT = 10000;
const WARN = 9000;

/**
 * A file being sent, or sent: then done is set.
 * @typedef {{name: string, chip: HTMLElement, stop: AbortController, done?: Attachment, failed?: boolean}} Upload
 */

/** Where people write and attach. */
class Composer {
  /**
   * @param {(key: string, values?: Record<string, any>) => string} say
   * @param {{send: (text: string, files: Attachment[]) => void, upload: (file: File, progress: (share: number) => void, signal: AbortSignal) => Promise<Attachment>, draft: (text: string) => void}} on
   */
  constructor(say, on) {
    this.say = say;
    this.on = on;
    /** @type {Upload[]} */
    this.uploads = [];
    this.step = 0; // hundreds of characters left when last told
    this.label = h("label", { className: "sr", htmlFor: "text" });
    this.text = h("textarea", { id: "text", rows: 1, autocomplete: "off" });
    this.text.setAttribute("aria-describedby", "hint keys left");
    this.left = h("span", { id: "left", className: "left" });
    this.hint = h("p", { id: "hint", className: "hint" });
    this.keys = h("p", { id: "keys", className: "sr" });
    this.told = h("p", { className: "sr", role: "status" });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, tabIndex: -1 });
    this.attach = h("button", { type: "button", className: "icon", onclick: () => this.picker.click() }, icon("clip"));
    this.submit = h("button", { type: "submit", className: "icon send" }, icon("send"));
    this.chips = h("ul", { className: "chips" });
    this.form = h("form", { className: "composer" }, this.chips, this.left, h("div", { className: "row" }, this.attach, this.picker, this.label, this.text, this.submit), this.hint, this.keys, this.told);
    this.listen();
    this.translate();
  }

  translate() {
    this.label.textContent = this.say("input");
    this.text.placeholder = this.say("placeholder");
    this.hint.textContent = this.say("hint");
    this.keys.textContent = this.say("keys");
    for (const [button, key] of /** @type {[HTMLElement, string][]} */ ([[this.attach, "attach"], [this.submit, "send"]])) {
      button.title = this.say(key);
      button.setAttribute("aria-label", this.say(key));
    }
    this.picker.setAttribute("aria-label", this.say("attach"));
  }

  listen() {
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.send();
    });
    // Not keydown: the keyboards of telephones do not name their keys there.
    let shift = false;
    this.text.addEventListener("keydown", (e) => (shift = e.shiftKey));
    this.text.addEventListener("beforeinput", (e) => {
      if (shift || !["insertLineBreak", "insertParagraph"].includes(e.inputType)) return;
      e.preventDefault();
      this.send();
    });
    this.text.addEventListener("input", () => this.weigh());
    this.text.addEventListener("paste", (e) => {
      const files = [...(e.clipboardData?.files ?? [])];
      if (!files.length) return;
      e.preventDefault();
      files.forEach((file) => this.add(file));
    });
    this.picker.addEventListener("change", () => {
      [...(this.picker.files ?? [])].forEach((file) => this.add(file));
      this.picker.value = "";
    });
  }

  /** @param {string} text */
  write(text) {
    this.text.value = text;
    this.weigh();
  }

  /** Shows how much room is left, once it matters. */
  weigh() {
    this.on.draft(this.text.value);
    const length = [...this.text.value].length;
    const over = length > LIMIT;
    this.left.textContent = over ? this.say("over", { n: length - LIMIT }) : length >= WARN ? this.say("left", { n: LIMIT - length }) : "";
    this.left.classList.toggle("over", over);
    this.text.setAttribute("aria-invalid", String(over));
    // Told to listeners in steps, not at every key.
    if (over || length >= WARN) {
      const step = Math.ceil((LIMIT - length) / 100);
      if (step !== this.step) this.told.textContent = this.left.textContent;
      this.step = step;
    }
  }

  send() {
    const text = this.text.value.trim();
    if (this.uploads.some((upload) => !upload.done && !upload.failed)) {
      this.told.textContent = "";
      this.told.textContent = this.left.textContent = this.say("attach_wait");
      return;
    }
    const files = this.uploads.flatMap((upload) => upload.done ?? []);
    if ((!text && !files.length) || [...text].length > LIMIT) {
      this.text.focus();
      return;
    }
    this.on.send(text, files);
    this.uploads = [];
    this.chips.replaceChildren();
    this.write("");
  }

  /** @param {File} file */
  async add(file) {
    const { name } = file;
    const bar = h("progress", { max: 1, value: 0, "aria-label": name });
    const note = h("span", { textContent: name });
    /** @type {Upload} */
    const upload = { name, chip: h("li", {}, note, bar), stop: new AbortController() };
    const remove = h("button", { type: "button", onclick: () => this.remove(upload) }, icon("close"));
    remove.setAttribute("aria-label", this.say("attach_remove", { name }));
    upload.chip.append(remove);
    this.uploads.push(upload);
    this.chips.append(upload.chip);
    this.chips.scrollTop = this.chips.scrollHeight;
    try {
      upload.done = await this.on.upload(file, (share) => (bar.value = share), upload.stop.signal);
      this.told.textContent = this.say("attach_done", { name });
      this.weigh();
    } catch (error) {
      if (upload.stop.signal.aborted) return;
      upload.failed = true;
      upload.chip.classList.add("failed");
      const detail = error instanceof Refused ? error.detail : "";
      note.textContent = this.told.textContent = `${this.say("attach_failed", { name })} ${detail}`;
      this.chips.scrollTop += upload.chip.getBoundingClientRect().top - this.chips.getBoundingClientRect().top;
    }
    bar.remove();
  }

  /** @param {Upload} upload */
  remove(upload) {
    upload.stop.abort();
    upload.chip.remove();
    this.uploads = this.uploads.filter((other) => other !== upload);
    this.weigh();
    this.text.focus();
  }
}
