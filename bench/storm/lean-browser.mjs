// A browser of one login: its cookies, and the forms of the broker's own pages, read with as little work as possible.
// Any answer of 429 or 503 is waited for as Retry-After says and tried again.
const REDIRECTS = 10;
/** When a refusal does not say how long. */
const USUAL_WAIT_S = 1;

/**
 * @param pools undici pools, one per replica; every request goes to the next one
 * @param host the broker's public host: every replica is reached under it, as behind a load balancer
 * @param onRefusal is told each 429 and 503: `(status)`
 */
export function leanBrowser({ pools, host, address, onRefusal, signal }) {
  const cookies = new Map();
  let next = Math.floor(Math.random() * pools.length);

  /** @returns `{ status, location, text }` of what is neither 429 nor 503 */
  async function send(path, { method = "GET", form, headers = {} } = {}) {
    for (;;) {
      const pool = pools[next++ % pools.length];
      const {
        statusCode,
        headers: received,
        body,
      } = await pool.request({
        path,
        method,
        signal,
        headers: {
          host,
          "x-forwarded-for": address,
          ...(cookies.size > 0 ? { cookie: cookieText(cookies) } : {}),
          ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
          ...headers,
        },
        ...(form ? { body: new URLSearchParams(form).toString() } : {}),
      });
      const text = await body.text();
      for (const line of [received["set-cookie"] ?? []].flat()) keep(cookies, line);
      if (statusCode !== 429 && statusCode !== 503) return { status: statusCode, location: received.location, text };
      onRefusal(statusCode);
      await wait(Number(received["retry-after"] ?? USUAL_WAIT_S), signal);
    }
  }

  const page = (path, options = {}) => send(path, { ...options, headers: { accept: "text/html", ...options.headers } });

  /** Goes after redirects as long as they stay with the broker. */
  async function follow(answer) {
    let current = answer;
    for (let hops = 0; hops < REDIRECTS; hops++) {
      if (current.location === undefined || !current.location.startsWith("/")) return current;
      current = { ...(await page(current.location)), path: current.location };
    }
    throw new Error("the broker redirected too often");
  }

  return {
    send,
    open: async (path) => await follow({ ...(await page(path)), path }),
    /** Fills in the page's one field and sends its form. */
    async submit({ path, text }, field, value) {
      const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? /value="([^"]+)" name="csrf"/.exec(text)?.[1];
      const action = /<form\b[^>]*action="([^"]*)"/.exec(text)?.[1] || path;
      if (!text.includes(`name="${field}"`)) throw new Error(`the page does not ask for ${field}: ${describe(text)}`);
      const headers = { origin: `http://${host}` };
      const sent = await page(action, { method: "POST", form: { csrf: csrf ?? "", [field]: value }, headers });
      return await follow({ ...sent, path: action });
    },
  };
}

function cookieText(cookies) {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

function keep(cookies, line) {
  const [pair] = line.split(";", 1);
  const at = pair.indexOf("=");
  if (/;\s*max-age=0\b/i.test(line)) cookies.delete(pair.slice(0, at));
  else cookies.set(pair.slice(0, at), pair.slice(at + 1));
}

function describe(html) {
  const words = (pattern) =>
    pattern
      .exec(html)?.[1]
      ?.replaceAll(/<[^>]*>/g, "")
      .trim();
  return [words(/<h1[^>]*>([\s\S]*?)<\/h1>/), words(/role="(?:alert|status)"[^>]*>([\s\S]*?)<\//)]
    .filter(Boolean)
    .join(": ");
}

/** Resolves after so many seconds; rejects when it is given up. */
function wait(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    }, seconds * 1000);
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal?.aborted) giveUp();
    else signal?.addEventListener("abort", giveUp, { once: true });
  });
}
