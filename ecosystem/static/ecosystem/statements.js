// Rows of statements: the cursor in a new row, a key for the next, fields on demand, sources by their address,
// and the status that the chosen sources allow.
"use strict";
{
  const ADDRESS = /^\s*(https?:\/\/|www\.)\S+\s*$/i;
  const OF_ROW = /-(sources|kind|actor)$/;
  const OF_RECORD = ["name", "name_zh", "legal_name", "other_names", "parent", "companies", "institutions"];

  const rowOf = (element) => element.closest(".statements .inline-related");
  const boxOf = (element) => element.closest(".related-widget-wrapper")?.querySelector("select[name$=-sources]");

  // Select2 gives the field that one types into no name.
  function nameFields() {
    for (const field of document.querySelectorAll(".related-widget-wrapper .select2-search__field")) {
      const box = field.closest(".related-widget-wrapper").querySelector("select");
      field.setAttribute("aria-label", box.labels[0]?.textContent.replace(/:$/, "") ?? "");
    }
  }

  document.addEventListener("formset:added", ({ target }) => {
    if (rowOf(target)) target.querySelector(".form-row :is(input, textarea)")?.focus();
    setTimeout(nameFields);
  });

  async function open(link) {
    const row = rowOf(link);
    const answer = await fetch(`${link.dataset.fields}?row=${row.id.split("-").pop()}`).catch(() => null);
    if (!answer?.ok || answer.redirected) {
      link.textContent = "Not loaded. Try again.";
      return;
    }
    row.insertAdjacentHTML("beforeend", await answer.text());
    link.remove();
    row.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: "statements" } }));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-fields]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });

  // The “+” beside a box takes along the address that was typed into it. Before Django's own handler.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".add-related"), box = link && boxOf(link);
    if (!box) return;
    const target = new URL(link.href);
    target.searchParams.delete("url");
    if (box.dataset.typed) target.searchParams.set("url", box.dataset.typed);
    link.href = target.href;
  }, true);

  document.addEventListener("input", ({ target }) => {
    const box = target.matches(".select2-search__field") && boxOf(target);
    if (box) box.dataset.typed = ADDRESS.test(target.value) ? target.value.trim() : "";
  });

  async function take(field, box) {
    const query = new URLSearchParams({ url: field.value.trim() });
    const answer = await fetch(`${rowOf(box).closest(".statements").dataset.findSource}?${query}`);
    const found = answer.ok ? await answer.json() : {};
    if (!found.id) {
      box.closest(".related-widget-wrapper").querySelector(".add-related")?.click();
      return;
    }
    const option = [...box.options].find(({ value }) => value === found.id) ?? new Option(found.text, found.id);
    option.selected = true;
    box.add(option);
    field.value = "";
    django.jQuery(box).trigger("change").select2("close");
  }

  document.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    if (event.key !== "Enter" || !row) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      row.closest(".statements").querySelector(".add-row :is(a, button)")?.click();
      return;
    }
    const box = event.target.matches(".select2-search__field") && boxOf(event.target);
    if (box && ADDRESS.test(event.target.value)) {
      event.preventDefault();
      event.stopPropagation();
      take(event.target, box);
    }
  }, true);

  async function explain(row) {
    const place = row.querySelector(".allowed"), form = row.closest("form"), query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (OF_RECORD.includes(name)) query.append(name, value);
      else if (name.startsWith(`${row.id}-`) && OF_ROW.test(name)) query.append(name.match(OF_ROW)[1], value);
    }
    row.dataset.asked = query;
    const answer = await fetch(`${row.closest(".statements").dataset.allowedStatus}?${query}`).catch(() => null);
    if (!place || !answer?.ok || row.dataset.asked !== String(query)) return;
    place.textContent = (await answer.json()).text;
  }

  // Select2 tells of a choice by an event of jQuery's, which no listener of the page hears.
  document.addEventListener("DOMContentLoaded", () => {
    django.jQuery(nameFields);
    django.jQuery(document).on("change", ({ target }) => {
      const row = rowOf(target);
      if (!row || !OF_ROW.test(target.name)) return;
      if (target.name.endsWith("-sources")) target.dataset.typed = "";
      explain(row);
    });
  });
}
