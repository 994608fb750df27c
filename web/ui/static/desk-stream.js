// @ts-check

/**
 * Listens to a stream while the page is looked at: a browser has few
 * connections to one server, and an operator many tabs. Whoever comes back is
 * told to look, for things may have happened meanwhile.
 * @param {() => string} url
 * @param {Record<string, (data: any) => void>} events
 * @param {() => void} back called when the stream is there again
 * @param {(lost: boolean) => void} lost
 */
export function listen(url, events, back, lost) {
  /** @type {EventSource | null} */
  let source = null;
  let before = false;
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(url());
    for (const [name, handle] of Object.entries(events)) source.addEventListener(name, (e) => handle(JSON.parse(e.data)));
    source.addEventListener("open", () => {
      lost(false);
      if (before) back();
      before = true;
    });
    source.addEventListener("error", () => {
      lost(true);
      if (source?.readyState === EventSource.CLOSED) { // the server refused: not at once again
        source = null;
        setTimeout(open, 10_000);
      }
    });
  };
  const close = () => {
    source?.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

/** Fetches a page of ours as a document. @param {string} url */
export async function page(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(`answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
