// JSON pointers (RFC 6901) as names of form controls; "-" at the end appends to a list.
export function place(body, pointer, value) {
  const parts = pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = parts.pop();
  let at = body;
  parts.forEach((part, n) => {
    at[part] ??= (parts[n + 1] ?? last) === "-" ? [] : {};
    at = at[part];
  });
  if (last === "-") return at.push(value) - 1;
  at[last] = value;
  return null;
}

// The control's value as JSON; undefined where it is left out or blank.
export function valueOf(control) {
  const type = control.dataset.type ?? "string";
  if (type === "boolean") return control.checked;
  if (control.type === "checkbox" && !control.checked) return undefined;
  const text = control.value;
  if (text === "") return undefined;
  if (type === "integer" || type === "number") return Number.isNaN(Number(text)) ? text : Number(text);
  return type === "json" ? parsed(text) : text;
}

// What is no JSON goes as text: the server says what is wrong with it, at its place.
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
