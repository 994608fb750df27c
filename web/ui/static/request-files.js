// @ts-check

/** @typedef {{id: string, name: string, size: string, url: string, image: boolean}} Attached */

/**
 * Uploads files as soon as they are chosen, dropped or pasted, one after the
 * other, and keeps the list of those the form has.
 */
export class Files {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.picker = /** @type {HTMLInputElement | null} */ (form.querySelector("input#files"));
    this.list = document.getElementById("attached");
    this.told = document.getElementById("files-told");
    this.busy = 0;
    /** Settled once nothing is under way. */
    this.done = Promise.resolve();
    const box = document.getElementById("drop");
    if (!this.picker || !this.list || !box) return;
    const help = /** @type {HTMLElement | null} */ (box.querySelector(".drop-help"));
    if (help) help.hidden = false;
    this.picker.addEventListener("change", () => {
      this.take([...(this.picker?.files ?? [])]);
      if (this.picker) this.picker.value = ""; // they are on their way, and shall not be sent twice
    });
    box.addEventListener("dragover", (e) => {
      e.preventDefault();
      box.classList.add("over");
    });
    box.addEventListener("dragleave", () => box.classList.remove("over"));
    box.addEventListener("drop", (e) => {
      e.preventDefault();
      box.classList.remove("over");
      this.take([...(e.dataTransfer?.files ?? [])]);
    });
    form.addEventListener("paste", (e) => {
      const pasted = [...(e.clipboardData?.files ?? [])];
      if (pasted.length === 0) return;
      e.preventDefault();
      this.take(pasted.map(named));
    });
    this.list.addEventListener("click", (e) => {
      const button = e.target instanceof Element ? e.target.closest("button") : null;
      if (!button?.value.startsWith("detach:")) return;
      e.preventDefault();
      this.remove(button);
    });
  }

  /** @param {File[]} files */
  take(files) {
    for (const file of files) {
      this.busy++;
      const line = this.line(file.name);
      this.done = this.done.then(() => this.upload(file, line)).finally(() => { this.busy--; });
    }
  }

  /** @param {string} name a file that is on its way */
  line(name) {
    const item = document.createElement("li");
    const text = (this.form.dataset.sayUploading ?? "").replace("{name}", name);
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    bar.setAttribute("aria-label", text);
    const cancel = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-outline-primary btn-xs", textContent: this.form.dataset.sayCancel ?? "" });
    cancel.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` ${name}` }));
    item.append(Object.assign(document.createElement("span"), { textContent: name }), bar, cancel);
    this.list?.append(item);
    return { item, bar, cancel };
  }

  /** @param {File} file @param {{item: HTMLElement, bar: HTMLProgressElement, cancel: HTMLButtonElement}} line */
  upload(file, line) {
    return /** @type {Promise<void>} */ (new Promise((settled) => {
      if (!line.item.isConnected) return settled(); // cancelled while it waited
      const request = new XMLHttpRequest(); // fetch tells no progress
      const body = new FormData();
      body.set("key", /** @type {HTMLInputElement} */ (this.form.querySelector("input[name=key]")).value);
      body.set("do", "attach");
      body.set("files", file, file.name);
      request.open("POST", this.form.action);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.addEventListener("progress", (e) => { if (e.lengthComputable) line.bar.value = e.loaded / e.total; });
      line.cancel.addEventListener("click", () => request.abort());
      request.addEventListener("loadend", () => {
        line.item.remove();
        if (request.status === 200) {
          this.show(request.response.files);
          this.say((this.form.dataset.sayUploaded ?? "").replace("{name}", file.name));
        } else if (request.status !== 0 || navigator.onLine === false || !line.item.dataset.cancelled) {
          this.refused(request.response?.error ?? (this.form.dataset.sayFailed ?? "").replace("{name}", file.name), file.name);
        }
        settled();
      });
      line.cancel.addEventListener("click", () => {
        line.item.dataset.cancelled = "yes";
        line.item.remove();
        this.picker?.focus();
      });
      request.send(body);
    }));
  }

  /** @param {string} text @param {string} name */
  refused(text, name) {
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("p"), { className: "error", textContent: text.includes(name) ? text : `${name}: ${text}` }));
    this.list?.append(item);
    this.say(item.textContent ?? "");
  }

  /** @param {HTMLButtonElement} button */
  async remove(button) {
    const item = button.closest("li");
    const name = item?.querySelector("a")?.textContent ?? "";
    const body = new URLSearchParams({ key: /** @type {HTMLInputElement} */ (this.form.querySelector("input[name=key]")).value, do: button.value });
    button.disabled = true;
    try {
      const answered = await fetch(this.form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const answer = await answered.json();
      if (answered.ok) this.show(answer.files);
      else if (answered.status === 404) item?.remove();
      else throw new Error(answer.error);
      this.say((this.form.dataset.sayRemoved ?? "").replace("{name}", name));
      this.picker?.focus();
    } catch {
      button.disabled = false;
    }
  }

  /** @param {Attached[]} files all that the form has */
  show(files) {
    const waiting = [...(this.list?.querySelectorAll("li:not([data-id]):has(progress)") ?? [])];
    this.list?.replaceChildren(...files.map((f) => this.attached(f)), ...waiting);
  }

  /** @param {Attached} file */
  attached(file) {
    const item = document.createElement("li");
    item.dataset.id = file.id;
    if (file.image) item.append(Object.assign(document.createElement("img"), { src: file.url, alt: "" })); // its name stands beside
    const remove = Object.assign(document.createElement("button"), { className: "btn btn-outline-primary btn-xs", name: "do", value: `detach:${file.id}`, textContent: this.form.dataset.sayRemove ?? "" });
    remove.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` ${file.name}` }));
    item.append(
      Object.assign(document.createElement("a"), { href: file.url, textContent: file.name }),
      Object.assign(document.createElement("span"), { className: "meta", textContent: file.size }),
      remove,
    );
    return item;
  }

  /** @param {string} text */
  say(text) {
    if (this.told) this.told.textContent = text;
  }
}

/** @param {File} file a screenshot from the clipboard, all of which have one name */
function named(file) {
  if (file.name !== "image.png") return file;
  const now = new Date();
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return new File([file], `schermata-${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}.png`, { type: file.type });
}
