// The curves: training loss by round, and ranking quality with the baselines as labelled reference lines. Uses uPlot (global).
import { lossCurve, metricCurve } from "./curves.js";

const learner = document.querySelector(".charts")?.dataset.learner;
const plots = new Map(); // element → { plot, shape }
const empty = {
  "loss": "The loss appears with the first round that measures one.",
  "default": "Appears after the first evaluation.",
};
let last = [[], []];
let lastRound = 2;

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { forget(); drawCharts(...last); });

export function drawCharts(rounds, evaluations) {
  last = [rounds, evaluations];
  lastRound = Math.max(2, ...rounds.map(r => r.round), ...evaluations.map(e => e.round)); // one axis for all charts
  for (const element of document.querySelectorAll("[data-chart]")) {
    const name = element.dataset.chart;
    draw(element, name === "loss" ? lossCurve(rounds) : metricCurve(name, evaluations, learner));
  }
}

function draw(element, curve) {
  if (curve.x.length === 0 && curve.references.length === 0) {
    const hint = Object.assign(document.createElement("p"), { className: "hint", textContent: empty[element.dataset.chart] ?? empty.default });
    element.replaceChildren(hint);
    return;
  }
  const shape = JSON.stringify([curve.references, dots(curve)]); // what a plot cannot change later
  const known = plots.get(element);
  const data = curve.x.length > 0 ? [curve.x, curve.test, curve.validation] : [[1, 2], [null, null], [null, null]];
  if (known?.shape === shape) {
    known.plot.setData(data);
    return;
  }
  known?.plot.destroy();
  element.replaceChildren();
  plots.set(element, { shape, plot: new uPlot(options(element, curve), data, element) });
}

function options(element, curve) {
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: colour("muted"), font, grid: { stroke: colour("grid"), width: 1 }, ticks: { show: false }, gap: 6 };
  return {
    width: Math.max(200, element.clientWidth), height: element.clientHeight,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    padding: [10, 8, 0, 0],
    // From round 0 where the untrained model was evaluated.
    scales: { x: { time: false, range: plot => [Math.min(1, plot.data[0][0] ?? 1), lastRound] }, y: { range: (_, low, high) => rangeOfValues(low, high, curve.references) } },
    axes: [
      { ...axis, size: 26, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
      { ...axis, size: 46, space: 34, values: (_, ticks) => ticks.map(t => Number(t.toPrecision(4)).toString()) },
    ],
    series: [
      {},
      { stroke: colour("accent"), width: 2, spanGaps: true, points: { show: dots(curve), size: 6, fill: colour("accent") } },
      { stroke: colour("accent"), width: 1.5, dash: [5, 4], spanGaps: true, points: { show: false } },
    ],
    plugins: [references(curve.references, colour, font), readout(element)],
  };
}

// A few points are seen as points; one alone could not be seen otherwise.
const dots = curve => curve.test.filter(y => y !== null).length < 12;

function rangeOfValues(low, high, referenceLines) {
  const values = [low, high, ...referenceLines.map(r => r.value)].filter(Number.isFinite);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = (most - least || Math.abs(most) || 1) * 0.12;
  return [referenceLines.length > 0 ? Math.max(0, least - margin) : least - margin, most + margin];
}

// Dashed lines with their names at the left, moved apart where they would cover each other.
function references(lines, colour, font) {
  return { hooks: { draw: u => {
    const { ctx } = u, { left, width } = u.bbox, ratio = devicePixelRatio;
    const sorted = lines.map(l => ({ ...l, y: u.valToPos(l.value, "y", true) })).sort((a, b) => b.y - a.y);
    ctx.save();
    ctx.strokeStyle = colour("reference");
    ctx.fillStyle = colour("muted");
    ctx.font = font.replace("11px", `${11 * ratio}px`);
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    ctx.lineWidth = ratio;
    let above = Infinity;
    for (const line of sorted) {
      ctx.setLineDash([4 * ratio, 4 * ratio]);
      ctx.beginPath();
      ctx.moveTo(left, line.y);
      ctx.lineTo(left + width, line.y);
      ctx.stroke();
      const y = Math.min(line.y - 4 * ratio, above - 13 * ratio);
      ctx.setLineDash([]);
      ctx.save();
      ctx.strokeStyle = colour("card"); // keeps the name readable where the curve passes
      ctx.lineWidth = 4 * ratio;
      ctx.lineJoin = "round";
      ctx.strokeText(line.name, left + 6 * ratio, y);
      ctx.restore();
      ctx.fillText(line.name, left + 6 * ratio, y);
      above = y;
    }
    ctx.restore();
  } } };
}

// The value under the pointer, beside the chart's caption; the last one otherwise. Validation is the dashed line.
function readout(element) {
  const caption = element.closest("figure").querySelector("figcaption");
  const place = caption.querySelector("output") ?? caption.appendChild(document.createElement("output"));
  const show = u => {
    const [x, test, validation] = u.data;
    const i = u.cursor.idx ?? x.length - 1;
    const [value, split] = test[i] != null ? [test[i], ""] : [validation[i], "validation "];
    place.textContent = value == null ? "" : `${split}${value.toFixed(4)} · round ${x[i]}`;
  };
  return { hooks: { setCursor: show, setData: show, ready: show } };
}

function forget() {
  for (const { plot } of plots.values()) plot.destroy();
  plots.clear();
}

const sizes = new ResizeObserver(entries => {
  for (const { target } of entries) {
    plots.get(target)?.plot.setSize({ width: Math.max(200, target.clientWidth), height: target.clientHeight });
  }
});
for (const element of document.querySelectorAll("[data-chart]")) sizes.observe(element);
