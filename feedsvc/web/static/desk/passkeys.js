// Asks the browser for a passkey, and sends what it answers.
"use strict";

(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const problem = form.querySelector(".error");
  document.querySelector("[data-without]").hidden = true;
  const kind = window.PublicKeyCredential;
  const isNew = form.dataset.passkey === "create";

  const ask = async () => {
    if (typeof kind?.parseCreationOptionsFromJSON !== "function") return problem.dataset.old;
    const options = JSON.parse(form.dataset.options);
    try {
      const credential = isNew
        ? await navigator.credentials.create({ publicKey: kind.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: kind.parseRequestOptionsFromJSON(options) });
      form.elements[form.dataset.answer ?? "answer"].value = JSON.stringify(credential.toJSON());
    } catch {
      return problem.dataset.refused;
    }
    form.submit();
    return "";
  };

  let isAsking = false;
  const run = async () => {
    if (isAsking) return;
    isAsking = true;
    problem.textContent = "";
    problem.textContent = await ask();
    isAsking = false;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  const waits = "waits" in form.dataset; // for the button: there is another way on the page
  if (!waits && !document.querySelector(".notice.bad")) run(); // so does who was refused
})();
