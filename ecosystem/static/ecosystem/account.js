// Says in words when the browser gives no key. The library that asks for it writes to the console only.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelector("[data-key-error]").hidden = false;
});

// Connects a form to that library: what to connect stands on this script's own element.
const { form, ...ids } = document.currentScript.dataset;
if (form) window.allauth.webauthn.forms[form]({ ids: { ...ids, data: "js_data" } });
