// @ts-check

/** Pauses double from half a second to half a minute; chance keeps widgets from coming back all at once. @param {number} tries */
function backoff(tries) {
  return Math.min(30_000, 500 * 2 ** tries) * (0.5 + Math.random() / 2);
}

/** Waits, but no longer than until the network is back. @param {number} milliseconds @param {AbortSignal} [signal] */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve(undefined);
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
    signal?.addEventListener("abort", done);
  });
}

/**
 * The line to one conversation: makes it when first needed, keeps its events
 * flowing, and takes a new one where the old one is gone.
 */
class Line {
  /**
   * @param {Server} server @param {Memory} memory @param {() => string} lang
   * @param {{event: (name: string, data: any) => void, connected: (yes: boolean) => void, lost: () => void}} on
   */
  constructor(server, memory, lang, on) {
    this.server = server;
    this.memory = memory;
    this.lang = lang;
    this.on = on;
    this.after = ""; // the last event seen, so that none comes twice
    this.identity = ""; // what the page says of its reader, to be told once
    this.losses = 0; // conversations lost in a row: a server that loses each is asked ever more slowly
    /** @type {AbortController | undefined} */
    this.open = undefined;
    /** @type {Promise<Conversation> | undefined} */
    this.making = undefined;
    /** @type {Promise<void> | undefined} */
    this.introducing = undefined;
    // Another tab has begun a new conversation: follow it there.
    addEventListener("storage", (e) => {
      if (e.key !== `${memory.prefix}conversation` || !e.newValue) return;
      this.after = "";
      this.on.lost();
      this.restart();
    });
  }

  /** @returns {Conversation | undefined} the conversation of the last visit or of this one */
  get known() {
    return this.memory.get("conversation");
  }

  /** @returns {Promise<Conversation>} the conversation, made now if there is none; it knows the reader if the page does */
  async conversation() {
    const conversation = await this.some();
    if (!this.identity) return conversation;
    this.introducing ??= this.introduce(conversation).finally(() => (this.introducing = undefined));
    await this.introducing;
    return this.some();
  }

  /** Tells who the reader is. A conversation of somebody else is left for a new one. @param {Conversation} conversation */
  async introduce(conversation) {
    const token = this.identity;
    try {
      await this.server.identify(conversation, token);
    } catch (error) {
      if (!(error instanceof Refused)) throw error; // no network: told later
      if (error.status === 409 && this.known?.id === conversation.id) {
        this.memory.drop("conversation");
        this.after = "";
        this.on.lost();
        await this.server.identify(await this.some(), token).catch((again) => {
          if (!(again instanceof Refused)) throw again;
        });
      }
      // Else the chat goes on without knowing: it can ask for the address itself.
    }
    if (this.identity === token) this.identity = "";
  }

  /** @returns {Promise<Conversation>} */
  async some() {
    if (this.known) return this.known;
    this.making ??= this.server.open(this.lang()).finally(() => (this.making = undefined));
    const made = await this.making;
    if (!this.known) this.memory.put("conversation", made);
    return this.known ?? made;
  }

  /** Forgets the conversation if it is still this one. @param {Conversation} [gone] */
  forget(gone) {
    if (gone && this.known?.id !== gone.id) return;
    this.memory.drop("conversation");
    this.after = "";
    if (gone) this.losses++;
    this.on.lost();
    this.restart();
  }

  restart() {
    if (!this.open) return;
    this.stop();
    this.start();
  }

  start() {
    if (this.open) return;
    this.open = new AbortController();
    void this.run(this.open.signal);
  }

  stop() {
    this.open?.abort();
    this.open = undefined;
  }

  /** @param {AbortSignal} signal */
  async run(signal) {
    if (this.losses > 1) await pause(backoff(this.losses), signal);
    for (let tries = 0; !signal.aborted; tries++) {
      let wait = 0;
      /** @type {Conversation | undefined} */
      let conversation;
      try {
        conversation = await this.conversation();
        for await (const { event, id, data } of this.server.listen(conversation, this.after, signal)) {
          if (signal.aborted) return;
          if (event === "open") {
            this.on.connected(true);
            continue;
          }
          tries = this.losses = 0;
          if (id) this.after = id;
          this.on.event(event, JSON.parse(data));
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused) {
          if (error.gone && conversation) return this.forget(conversation);
          wait = error.pause * 1000;
        }
      }
      if (signal.aborted) return;
      this.on.connected(false);
      await pause(wait || backoff(tries), signal);
    }
  }
}
