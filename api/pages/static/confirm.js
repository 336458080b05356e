// A question in a dialog; resolves to whether it was answered with yes.
export function confirmed(question, yes) {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  text.textContent = question;
  text.id = "question";
  dialog.setAttribute("aria-labelledby", "question");
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "form-end";
  form.append(button(yes?.trim() || "Yes", "yes", "btn-primary"), button("Not now", "no", "btn-outline-secondary"));
  dialog.append(text, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
  });
}

function button(label, value, style) {
  const made = document.createElement("button");
  made.className = `btn ${style}`;
  made.value = value;
  made.textContent = label;
  return made;
}
