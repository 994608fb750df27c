// @ts-check

/**
 * What the widget remembers from one page to the next: in localStorage, in
 * sessionStorage where the browser allows only that, else until the page goes.
 * No cookie. A value that does not fit is kept until the page goes.
 */
class Memory {
  /** @param {string} prefix tells our keys from those of the page around us */
  constructor(prefix) {
    this.prefix = prefix;
    /** @type {Map<string, string>} */
    this.brief = new Map();
    this.store = Memory.usable(() => localStorage) ?? Memory.usable(() => sessionStorage);
  }

  /** @param {() => Storage} open @returns {Storage | undefined} */
  static usable(open) {
    try {
      const store = open();
      store.setItem("sportello.probe", "1");
      store.removeItem("sportello.probe");
      return store;
    } catch {
      return undefined; // blocked by the browser's settings
    }
  }

  /** @param {string} key @returns {any} what was put, or undefined */
  get(key) {
    const text = this.brief.get(key) ?? this.store?.getItem(this.prefix + key);
    try {
      return text ? JSON.parse(text) : undefined;
    } catch {
      return undefined; // somebody else wrote there
    }
  }

  /** @param {string} key @param {unknown} value */
  put(key, value) {
    const text = JSON.stringify(value);
    try {
      if (!this.store) throw new Error("no storage");
      this.store.setItem(this.prefix + key, text);
      this.brief.delete(key);
    } catch {
      this.brief.set(key, text);
    }
  }

  /** @param {string} key */
  drop(key) {
    this.brief.delete(key);
    this.store?.removeItem(this.prefix + key);
  }

  /** @param {string} start @returns {string[]} the keys that begin so */
  keys(start) {
    const stored = this.store ? Object.keys(this.store) : [];
    const ours = stored.filter((key) => key.startsWith(this.prefix)).map((key) => key.slice(this.prefix.length));
    return [...new Set([...ours, ...this.brief.keys()])].filter((key) => key.startsWith(start));
  }
}
