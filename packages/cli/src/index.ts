/** `import ... from "kunji"`: the clients, as `@kunji/client` has them. */
export * from "@kunji/client";
