// Moments in the viewer's own zone and words; the whole moment is in the title.
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function localize(root) {
  for (const time of root.querySelectorAll("time[data-when]")) {
    const moment = new Date(time.dateTime);
    time.textContent = spoken(moment);
    time.title = whole.format(moment);
  }
}

function spoken(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const ago = Math.abs(seconds);
  if (ago < 45) return relative.format(0, "second");
  if (ago < 45 * 60) return relative.format(Math.round(seconds / 60), "minute");
  if (ago < 22 * 3600) return relative.format(Math.round(seconds / 3600), "hour");
  return day.format(moment);
}
