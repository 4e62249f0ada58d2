// What a box of Markdown becomes, below the box instead of in another tab.
"use strict";
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-preview]");
  if (!button) return;
  event.preventDefault();
  const box = document.getElementById(button.dataset.preview), data = new FormData();
  data.append("preview", "text");
  data.append("text", box.value);
  data.append("alone", "1");
  data.append("csrfmiddlewaretoken", button.form.elements.csrfmiddlewaretoken.value);
  const place = button.closest(".markdown-box").querySelector(".markdown-preview");
  const answer = await fetch(button.formAction, { method: "POST", body: data }).catch(() => null);
  if (answer?.ok && !answer.redirected) place.innerHTML = await answer.text();
  else place.textContent = "The preview did not load. Your text is still here; try again.";
  place.hidden = false;
});
