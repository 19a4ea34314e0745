/** `data-chart="ID"`: draws what the JSON of that id says, in the theme's colours; a press on a mark opens its rows.
 * Loaded only by pages with a chart. The content security policy wants no inline style: SVG, and tips drawn in it. */
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

interface Series {
  name: string;
  kind: "bar" | "line";
  tone: string;
  second: boolean;
  values: (number | null)[];
  links: string[];
}

interface Chart {
  category: string;
  categories: string[];
  axes: string[];
  stacked: boolean;
  time: boolean;
  series: Series[];
}

const NARROW = 600;

/** Names that do not fit under their bars stand beside them: the bars lie. */
const liesDown = (chart: Chart, width: number): boolean => !chart.time && (width < NARROW || chart.categories.length > 8);

/** How many lines the legend takes, by a generous guess at its letters. */
const legendLines = (chart: Chart, width: number): number =>
  Math.ceil(chart.series.reduce((sum, { name }) => sum + 32 + name.length * (/[\u4e00-\u9fff]/.test(name) ? 14 : 8), 0) / width);

function options(chart: Chart, width: number, colour: (name: string) => string): Record<string, unknown> {
  const lies = liesDown(chart, width);
  const ink = colour("ink-soft");
  const line = { lineStyle: { color: colour("line-strong") } };
  const categories = {
    type: "category",
    data: chart.categories,
    name: lies ? "" : chart.category,
    nameLocation: "middle",
    nameGap: chart.time ? 28 : 8,
    nameTextStyle: { color: ink },
    nameMoveOverlap: true,
    inverse: lies,
    axisLine: line,
    axisTick: { show: false },
    axisLabel: { color: colour("ink"), hideOverlap: true, ...(chart.time ? {} : { interval: 0, width: lies ? Math.min(240, width * 0.4) : 110, overflow: "break" }) },
  };
  const values = chart.axes.map((name, i) => ({
    type: "value",
    name,
    nameLocation: lies ? "middle" : "end",
    nameGap: lies ? 26 : 12,
    nameTextStyle: { color: ink, align: lies ? "center" : i ? "right" : "left" },
    minInterval: 1,
    ...(i ? { min: 0, max: 100 } : {}),
    axisLabel: { color: ink },
    splitLine: { show: !i, lineStyle: { color: colour("line") } },
  }));
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 },
    grid: { left: 8, right: 12, top: legendLines(chart, width) * 24 + 34, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "all" },
    legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 14, textStyle: { color: colour("ink"), fontSize: 13 }, inactiveColor: colour("line") },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      axisPointer: { type: "shadow", shadowStyle: { color: colour("ink"), opacity: 0.06 } },
      backgroundColor: colour("sheet"),
      borderColor: colour("line-strong"),
      textStyle: { color: colour("ink"), fontSize: 13 },
    },
    [lies ? "yAxis" : "xAxis"]: categories,
    [lies ? "xAxis" : "yAxis"]: values,
    series: chart.series.map((series) => ({
      name: series.name,
      type: series.kind,
      [lies ? "xAxisIndex" : "yAxisIndex"]: series.second ? 1 : 0,
      data: chart.stacked ? series.values.map((value) => value || null) : series.values, // no line where nothing stands
      cursor: series.links.length ? "pointer" : "default",
      color: colour(series.tone),
      itemStyle: { borderColor: colour("sheet"), borderWidth: series.kind === "bar" && chart.stacked ? 1 : 0 },
      barMaxWidth: 36,
      symbol: "circle",
      symbolSize: 7,
      ...(chart.stacked && series.kind === "bar" ? { stack: "all" } : {}),
    })),
  };
}

function draw(place: HTMLElement): void {
  const chart = JSON.parse(document.getElementById(place.dataset.chart!)!.textContent!) as Chart;
  const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  place.hidden = false;
  place.classList.toggle("chart--tall", chart.categories.length > 8 && liesDown(chart, place.clientWidth));
  const drawn: ECharts = init(place, null, { renderer: "svg" });
  const redraw = (): void => drawn.setOption(options(chart, place.clientWidth, colour), true);
  redraw();
  drawn.on("click", (mark) => {
    const to = chart.series[mark.seriesIndex ?? -1]?.links[mark.dataIndex];
    if (to) location.assign(to);
  });
  new ResizeObserver(() => {
    drawn.resize();
    redraw();
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

document.querySelectorAll<HTMLElement>("[data-chart]").forEach(draw);
