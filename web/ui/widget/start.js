// @ts-check

/**
 * Reads what the page wants from its script element, and puts the chat on the page:
 * data-lang "it" or "en" (else the page's own), data-title, data-theme "light" or
 * "dark" (else the reader's), data-open "true", data-identity a token that says who the
 * reader is. Links to #chat and elements with
 * data-sportello-open open it; the value of the latter, if any, is asked at once.
 * An address that ends in #continua=CODE goes on with the conversation whose code it is.
 */
function start(/** @type {HTMLScriptElement} */ script) {
  const { lang, theme, title, open, identity } = script.dataset;
  const wanted = (lang || document.documentElement.lang || navigator.language).slice(0, 2).toLowerCase();
  customElements.define("sportello-chat", SportelloChat);
  const chat = new SportelloChat({ base: new URL(script.src).origin, lang: PHRASES[wanted] ? wanted : "en", title });
  if (theme) chat.dataset.theme = theme;
  if (identity) chat.identify(identity);
  document.body.append(chat);

  /** What pages may call. */
  Object.assign(window, {
    Sportello: Object.freeze({
      open: () => chat.open(),
      close: () => chat.close(),
      identify: (/** @type {string} */ token) => chat.identify(String(token)),
      ask: (/** @type {string} */ text) => chat.ask(String(text)),
    }),
  });

  document.addEventListener("click", (e) => {
    const opener = e.target instanceof Element && e.target.closest("[data-sportello-open], a[href='#chat']");
    if (!opener) return;
    e.preventDefault();
    const question = opener.getAttribute("data-sportello-open");
    if (question) chat.ask(question);
    else chat.open();
  });
  const byHash = () => {
    const code = /^#continua=([a-z0-9]{4}-?[a-z0-9]{4})$/i.exec(location.hash)?.[1];
    if (code) {
      history.replaceState(history.state, "", location.pathname + location.search); // it counts once, and is nobody else's
      chat.ask(`continua ${code}`);
    } else if (location.hash === "#chat") chat.open();
  };
  addEventListener("hashchange", byHash);
  if (open === "true") chat.open();
  byHash();
}

// The element makes itself with arguments, so a second script on the page is a mistake we forgive.
if (document.currentScript instanceof HTMLScriptElement && !customElements.get("sportello-chat")) {
  const script = document.currentScript;
  if (document.body) start(script);
  else document.addEventListener("DOMContentLoaded", () => start(script));
}
