// Draws every `[data-figure]` with Plotly in the page's own colours, and saves a chart's table as CSV.
const dark = matchMedia("(prefers-color-scheme: dark)");

function colours() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: token("ink"),
    soft: token("soft"),
    line: token("line"),
    way: [token("accent"), token("beat"), token("running"), token("bad"), token("good"), token("line-strong"), "#8a5fbf", "#c2698f"],
  };
}

function layout(wanted) {
  const { ink, soft, line, way } = colours();
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, tickfont: { color: soft }, automargin: true };
  const axes = Object.fromEntries(
    [...new Set(["xaxis", "yaxis", ...Object.keys(wanted).filter((name) => /^[xy]axis\d*$/.test(name))])].map((name) => [
      name,
      { ...axis, ...wanted[name] },
    ]),
  );
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: ink, family: getComputedStyle(document.body).fontFamily, size: 13 },
    colorway: way,
    margin: { l: 8, r: 8, t: 8, b: 8 },
    legend: { orientation: "h", y: -0.18 },
    hoverlabel: { namelength: -1 },
    ...wanted,
    ...axes,
  };
}

// Plotly reads texts as markup, links among them; a channel's name may come from anybody's browser and is no markup.
const plain = (_, value) => (typeof value === "string" ? value.replaceAll("&", "&amp;").replaceAll("<", "&lt;") : value);

function draw(canvas) {
  const figure = JSON.parse(canvas.dataset.figure, plain);
  const options = { responsive: true, displaylogo: false, displayModeBar: false };
  globalThis.Plotly.react(canvas, figure.data, layout(figure.layout ?? {}), options);
}

const drawAll = (root) => root.querySelectorAll("[data-figure]").forEach(draw);

function asCsv(table) {
  // A text that begins like a formula is not one: a spreadsheet must not run it.
  const safe = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  const cell = (one) => one.dataset.value ?? safe(one.textContent.trim());
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [...table.rows].map((row) => [...row.cells].map((one) => quoted(cell(one))).join(",")).join("\r\n");
}

function save(button) {
  const table = document.getElementById(button.dataset.csv);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([asCsv(table)], { type: "text/csv" }));
  link.download = `${button.dataset.csv.replace(/-table$/, "")}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

drawAll(document);
dark.addEventListener("change", () => drawAll(document));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-csv]");
  if (button) save(button);
});
// live.js puts fresh regions into the page; their charts are drawn when they come.
new MutationObserver((changes) => {
  const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.nodeType === Node.ELEMENT_NODE && node.dataset.live);
  added.forEach(drawAll);
}).observe(document.querySelector("main"), { childList: true, subtree: true });
