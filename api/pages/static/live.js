// Regions that follow the server. `<main data-refresh="SECONDS">` asks for the page again now and then and takes over
// the `[data-live]` regions whose digest has changed; with `data-events` a job's event stream says when to ask.
import { follow } from "./events.js";
import { localize } from "./times.js";

const SOON_MS = 700;
const SAID_MS = 6000;

let asking = false;
let due = null;
let rounds = null;

export function begin() {
  const main = document.querySelector("main[data-refresh]");
  if (!main) return;
  const seconds = Number(main.dataset.refresh);
  rounds = setInterval(() => document.hidden || refresh(), seconds * 1000);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  if (main.dataset.events) follow(main, soon);
}

// Tells everybody that something is done, also those who listen to the page.
export function say(text) {
  const said = document.querySelector("#said");
  said.textContent = text;
  setTimeout(() => said.textContent === text && said.replaceChildren(), SAID_MS);
}

// Refresh shortly; many calls in a row make one.
function soon() {
  due ??= setTimeout(() => {
    due = null;
    refresh();
  }, SOON_MS);
}

// Takes over what has changed. With `force` also the regions in which somebody is writing.
export async function refresh(force = false) {
  if (asking && !force) return;
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname === "/login") location.assign(answer.url);
    if (answer.ok) takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"), force);
  } catch {
    // The next round tries again.
  } finally {
    asking = false;
  }
}

function takeOver(fresh, force) {
  if (!fresh.querySelector("main[data-refresh]")) clearInterval(rounds);
  for (const region of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(region.id);
    if (!next || next.dataset.live === region.dataset.live || (!force && inUse(region))) continue;
    const open = [...region.querySelectorAll("details[open][id]")].map((one) => one.id);
    const scrolled = region.scrollTop;
    const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
    localize(next);
    region.replaceWith(next);
    open.forEach((id) => next.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", ""));
    next.scrollTop = scrolled;
    if (focused) document.getElementById(focused)?.focus();
  }
}

// Nobody likes it when a text or a film they are busy with is taken away.
function inUse(region) {
  const writing = region.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
  const fields = [...region.querySelectorAll("textarea, input")];
  const changed = fields.some((one) => one.value !== one.defaultValue || one.checked !== one.defaultChecked);
  return writing || changed || [...region.querySelectorAll("video, audio")].some((one) => !one.paused);
}
