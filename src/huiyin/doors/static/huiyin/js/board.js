/* Draw the figures of the board from the tables beneath them: the table is the source. */
"use strict";

(() => {
  const boxes = [...document.querySelectorAll("figure[data-chart]")];
  const drawn = [];
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  function read(box) {
    const names = [...box.querySelectorAll("thead th")].map((th) => th.textContent.trim());
    const rows = [...box.querySelectorAll("tbody tr")];
    const labels = rows.map((row) => row.querySelector("th").textContent.trim());
    const values = names.map((_name, i) =>
      rows.map((row) => {
        const text = row.querySelectorAll("td")[i].dataset.value;
        return text === "" ? null : Number(text);
      }),
    );
    return { names, labels, values };
  }

  function option(box) {
    const { names, labels, values } = read(box);
    const ink = token("--ink-2");
    const line = token("--line");
    const kind = box.dataset.chart;
    const text = { color: ink, fontFamily: token("--font"), fontSize: 12 };
    const sideways = kind !== "line" && labels.some((l) => l.length > 5);
    const names_axis = {
      type: "category",
      data: labels,
      inverse: sideways,
      axisLabel: { ...text, hideOverlap: !sideways, interval: sideways ? 0 : "auto" },
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
    };
    const values_axis = {
      type: "value",
      minInterval: 1,
      axisLabel: text,
      splitLine: { lineStyle: { color: line } },
    };
    const base = {
      animation: !calm,
      textStyle: text,
      color: [1, 2, 4, 3, 5, 6].map((i) => token(`--chart-${i}`)),
      aria: { enabled: true, decal: { show: kind === "pie" } },
      tooltip: {
        /* drawn on the canvas: no inline style is needed */
        renderMode: "richText",
        trigger: kind === "pie" ? "item" : "axis",
        axisPointer: { type: kind === "line" ? "line" : "shadow", shadowStyle: { opacity: 0.15 } },
        backgroundColor: token("--toast"),
        borderWidth: 0,
        textStyle: { ...text, color: token("--on-toast") },
      },
      legend: { show: names.length > 1 || kind === "pie", top: 0, right: 0, itemWidth: 12, itemHeight: 12, textStyle: text },
      grid: { left: 8, right: 16, top: names.length > 1 ? 36 : 12, bottom: 4, containLabel: true },
    };
    if (kind === "pie") {
      return {
        ...base,
        series: [{ type: "pie", radius: ["45%", "72%"], label: { ...text }, data: labels.map((name, i) => ({ name, value: values[0][i] })) }],
      };
    }
    return {
      ...base,
      xAxis: sideways ? values_axis : names_axis,
      yAxis: sideways ? names_axis : values_axis,
      series: names.map((name, i) => ({
        name,
        type: kind === "line" ? "line" : "bar",
        stack: kind === "stack" ? "all" : undefined,
        data: values[i],
        barMaxWidth: 14,
        barGap: "15%",
        itemStyle: kind === "line" ? {} : { borderRadius: sideways ? [0, 3, 3, 0] : [3, 3, 0, 0] },
        showSymbol: labels.length < 15,
        smooth: false,
        lineStyle: { width: 2 },
        areaStyle: kind === "line" && names.length === 1 ? { opacity: 0.12 } : undefined,
      })),
    };
  }

  /* Figures of different units side by side: a quiet bar in each cell, measured by its column. */
  function columns(box) {
    const { names, values } = read(box);
    const rows = [...box.querySelectorAll("tbody tr")];
    names.forEach((_name, i) => {
      const most = Math.max(...values[i].filter((v) => v !== null), 0);
      rows.forEach((row, n) => {
        const cell = row.querySelectorAll("td")[i];
        const share = most && values[i][n] !== null ? values[i][n] / most : 0;
        cell.style.setProperty("--share", `${Math.round(share * 100)}%`);
      });
    });
  }

  for (const box of boxes) {
    if (box.dataset.chart === "columns") {
      columns(box);
      continue;
    }
    const target = box.querySelector(".chart");
    if (!target || !window.echarts) continue;
    target.hidden = false;
    const many = box.querySelectorAll("tbody tr").length;
    const sideways = box.dataset.chart !== "line" && [...box.querySelectorAll("tbody th")].some((th) => th.textContent.trim().length > 5);
    target.style.height = sideways ? `${Math.max(220, many * 44 + 60)}px` : "260px";
    const chart = window.echarts.init(target, null, { renderer: "canvas" });
    chart.setOption(option(box));
    drawn.push([box, chart]);
    new ResizeObserver(() => chart.resize()).observe(target);
  }

  const redraw = () => drawn.forEach(([box, chart]) => chart.setOption(option(box), true));
  document.addEventListener("themed", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
})();
