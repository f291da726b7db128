import { authoritiesOf } from "./request-guards.ts";

/** The address people use, and the Host values that mean it (S-107). */
export class ListeningAddress {
  readonly #hosts = new Set<string>();
  #url: string;

  constructor(publicUrl: string | undefined) {
    this.#url = publicUrl ? new URL(publicUrl).origin : "";
    if (publicUrl) for (const host of authoritiesOf(publicUrl)) this.#hosts.add(host);
  }

  url(): string {
    return this.#url;
  }

  has(host: string): boolean {
    return this.#hosts.has(host);
  }

  /** Adds the addresses of this machine: health checks and tests come that way also when there is a public URL. */
  listensAt(host: string, port: number): void {
    const literal = host.includes(":") ? `[${host}]` : host;
    if (this.#url === "") this.#url = `http://${literal === "localhost" ? "127.0.0.1" : literal}:${port}`;
    for (const name of ["127.0.0.1", "localhost", "[::1]"]) this.#hosts.add(`${name}:${port}`);
  }
}
