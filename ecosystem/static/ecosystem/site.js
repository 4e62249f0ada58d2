// Two conveniences; every page works without them: filters apply on change, and the colour scheme is remembered.
const root = document.documentElement;
const SCHEMES = ["auto", "light", "dark"];

function scheme() {
  try { return localStorage.getItem("scheme") ?? "auto"; } catch { return "auto"; }
}

function show(name) {
  root.dataset.scheme = name;
  for (const button of document.querySelectorAll("[data-scheme-switch]")) {
    button.textContent = `Colours: ${name}`;
    button.hidden = false;
  }
}

root.dataset.scheme = scheme();

document.addEventListener("DOMContentLoaded", () => {
  show(scheme());
  // After a filter was applied, the page comes back to the control that applied it.
  const last = sessionStorage.getItem("focus");
  sessionStorage.removeItem("focus");
  if (last) document.querySelector(last)?.focus();
});

document.addEventListener("click", (event) => {
  if (!event.target.matches("[data-scheme-switch]")) return;
  const next = SCHEMES[(SCHEMES.indexOf(scheme()) + 1) % SCHEMES.length];
  try { localStorage.setItem("scheme", next); } catch { /* private mode: the choice lasts for this page */ }
  show(next);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-apply]");
  if (!form || !matchMedia("(min-width: 56.25rem)").matches) return;
  const { name, value, type } = event.target;
  if (type !== "checkbox" && event.target.tagName !== "SELECT") return;
  sessionStorage.setItem("focus", `[name="${name}"]` + (type === "checkbox" ? `[value="${CSS.escape(value)}"]` : ""));
  form.requestSubmit();
});
