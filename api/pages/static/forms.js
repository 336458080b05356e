// Forms that call the API: data-send="METHOD path", data-then="reload", "refresh" or an address with {names} of the
// answer, data-confirm, data-said. Faults are shown at the control that their JSON pointer names.
import { call, Refused } from "./call.js";
import { confirmed } from "./confirm.js";
import { place, valueOf } from "./pointers.js";
import { refresh, say } from "./live.js";

export function begin() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-send]")) return;
    event.preventDefault();
    submit(event.target, event.submitter);
  });
  document.addEventListener("click", (event) => {
    if (event.target.matches("[data-add]")) addRow(event.target.closest("[data-list]"));
    if (event.target.matches("[data-remove]")) event.target.closest(".list-row").remove();
  });
}

function addRow(list) {
  list.querySelector(".list-rows").append(list.querySelector("template").content.cloneNode(true));
  list.querySelector(".list-row:last-child input").focus();
}

async function submit(form, submitter) {
  if (form.dataset.confirm && !(await confirmed(form.dataset.confirm, submitter?.textContent))) return;
  const [method, path] = form.dataset.send.split(" ");
  const { body, places } = content(form, submitter, method);
  clear(form);
  submitter?.setAttribute("aria-busy", "true");
  submitter && (submitter.disabled = true);
  try {
    await then(form, await call(method, path, body));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(form, error.problem, places);
  } finally {
    submitter?.removeAttribute("aria-busy");
    submitter && (submitter.disabled = false);
  }
}

// The body, and which control each pointer of it came from.
function content(form, submitter, method) {
  if (form.enctype === "multipart/form-data") return { body: filled(new FormData(form)), places: new Map() };
  const body = {};
  const places = new Map();
  for (const control of [...form.elements].filter((one) => one.name && (one.type !== "submit" || one === submitter))) {
    const value = valueOf(control);
    if (value === undefined) continue;
    const index = place(body, control.name, value);
    places.set(index === null ? control.name : control.name.replace(/-$/, String(index)), control);
  }
  return { body: method === "DELETE" ? undefined : body, places };
}

// A form without the text fields that were left blank.
function filled(data) {
  for (const [name, value] of [...data]) if (value === "") data.delete(name);
  return data;
}

async function then(form, answer) {
  const next = form.dataset.then ?? "refresh";
  if (form.dataset.said) say(form.dataset.said);
  if (next === "refresh") {
    settle(form);
    await refresh(true);
  } else if (next === "reload") location.reload();
  else location.assign(next.replace(/\{(\w+)\}/g, (_, name) => answer[name]));
}

// What was sent is no longer a change that live.js has to spare.
function settle(form) {
  for (const control of form.elements) {
    control.defaultValue = control.value;
    control.defaultChecked = control.checked;
  }
}

function clear(form) {
  form.querySelectorAll(".invalid").forEach((line) => (line.hidden = true));
  form.querySelectorAll(".is-invalid").forEach((field) => field.classList.remove("is-invalid"));
  form.querySelectorAll("[aria-invalid]").forEach((control) => control.removeAttribute("aria-invalid"));
  const fault = form.querySelector(".form-fault");
  if (fault) fault.hidden = true;
}

function tell(form, problem, places) {
  const elsewhere = (problem.errors ?? []).filter((one) => !atItsField(form, one, places));
  const told = problem.errors?.length && !elsewhere.length ? ["Please look at the marked fields."] : [problem.detail, problem.hint];
  const fault = form.querySelector(".form-fault");
  fault.replaceChildren(...[...told, ...elsewhere.map((one) => `${one.pointer} ${one.detail}`)].filter(Boolean).map(paragraph));
  fault.hidden = false;
  (form.querySelector('[aria-invalid="true"]') ?? form.querySelector(".is-invalid input"))?.focus();
}

function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

// Shows one fault under the nearest field that its pointer lies in; false when the form has none.
function atItsField(form, { pointer, detail }, places) {
  for (let at = pointer; at; at = at.slice(0, at.lastIndexOf("/"))) {
    const field = form.querySelector(`[data-pointer="${CSS.escape(at)}"]`);
    const line = field?.querySelector(":scope > .invalid");
    if (!line) continue;
    line.textContent = line.hidden ? detail : `${line.textContent}; ${detail}`;
    line.hidden = false;
    field.classList.add("is-invalid");
    field.closest("details")?.setAttribute("open", "");
    (places.get(pointer) ?? field.querySelector("input, textarea, select"))?.setAttribute("aria-invalid", "true");
    return true;
  }
  return false;
}
