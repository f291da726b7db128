// The bytes of the requests the servers are asked with: `before` + one code or token + `after`. A server with a `host`
// is called by that name.
import { clientForm, exchangeForm } from "./samples.mjs";

/** An exchange; codes of one server have one length. */
export function exchangeRequests(server, codes) {
  return formRequests(server, server.paths.token, "code", codes, exchangeForm(server.app));
}

export function introspectionRequests(server, tokens) {
  return formRequests(server, server.paths.introspection, "token", tokens, clientForm(server.app));
}

export function profileRequests({ port, paths, host }, tokens) {
  const head = [
    `GET ${paths.profile} HTTP/1.1`,
    `Host: ${host ?? `127.0.0.1:${port}`}`,
    "Accept: application/json",
    "Authorization: Bearer ",
  ];
  return { before: head.join("\r\n"), middles: tokens, after: "\r\n\r\n" };
}

function formRequests({ port, host }, path, field, middles, form) {
  const after = `&${new URLSearchParams(form)}`;
  const length = field.length + 1 + middles[0].length + after.length;
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host ?? `127.0.0.1:${port}`}`,
    "Accept: application/json",
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${length}`,
    "",
    `${field}=`,
  ];
  return { before: head.join("\r\n"), middles, after };
}
