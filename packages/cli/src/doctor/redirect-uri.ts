import { createServer } from "node:net";
import { bad, type Finding, ok, warn } from "./finding.ts";

/** Whether a browser that comes back to this redirect URI would find the keeper. */
export async function checkRedirectUri(redirectUri: string): Promise<Finding[]> {
  const url = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  if (!url)
    return [bad("redirect-uri", "The redirect URI is no URL.", "Add the account again with the registered one.")];
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isLoopback = host === "127.0.0.1" || host === "::1" || host === "localhost";
  if (!isLoopback) {
    return [
      warn(
        "redirect-uri",
        "The redirect URI leads to another machine: the answer of a login does not come back by itself.",
        "Register http://127.0.0.1:7475/callback with the broker, or paste the address you are sent to.",
      ),
    ];
  }
  if (url.protocol !== "http:") {
    return [bad("redirect-uri", "A loopback redirect URI must be http: the keeper has no certificate for it.")];
  }
  if (url.port === "") {
    return [
      warn(
        "redirect-uri",
        "The redirect URI has no port: listening on 80 needs privileges.",
        "Register one with a port, 7475 for instance.",
      ),
    ];
  }
  return [
    ok("redirect-uri", "The redirect URI leads to this machine."),
    await checkPort("callback-port", Number(url.port), host),
  ];
}

/** Whether a fixed port is free. @param host where it would be bound */
export async function checkPort(check: string, port: number, host = "127.0.0.1"): Promise<Finding> {
  const code = await bindOnce(port, host === "localhost" ? "127.0.0.1" : host);
  if (code === undefined) return ok(check, `Port ${port} is free.`);
  if (code === "EADDRINUSE") {
    return warn(
      check,
      `Port ${port} is in use.`,
      "If kunji keep or another login holds it, all is well; else end that program.",
    );
  }
  return bad(check, `Port ${port} cannot be opened (${code}).`);
}

/** @returns undefined when it worked, else the error's code */
async function bindOnce(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  try {
    return await new Promise((resolve) => {
      server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "failed"));
      server.listen(port, host, () => resolve(undefined));
    });
  } finally {
    server.close();
  }
}
