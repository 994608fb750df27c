// @ts-check
import { Suggestions } from "./suggest.js";

// Search forms name where suggestions come from, and what is said about them.
for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-suggest]"))) {
  const box = form.querySelector("input");
  if (!box) continue;
  const suggestions = new Suggestions(box, {
    url: form.dataset.suggest ?? "",
    lang: () => document.documentElement.lang,
    limit: 6,
    say: (key, values = {}) => (form.dataset[key] ?? "").replace("{n}", values.n),
  });
  box.after(suggestions.list, suggestions.told);
}
