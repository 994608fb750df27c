// @ts-check

/**
 * Shows what the server makes of the form: hints at their inputs, a proposed
 * subject, what was masked, articles that may solve the problem, a ticket that
 * looks the same. What is there already is left alone, so that nobody hears it
 * twice.
 * @param {HTMLFormElement} form @param {import("./request-draft.js").Answer} answer
 */
export function advise(form, answer) {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(".hints"))) {
    const input = box.id.replace(/-hints$/, "");
    const hints = answer.hints.filter((h) => h.input === input).map((h) => paragraph(h.text));
    if (input === "f-subject" && answer.subject) hints.push(proposal(form, answer.subject));
    fill(box, hints);
  }
  const told = document.getElementById("told");
  if (told && answer.masked.length > 0) fill(told, answer.masked.map(paragraph));
  showArticles(form, answer.articles);
  const similar = document.getElementById("similar");
  if (similar) {
    similar.hidden = !answer.similar;
    if (answer.similar) {
      const link = Object.assign(document.createElement("a"), { href: answer.similar.url, textContent: (form.dataset.saySimilar ?? "").replace("{n}", answer.similar.number) });
      fill(similar, [paragraph(answer.similar.text), link]);
    }
  }
}

/** @param {HTMLFormElement} form @param {import("./request-draft.js").Answer["articles"]} articles */
function showArticles(form, articles) {
  const box = document.getElementById("beside");
  const list = box?.querySelector("ul");
  const told = document.getElementById("beside-told");
  if (!box || !list || !told) return;
  box.hidden = articles.length === 0;
  const changed = fill(list, articles.map((a) => {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: a.url, target: "_blank", textContent: a.title });
    link.lang = a.lang;
    link.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` (${form.dataset.sayTab})` }));
    const snippet = paragraph(a.snippet);
    snippet.lang = a.lang;
    const solves = Object.assign(document.createElement("button"), { className: "btn btn-outline-primary btn-sm", name: "do", value: `solved:${a.id}`, textContent: form.dataset.saySolved ?? "" });
    solves.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: `: ${a.title}` }));
    item.append(link, snippet, solves);
    return item;
  }));
  if (changed) told.textContent = articles.length > 0 ? (form.dataset.sayArticles ?? "").replace("{n}", String(articles.length)) : "";
  const seen = /** @type {HTMLInputElement | null} */ (form.querySelector("input[name=seen]"));
  if (seen) seen.value = [...new Set([...seen.value.split(" ").filter(Boolean), ...articles.map((a) => `article:${a.id}`)])].slice(-30).join(" ");
}

/** @param {HTMLFormElement} form @param {string} subject */
function proposal(form, subject) {
  const use = Object.assign(document.createElement("button"), { type: "button", textContent: (form.dataset.sayUse ?? "").replace("{subject}", subject) });
  use.addEventListener("click", () => {
    const box = /** @type {HTMLInputElement | null} */ (form.querySelector("#f-subject"));
    if (!box) return;
    box.value = subject;
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
    use.remove();
  });
  return use;
}

/** @param {string} text */
function paragraph(text) {
  return Object.assign(document.createElement("p"), { textContent: text }); // text, never markup
}

/** @param {Element} box @param {Element[]} things @returns {boolean} whether they are other ones than before */
function fill(box, things) {
  if (box.textContent === things.map((t) => t.textContent).join("")) return false;
  box.replaceChildren(...things);
  return true;
}
