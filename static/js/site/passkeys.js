/** Passkeys: `<form data-passkey="create|get" data-options="…">` asks the browser, fills in the answer and goes.
 *
 * Without this code, or where the browser has no passkeys, the button stays hidden and the form says why.
 */

function toBytes(text) {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

function toText(buffer) {
  const chars = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(chars.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const withBytes = (described) => (described ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function create(options) {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: withBytes(options.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  return described(made, { attestationObject: toText(made.response.attestationObject) });
}

async function get(options) {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: withBytes(options.allowCredentials),
  };
  const given = await navigator.credentials.get({ publicKey });
  const { authenticatorData, signature, userHandle } = given.response;
  return described(given, {
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: userHandle ? toText(userHandle) : null,
  });
}

function described(credential, response) {
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  };
}

function prepare(form) {
  const button = form.querySelector("[data-passkey-button]");
  const failed = form.querySelector("[data-passkey-failed]");
  const ask = form.dataset.passkey === "create" ? create : get;
  form.querySelector("[data-passkey-missing]").hidden = true;
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(await ask(JSON.parse(form.dataset.options)));
      // Not a submit event again: the form goes as it is.
      form.submit();
    } catch {
      failed.hidden = button.disabled = false;
    }
  });
}

if (window.isSecureContext && window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-passkey]")) prepare(form);
}
