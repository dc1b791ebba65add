// Recomputes the hash of a receipt in the browser. Only the hash is sent, to find it on the public board.
(() => {
  const form = document.getElementById("receipt-check");
  if (!form || !window.crypto?.subtle) return;
  const line = document.getElementById("line");
  const file = document.getElementById("file");
  const shown = document.getElementById("hash");
  const verdict = document.getElementById("verdict");
  form.hidden = false;

  async function sha256(text) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // The commitment, not any text of the record: a hash that stands there by chance proves nothing.
  function isCommitment(record, hash) {
    return record.kind === "ballot" && JSON.parse(record.body).commitment === hash;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!line.value.trim()) {
      shown.textContent = "";
      verdict.textContent = form.dataset.empty;
      line.focus();
      return;
    }
    const hash = await sha256(line.value.trim());
    shown.textContent = hash;
    verdict.textContent = "";
    try {
      const response = await fetch(`${form.dataset.feed}?q=${hash}`, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(response.status);
      const { results } = await response.json();
      const record = results.find((each) => isCommitment(each, hash));
      verdict.textContent = record ? `${form.dataset.found} ${record.sequence}.` : form.dataset.missing;
    } catch {
      verdict.textContent = form.dataset.failed;
    }
  });
  file.addEventListener("change", async () => {
    if (file.files[0]) line.value = await file.files[0].text();
  });
})();
