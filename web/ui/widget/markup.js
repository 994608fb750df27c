// @ts-check

/**
 * Makes an element: properties that exist are set, the rest become attributes.
 * Never a style attribute, which a strict policy of the page would refuse.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, any>} [props] @param {...(Node | string | undefined | false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (name in element) /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child !== undefined && child !== false)));
  return element;
}

/** Drawings of 24 by 24, one path each. @type {Record<string, string>} */
const DRAWINGS = {
  chat: "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Zm3 5v1.6h10V9Zm0 3.4V14h7v-1.6Z",
  close: "m6.2 5 5.8 5.8L17.8 5 19 6.2 13.2 12 19 17.8 17.8 19 12 13.2 6.2 19 5 17.8 10.8 12 5 6.2Z",
  fresh: "M11 5h1.8v6.2H19V13h-6.2v6H11v-6H5v-1.8h6Z",
  clip: "M17 7v9.5a5 5 0 0 1-10 0V6a3.5 3.5 0 0 1 7 0v9.5a2 2 0 0 1-4 0V7h1.5v8.5a.5.5 0 0 0 1 0V6a2 2 0 0 0-4 0v10.5a3.5 3.5 0 0 0 7 0V7Z",
  send: "M3 4.2 21.5 12 3 19.8l2.2-6.6L14 12l-8.8-1.2Z",
  down: "m12 17-7-7 1.3-1.3 5.7 5.7 5.7-5.7L19 10Z",
};

/** @param {string} name */
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", DRAWINGS[name]);
  svg.append(path);
  return svg;
}

/** A page may allow markup from named policies only. */
const policy = /** @type {any} */ (window).trustedTypes?.createPolicy("sportello", { createHTML: (/** @type {string} */ html) => html });

/** What the server has sanitised, with its addresses made absolute. @param {string} html @param {string} base */
function fragment(html, base) {
  const template = document.createElement("template");
  template.innerHTML = policy?.createHTML(html) ?? html;
  for (const link of template.content.querySelectorAll("a[href]")) pointTo(/** @type {HTMLAnchorElement} */ (link), link.getAttribute("href") ?? "", base);
  for (const image of template.content.querySelectorAll("img[src]")) image.setAttribute("src", new URL(image.getAttribute("src") ?? "", base).href);
  return template.content;
}

/**
 * Points a link at an address of ours or of another site; the latter opens in
 * its own tab, so that the conversation stays where it is.
 * @param {HTMLAnchorElement} link @param {string} url @param {string} base
 */
function pointTo(link, url, base) {
  const target = URL.canParse(url, base) ? new URL(url, base) : undefined;
  if (!target || !["http:", "https:", "mailto:", "tel:"].includes(target.protocol)) {
    link.removeAttribute("href");
    return link;
  }
  link.href = target.href;
  if (target.protocol.startsWith("http") && target.origin !== location.origin) {
    link.target = "_blank";
    link.rel = "noopener";
  }
  return link;
}
