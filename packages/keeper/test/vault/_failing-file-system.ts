import { type FileSystem, nodeFileSystem } from "../../src/vault/file-system.ts";

export interface FailingFileSystem {
  readonly fileSystem: FileSystem;
  /** Every step that can fail, in order: `open vault.json.….tmp`, `write`, `sync`, `rename`. */
  readonly steps: string[];
  /** From now on the step of this number, counted from 0, fails with this code. */
  readonly failAt: (step: number, code: string) => void;
}

/** The real file system, of which one step fails as a full or broken disk would. Reads are no steps. */
export function failingFileSystem(): FailingFileSystem {
  const steps: string[] = [];
  let failing = Number.POSITIVE_INFINITY;
  let code = "";
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    steps.push(name);
    if (steps.length - 1 === failing) throw Object.assign(new Error(`${code}: injected`), { code });
    return await work();
  };
  const inHandle = <Handle extends object>(handle: Handle): Handle =>
    new Proxy(handle, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        const call = (...words: unknown[]): unknown => Reflect.apply(value, target, words);
        if (property !== "writeFile" && property !== "sync" && property !== "utimes") return call;
        return (...words: unknown[]) => step(property, async () => await call(...words));
      },
    });
  return {
    steps,
    failAt(number, errorCode) {
      steps.length = 0;
      failing = number;
      code = errorCode;
    },
    fileSystem: {
      ...nodeFileSystem,
      open: async (...words) => {
        const handle =
          words[1] === "wx"
            ? await step("create", () => nodeFileSystem.open(...words))
            : await nodeFileSystem.open(...words);
        return inHandle(handle);
      },
      rename: (...words) => step("rename", () => nodeFileSystem.rename(...words)),
      unlink: (...words) => step("unlink", () => nodeFileSystem.unlink(...words)),
    },
  };
}
