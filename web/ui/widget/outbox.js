// @ts-check

/**
 * A message on its way. It is kept until the server has acknowledged it.
 * @typedef {{
 *   client_id: string, text?: string, choice?: string, label?: string, attachments?: Attachment[],
 *   at: number, state: "sending" | "waiting" | "failed" | "sent", detail?: string, fixable?: boolean, moved?: boolean,
 * }} Outgoing
 */

/** How often a server that answers with a defect is asked again before the person is. */
const TRIES = 4;

/** A new name for a message; randomUUID exists only on secure pages. */
function newID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends messages in order, one at a time, and loses none: not by a reload, not by a dead network. */
class Outbox {
  /** @param {Server} server @param {Memory} memory @param {Line} line @param {(message: Outgoing) => void} changed */
  constructor(server, memory, line, changed) {
    this.server = server;
    this.memory = memory;
    this.line = line;
    this.changed = changed;
    this.busy = false;
    /** @type {Map<string, Outgoing>} */
    this.messages = new Map();
    const kept = memory.keys("out.").map((key) => /** @type {Outgoing} */ (memory.get(key)));
    for (const message of kept.filter(Boolean).sort((a, b) => a.at - b.at)) this.messages.set(message.client_id, message);
  }

  /** @param {Pick<Outgoing, "text" | "choice" | "label" | "attachments">} content */
  put(content) {
    this.set({ ...content, client_id: newID(), at: Date.now(), state: "sending" });
    void this.drain();
  }

  /** @param {string} id */
  retry(id) {
    const message = this.messages.get(id);
    if (message) this.set({ ...message, state: "sending", detail: "" });
    void this.drain();
  }

  /** The server has it: our copy is no longer needed. @param {string} id */
  settle(id) {
    this.messages.delete(id);
    this.memory.drop(`out.${id}`);
  }

  /** @param {Outgoing} message */
  set(message) {
    this.messages.set(message.client_id, message);
    this.memory.put(`out.${message.client_id}`, message);
    this.changed(message);
  }

  async drain() {
    if (this.busy) return;
    this.busy = true;
    for (let message = this.next(), tries = 0; message; ) {
      const wait = await this.send(message, tries);
      const { client_id } = message;
      message = this.next();
      tries = message?.client_id === client_id ? tries + 1 : 0;
      if (wait) await pause(wait);
      message = this.next(); // it may have been settled meanwhile
    }
    this.busy = false;
  }

  next() {
    return [...this.messages.values()].find((message) => message.state !== "failed");
  }

  /** Tries once. @param {Outgoing} message @param {number} tries @returns {Promise<number>} milliseconds to wait before going on */
  async send(message, tries) {
    const { client_id, text, choice, attachments } = message;
    /** @type {Conversation | undefined} */
    let to;
    try {
      to = await this.line.conversation();
      await this.server.say(to, choice ? { client_id, choice } : { client_id, text, attachments: attachments?.map((file) => file.id) });
      this.settle(client_id);
      this.changed({ ...message, state: "sent", detail: "" });
      return 0;
    } catch (error) {
      if (!(error instanceof Refused)) {
        this.set({ ...message, state: "waiting" });
        return backoff(tries);
      }
      // Into a new conversation once, and not again: it may be the message that is not accepted, say for its files.
      if (error.gone && to && !message.moved) {
        this.set({ ...message, moved: true });
        this.line.forget(to);
        return backoff(tries);
      }
      if (error.status === 429) {
        this.set({ ...message, state: "waiting", detail: error.detail });
        return error.pause * 1000 || backoff(tries);
      }
      if (error.status >= 500 && tries < TRIES) return error.pause * 1000 || backoff(tries);
      this.set({ ...message, state: "failed", detail: error.detail, fixable: error.status < 500 && !choice });
      return 0;
    }
  }
}
