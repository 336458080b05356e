// A job's event stream: lines for the list of events, and a call for each event. The stream is given up while the tab
// is hidden, and taken up again after the last event that was seen.
import { localize } from "./times.js";

const TYPES = [
  "job.queued", "job.started", "job.waiting", "job.resumed", "job.succeeded", "job.failed", "job.cancelled", "job.cancel_requested",
  "job.replayed", "step.started", "step.progress", "step.done", "step.failed", "step.retrying", "step.snoozed", "step.waiting",
  "step.resumed", "step.cancelled", "step.dead", "child.finished",
];
const FINAL = new Set(["job.succeeded", "job.failed", "job.cancelled"]);

export function follow(main, onEvent) {
  let after = Number(main.dataset.after);
  let over = false;
  let source = null;
  const close = () => {
    source?.close();
    source = null;
  };
  const heard = (event) => {
    after = Number(event.lastEventId);
    append(JSON.parse(event.data));
    onEvent();
    if (FINAL.has(event.type)) {
      over = true;
      close();
    }
  };
  const open = () => {
    if (source || over) return;
    source = new EventSource(`${main.dataset.events}?after=${after}`);
    TYPES.forEach((type) => source.addEventListener(type, heard));
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  open();
}

function append(event) {
  const list = document.querySelector("#event-list");
  if (!list) return;
  const line = document.createElement("li");
  line.className = "line";
  const time = document.createElement("time");
  time.dateTime = event.at;
  time.dataset.when = "";
  line.append(span(event.type, "line-step"), span([event.step, event.data.message ?? event.data.reason].filter(Boolean).join(" ")), time);
  list.append(line);
  localize(line);
}

function span(text, style = "") {
  const made = document.createElement("span");
  made.textContent = text;
  made.className = style;
  return made;
}
