// @ts-check

/** @typedef {{id: string, token: string, lang: string}} Conversation */
/** @typedef {{id: string, name: string, type?: string, size?: number}} Attachment */
/** @typedef {{event: string, id: string, data: string}} ServerEvent */

/** An answer of the server that is not a success. */
class Refused extends Error {
  /** @param {number} status @param {string} detail what people may read @param {number} pause seconds to wait, 0 if not told */
  constructor(status, detail, pause) {
    super(`${status} ${detail}`);
    this.status = status;
    this.detail = detail;
    this.pause = pause;
  }

  /** The conversation is no longer ours: its token or itself is gone. */
  get gone() {
    return [401, 403, 404, 410].includes(this.status);
  }
}

/** Speaks the conversation API of one address. Everything may throw Refused, or TypeError without a network. */
class Server {
  /** @param {string} base the origin of the service */
  constructor(base) {
    this.base = base;
  }

  /** @param {string} lang @returns {Promise<Conversation>} */
  async open(lang) {
    const { id, token } = await (await this.post("", undefined, { lang })).json();
    return { id, token, lang };
  }

  /**
   * Sends a message; the same client_id again does nothing twice.
   * @param {Conversation} to
   * @param {{client_id: string, text?: string, choice?: string, attachments?: string[]}} message
   */
  async say(to, message) {
    await this.post(`/${to.id}/messages`, to.token, message);
  }

  /** Says that the person saw a conversation up to a message. @param {Conversation} of @param {number} seq */
  async seen(of, seq) {
    await this.post(`/${of.id}/seen`, of.token, { seq });
  }

  /**
   * Says who is talking, by a token that the page has signed.
   * @param {Conversation} to @param {string} token
   */
  async identify(to, token) {
    await this.post(`/${to.id}/identity`, to.token, { token });
  }

  /**
   * Uploads a file. XMLHttpRequest, because fetch does not tell the progress.
   * @param {Conversation} to @param {File} file @param {(share: number) => void} progress @param {AbortSignal} signal
   * @returns {Promise<Attachment>}
   */
  upload(to, file, progress, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.url(`/${to.id}/attachments`));
      request.setRequestHeader("Authorization", `Bearer ${to.token}`);
      request.responseType = "json";
      request.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
      request.onload = () => {
        if (request.status === 201) resolve(request.response);
        else reject(new Refused(request.status, request.response?.detail ?? "", 0));
      };
      request.onerror = () => reject(new TypeError("network"));
      request.onabort = () => reject(new DOMException("removed", "AbortError"));
      signal.addEventListener("abort", () => request.abort());
      const form = new FormData();
      form.append("file", file);
      request.send(form);
    });
  }

  /**
   * Fetches a file of the conversation: a link could not carry the key.
   * @param {Conversation} of @param {string} file
   */
  async download(of, file) {
    return (await this.fetch(`/${of.id}/attachments/${encodeURIComponent(file)}`, { headers: { Authorization: `Bearer ${of.token}` }, cache: "no-store" })).blob();
  }

  /**
   * Yields the events after the one named, as they come; the first, "open",
   * says that the server listens. Ends when the server hangs up or is silent too long.
   * @param {Conversation} to @param {string} after @param {AbortSignal} signal
   * @returns {AsyncGenerator<ServerEvent>}
   */
  async *listen(to, after, signal) {
    const headers = new Headers({ Accept: "text/event-stream", Authorization: `Bearer ${to.token}` });
    if (after) headers.set("Last-Event-ID", after);
    const answer = await this.fetch(`/${to.id}/events`, { headers, signal, cache: "no-store" });
    if (!answer.body) return;
    yield { event: "open", id: "", data: "" };
    yield* readEvents(answer.body);
  }

  /** @param {string} path @param {string | undefined} token @param {object} body */
  post(path, token, body) {
    const headers = new Headers({ "Content-Type": "application/json", Accept: "application/json" });
    if (token) headers.set("Authorization", `Bearer ${token}`);
    return this.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** @param {string} path @param {RequestInit} init */
  async fetch(path, init) {
    const answer = await fetch(this.url(path), init);
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, problem.detail ?? "", Number(answer.headers.get("Retry-After")) || 0);
  }

  /** @param {string} path */
  url(path) {
    return `${this.base}/api/v1/conversations${path}`;
  }
}

/** Longest silence of a server that is alive: it sends comments meanwhile. */
const SILENCE = 90_000;

/**
 * Reads server-sent events by hand, because EventSource cannot carry a bearer.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<ServerEvent>}
 */
async function* readEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let event = { event: "message", id: "", data: "" };
  try {
    for (;;) {
      const silence = setTimeout(() => void reader.cancel().catch(() => {}), SILENCE);
      const { value, done } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      // A carriage return that ends the chunk may be half of a line break.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") {
          if (event.data) yield { ...event, data: event.data.slice(0, -1) };
          event = { event: "message", id: "", data: "" };
          continue;
        }
        const [, field, text] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (field === "data") event.data += `${text}\n`;
        else if (field === "event" || field === "id") event[field] = text;
      }
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}
