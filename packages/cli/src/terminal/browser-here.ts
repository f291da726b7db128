/** What this needs of `process`. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: { readonly isTTY?: boolean | undefined };
  readonly stdout: { readonly isTTY?: boolean | undefined };
}

/** Whether a person sits at this terminal, with a browser on the same machine. */
export function canAskPerson({ platform, env, stdin, stdout }: Surroundings): boolean {
  if (!stdin.isTTY || !stdout.isTTY || env.CI) return false;
  // A browser that opened over there could not come back to 127.0.0.1 over here.
  if (env.SSH_CONNECTION) return false;
  if (platform === "darwin" || platform === "win32") return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);
}
