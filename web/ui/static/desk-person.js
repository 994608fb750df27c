// @ts-check

/** @typedef {{id: string, name: string, email: string, office: string}} Person */

const PAUSE = 150; // milliseconds without a key before we ask

/**
 * Looks for people while a name is typed, as the ARIA practices describe an
 * editable combobox with list autocomplete.
 * @param {HTMLInputElement} box
 * @param {{url: string, label: string, none: string, some: string}} say
 * @param {(person: Person) => void} choose
 */
export function findPeople(box, say, choose) {
  const list = document.createElement("div");
  list.className = "found";
  list.id = `${box.id}-found`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", say.label);
  const told = document.createElement("div");
  told.className = "visually-hidden";
  told.setAttribute("role", "status");
  box.after(list, told);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", list.id);
  /** @type {Person[]} */
  let people = [];
  let active = -1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {AbortController | undefined} */
  let request;

  const close = () => {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    active = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  /** @param {number} i */
  const activate = (i) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = i;
    const option = list.children[i];
    if (!option) return box.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  };
  /** @param {number} i */
  const take = (i) => {
    const person = people[i];
    close();
    if (person) choose(person);
  };
  const ask = async () => {
    const mine = (request = new AbortController());
    try {
      const answer = await fetch(`${say.url}?${new URLSearchParams({ q: box.value })}`, { signal: mine.signal });
      if (!answer.ok || mine.signal.aborted) return;
      people = await answer.json();
    } catch {
      return; // the name can be typed in full
    }
    if (mine.signal.aborted) return;
    list.replaceChildren(...people.map((person, i) => {
      const option = document.createElement("div");
      option.id = `${list.id}-${i}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const name = document.createElement("strong");
      name.textContent = person.name;
      const rest = document.createElement("span");
      rest.className = "under";
      rest.textContent = [person.email, person.office].filter(Boolean).join(", ");
      option.append(name, rest);
      return option;
    }));
    active = -1;
    list.hidden = !people.length;
    box.setAttribute("aria-expanded", String(people.length > 0));
    told.textContent = people.length ? say.some.replace("{n}", String(people.length)) : say.none;
    if (people.length) activate(0); // Enter takes the likeliest
  };
  box.addEventListener("input", () => {
    close();
    if (box.value.trim().length >= 2) timer = setTimeout(ask, PAUSE);
  });
  box.addEventListener("blur", close);
  list.addEventListener("mousedown", (e) => e.preventDefault()); // the focus stays in the box
  list.addEventListener("click", (e) => {
    const option = e.target instanceof Element && e.target.closest("[role=option]");
    if (option) take([...list.children].indexOf(option));
  });
  box.addEventListener("keydown", (e) => {
    if (e.isComposing || list.hidden) return;
    if (e.key === "ArrowDown") activate((active + 1) % people.length);
    else if (e.key === "ArrowUp") activate((active + people.length - 1) % people.length);
    else if (e.key === "Escape") close();
    else if (e.key === "Enter" && active >= 0) take(active);
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
}
