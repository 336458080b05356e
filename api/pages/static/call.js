// Calls of the API in this browser's name: the cookie goes along by itself, the CSRF token as a header.
const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

const AWAY = { detail: "Drumbeat does not answer.", hint: "Check the connection and try again.", errors: [] };

// The answer's JSON (null without a body). Throws Refused with the problem object.
export async function call(method, path, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": csrf };
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers["Content-Type"] = "application/json";
  const content = form || body === undefined ? body : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: content });
  } catch {
    throw new Refused(AWAY);
  }
  const text = await answer.text();
  const found = answer.headers.get("Content-Type")?.includes("json") && text ? JSON.parse(text) : null;
  if (answer.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (!answer.ok) throw new Refused(found ?? { ...AWAY, detail: `The answer was ${answer.status}.` });
  return found;
}
