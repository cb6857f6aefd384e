// Asks the browser for a passkey, or to make one, and sends what it gives as the form's `credential`. A form is hidden
// until here: without script, or in a browser without passkeys, it is not offered.
const binary = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => list?.map((one) => ({ ...one, id: binary(one.id) }));

// For browsers that cannot read and write the JSON of WebAuthn Level 3 themselves.
const options = {
  get: (given) => PublicKeyCredential.parseRequestOptionsFromJSON?.(given)
    ?? { ...given, challenge: binary(given.challenge), allowCredentials: known(given.allowCredentials) },
  create: (given) => PublicKeyCredential.parseCreationOptionsFromJSON?.(given)
    ?? {
      ...given, challenge: binary(given.challenge), user: { ...given.user, id: binary(given.user.id) },
      excludeCredentials: known(given.excludeCredentials),
    },
};
const written = (credential) => {
  if (credential.toJSON) return credential.toJSON();
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  const { id, type, authenticatorAttachment } = credential;
  const transports = credential.response.getTransports?.();
  return {
    id, type, authenticatorAttachment, rawId: text(credential.rawId),
    response: transports ? { ...response, transports } : response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
};

const tell = (fault) => {
  const problems = [...document.querySelectorAll("[data-passkey-problem]")];
  for (const one of problems) one.hidden = true;
  const there = fault.name === "InvalidStateError" && problems.find((one) => one.dataset.passkeyProblem === "there");
  (there || problems[0]).hidden = false;
};

const attach = (form) => {
  const { passkey: kind, options: json } = form.dataset;
  let waiting = new AbortController();
  let given = false;
  form.hidden = false;

  const ask = async (mediation) => {
    waiting.abort();
    const mine = waiting = new AbortController();
    try {
      const publicKey = options[kind](JSON.parse(json));
      const credential = await navigator.credentials[kind]({ publicKey, mediation, signal: mine.signal });
      form.elements.credential.value = JSON.stringify(written(credential));
      given = true;
      form.requestSubmit();
    } catch (fault) {
      if (!mine.signal.aborted && mediation !== "conditional") tell(fault);
    }
  };

  // Before whatever else listens: the form counts as sent once there is something to send.
  form.addEventListener("submit", (event) => {
    if (given) {
      given = false;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    ask();
  }, { capture: true });

  if ("atOnce" in form.dataset) ask();
  if ("conditional" in form.dataset) {
    PublicKeyCredential.isConditionalMediationAvailable?.().then((can) => { if (can) ask("conditional"); });
  }
};

if (window.PublicKeyCredential) document.querySelectorAll("form[data-passkey]").forEach(attach);
else document.querySelectorAll("[data-no-passkeys]").forEach((words) => { words.hidden = false; });
