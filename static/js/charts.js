// Draws the plotly figures of components/chart.html in the portal's colours, when they come into view.
(() => {
  let plotly;

  function token(name) {
    const probe = document.createElement("i");
    probe.className = `chart-token chart-token--${name}`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return `rgb(${red}, ${green}, ${blue})`;
  }

  // plotly's own <style> is refused by the content security policy; this link takes its place.
  function library(urls, load) {
    if (!document.getElementById("plotly.js-style-global")) {
      const link = document.createElement("link");
      link.id = "plotly.js-style-global";
      link.className = "no-inline-styles";
      link.rel = "stylesheet";
      link.href = urls.plotlyCss;
      document.head.append(link);
    }
    plotly ??= load(urls.plotly).then(async () => {
      if (!document.documentElement.lang.startsWith("de")) return;
      window.module = {};
      await load(urls.plotlyDe);
      window.Plotly.register(window.module.exports);
      delete window.module;
    });
    return plotly;
  }

  // On a phone the legend stands above the plot and the dates lie flat; a figure's own wishes are for wide screens.
  function narrowed(layout, traces) {
    const named = traces.filter((trace) => trace.showlegend !== false && trace.name).length;
    return {
      ...layout,
      margin: { ...layout.margin, t: named > 1 ? 12 + 22 * named : 12, r: 16 },
      legend: { ...layout.legend, orientation: "h", x: 0, xanchor: "left", y: 1, yanchor: "bottom" },
      xaxis: { ...layout.xaxis, nticks: 4, tickangle: 0 },
    };
  }

  function themed(layout) {
    const [text, muted, line, surface] = ["text", "muted", "line", "surface"].map(token);
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: muted, tickcolor: line, automargin: true };
    const font = { family: getComputedStyle(document.body).fontFamily, size: 14, color: text };
    return {
      margin: { t: 16, r: 16, b: 40, l: 48 },
      ...layout,
      title: undefined,
      separators: document.documentElement.lang.startsWith("de") ? ",." : ".,",
      template: {
        layout: {
          colorway: [1, 2, 3, 4, 5, 6].map((number) => token(`chart-${number}`)),
          paper_bgcolor: "rgba(0,0,0,0)",
          plot_bgcolor: "rgba(0,0,0,0)",
          font,
          hoverlabel: { bgcolor: surface, bordercolor: line, font },
          legend: { orientation: "h", y: -0.15, font: { color: muted } },
          xaxis: axis,
          yaxis: { ...axis, ticks: "outside", ticklen: 6, tickcolor: "rgba(0,0,0,0)" },
        },
      },
    };
  }

  async function draw(canvas, urls, load) {
    const figure = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
    await library(urls, load);
    let layout = themed(figure.layout ?? {});
    if (canvas.clientWidth < 480) layout = narrowed(layout, figure.data);
    if (layout.height) canvas.style.height = `${layout.height}px`;
    await window.Plotly.react(canvas, figure.data, layout, {
      displaylogo: false,
      responsive: true,
      showSendToCloud: false,
      plotlyServerURL: "",
      locale: document.documentElement.lang.startsWith("de") ? "de" : "en",
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    });
  }

  let sources;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const canvas of document.querySelectorAll("[data-chart].js-plotly-plot")) draw(canvas, ...sources);
  });

  window.drawCharts = (urls, load) => {
    sources = [urls, load];
    const seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        draw(target, urls, load).catch(() => {
          target.hidden = true;
          target.closest(".chart").querySelector("[data-chart-table]").open = true;
        });
      }
    }, { rootMargin: "200px" });
    for (const canvas of document.querySelectorAll("[data-chart][hidden]")) {
      canvas.hidden = false;
      canvas.closest(".chart").querySelector("[data-chart-table]").open = false;
      seen.observe(canvas);
    }
  };
})();
