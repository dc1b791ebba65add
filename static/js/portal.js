// Niceties on pages that work without them. Loads htmx and the chart code only where a page uses them.
(() => {
  const urls = document.currentScript.dataset;
  let charts;

  function load(src) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = src;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  }

  function wire() {
    if (document.querySelector("[data-chart][hidden]")) {
      charts ??= load(urls.charts);
      charts.then(() => window.drawCharts(urls, load));
    }
    for (const note of document.querySelectorAll("[data-dismissable]:not([data-wired])")) {
      note.dataset.wired = "";
      const button = document.createElement("button");
      button.type = "button";
      button.className = "note__close";
      button.setAttribute("aria-label", urls.textClose);
      button.innerHTML = '<span class="kern-icon kern-icon--close" aria-hidden="true"></span>';
      button.addEventListener("click", () => note.remove());
      note.append(button);
    }
    document.querySelector("[data-focus]:not([data-wired])")?.focus();
    for (const summary of document.querySelectorAll("[data-focus]")) summary.dataset.wired = "";
  }

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("[data-menu][open]")) if (menu !== except) menu.open = false;
  }

  document.addEventListener("click", (event) => closeMenus(event.target.closest("[data-menu]")));
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("[data-menu]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("[data-menu][open]");
    closeMenus();
    menu?.querySelector("summary").focus();
  });

  // A second press on the button of a form that is already on its way must not send it twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (Date.now() - (form.dataset.sent ?? 0) < 3000) event.preventDefault();
    else form.dataset.sent = Date.now();
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // Answers that are not swapped would leave somebody who pressed a button without one; a part that only loads stays as it is.
  function failed(event) {
    const { request, response } = event.detail.ctx;
    const swapped = response && response.status < 500 && response.status !== 403 && response.status !== 404;
    if (request?.method === "GET" || swapped) return;
    const note = document.createElement("div");
    note.className = "note note--danger";
    note.dataset.dismissable = "";
    note.innerHTML = '<span class="kern-icon kern-icon--danger" aria-hidden="true"></span><p></p>';
    note.querySelector("p").textContent = urls.textFailed;
    document.getElementById("messages")?.append(note);
    wire();
  }
  document.addEventListener("htmx:response:error", failed);
  document.addEventListener("htmx:error", failed);
  document.addEventListener("htmx:after:swap", wire);
  wire();
  if (document.querySelector("[hx-get],[hx-post],[hx-put],[hx-patch],[hx-delete],[hx-boost]")) load(urls.htmx);
})();
